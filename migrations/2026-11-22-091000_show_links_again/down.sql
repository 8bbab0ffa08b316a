DROP TRIGGER projects_note_restored ON projects;
DROP TRIGGER tags_note_restored ON tags;
DROP FUNCTION note_restored_projects();
DROP FUNCTION note_restored_tags();
DROP FUNCTION note_shown_tasks(uuid[]);
COMMENT ON COLUMN changes.version IS 'Its version after the change.';
