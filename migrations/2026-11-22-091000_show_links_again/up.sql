-- While a project or a tag is in the trash its tasks are shown without it, and whoever loads one of them then keeps it
-- so. When the project or tag comes back, so must they, though nothing of them changed: their versions stay.
COMMENT ON COLUMN changes.version IS
    'Its version after the change; 0 where it did not change, but is shown with a link again that was hidden.';

-- No lock is needed: writing a task, its project or a tag of it waits for each other (write_changed_task_documents).
CREATE FUNCTION note_shown_tasks(shown uuid[]) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    -- What changed in this transaction is noted already.
    INSERT INTO changes (record_type, record_id, version, fields, op)
    SELECT 'task', id, 0, '{}', 'upsert' FROM tasks WHERE id = ANY (shown) AND deleted_at IS NULL ORDER BY id
    ON CONFLICT (record_id, record_type, xid) DO NOTHING;
END;
COMMENT ON FUNCTION note_shown_tasks(uuid[]) IS 'Notes live tasks that are shown with a link again.';

CREATE FUNCTION note_restored_projects() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    restored uuid[] := ARRAY(
        SELECT id FROM new_rows n JOIN old_rows o USING (id) WHERE o.deleted_at IS NOT NULL AND n.deleted_at IS NULL);
BEGIN
    IF restored <> '{}' THEN
        PERFORM note_shown_tasks(ARRAY(SELECT id FROM tasks WHERE project_id = ANY (restored)));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_restored_projects() IS 'Notes the tasks of projects that came back from the trash.';

CREATE FUNCTION note_restored_tags() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    restored uuid[] := ARRAY(
        SELECT id FROM new_rows n JOIN old_rows o USING (id) WHERE o.deleted_at IS NOT NULL AND n.deleted_at IS NULL);
BEGIN
    IF restored <> '{}' THEN
        PERFORM note_shown_tasks(ARRAY(SELECT task_id FROM task_tags WHERE tag_id = ANY (restored)));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_restored_tags() IS 'Notes the tasks of tags that came back from the trash.';

CREATE TRIGGER projects_note_restored AFTER UPDATE ON projects
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_restored_projects();
CREATE TRIGGER tags_note_restored AFTER UPDATE ON tags
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_restored_tags();
