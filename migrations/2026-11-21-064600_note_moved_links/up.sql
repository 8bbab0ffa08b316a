-- A link may be changed as well as made and deleted (merging two tags may do so): then too its task has
-- changed, and a tag in the trash is refused. A trigger of updates cannot share its table of rows with
-- one of inserts, so what both do becomes a function.
CREATE FUNCTION note_linked(linked uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- In the order of ids, as everyone locks tasks.
    PERFORM FROM tasks WHERE id = ANY (linked) ORDER BY id FOR NO KEY UPDATE;
    UPDATE tasks SET
        changed_in = pg_current_xact_id(),
        updated_at = coalesce(nullif(current_setting('tomos.written_at', true), '')::timestamptz, now())
    WHERE id = ANY (linked) AND changed_in <> pg_current_xact_id();
    PERFORM note_changes('task', array_agg(id), array_agg(version), array_agg('tags'::text),
        array_agg((CASE WHEN deleted_at IS NULL THEN 'upsert' ELSE 'delete' END)::change_op))
    FROM tasks WHERE id = ANY (linked) HAVING count(*) > 0;
END $$;
COMMENT ON FUNCTION note_linked(uuid[]) IS 'Raises the versions of tasks whose tags changed, and notes them.';

CREATE OR REPLACE FUNCTION note_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_linked(ARRAY(SELECT DISTINCT task_id FROM links));
    RETURN NULL;
END $$;

CREATE FUNCTION note_moved_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_linked(ARRAY(
        SELECT task_id FROM (TABLE old_links EXCEPT TABLE new_links) AS gone
        UNION
        SELECT task_id FROM (TABLE new_links EXCEPT TABLE old_links) AS come
    ));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_moved_links() IS 'Notes tasks whose tags became others.';
CREATE TRIGGER task_tags_note_updates AFTER UPDATE ON task_tags
    REFERENCING OLD TABLE AS old_links NEW TABLE AS new_links
    FOR EACH STATEMENT EXECUTE FUNCTION note_moved_links();
CREATE TRIGGER task_tags_guard_updates BEFORE UPDATE OF tag_id ON task_tags
    FOR EACH ROW WHEN (NEW.tag_id IS DISTINCT FROM OLD.tag_id) EXECUTE FUNCTION guard_task_tags();
