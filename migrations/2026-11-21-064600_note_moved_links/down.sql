DROP TRIGGER task_tags_guard_updates ON task_tags;
DROP TRIGGER task_tags_note_updates ON task_tags;
DROP FUNCTION note_moved_links();
CREATE OR REPLACE FUNCTION note_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    linked uuid[] := ARRAY(SELECT DISTINCT task_id FROM links ORDER BY 1);
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
    RETURN NULL;
END $$;
DROP FUNCTION note_linked(uuid[]);
