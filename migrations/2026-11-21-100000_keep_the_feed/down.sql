DROP FUNCTION purge_trash(timestamptz, integer);
DROP FUNCTION prune_changes(timestamptz);
DROP FUNCTION snapshot_covers(pg_snapshot, pg_snapshot);
DROP FUNCTION renew_restored_feed();
DROP TRIGGER projects_raise_version ON projects;
DROP TRIGGER tags_raise_version ON tags;
DROP TRIGGER tasks_raise_version ON tasks;
CREATE TRIGGER projects_raise_version BEFORE UPDATE ON projects
    FOR EACH ROW EXECUTE FUNCTION raise_version();
CREATE TRIGGER tags_raise_version BEFORE UPDATE ON tags
    FOR EACH ROW EXECUTE FUNCTION raise_version();
CREATE TRIGGER tasks_raise_version BEFORE UPDATE ON tasks
    FOR EACH ROW EXECUTE FUNCTION raise_version();
DROP TRIGGER settings_note_writer ON settings;
DROP FUNCTION note_settings_writer();
ALTER TABLE settings DROP COLUMN feed_pruned, DROP COLUMN written_in;
