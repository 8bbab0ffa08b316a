-- Tags of a task that this transaction made are a part of its making, which is noted already: noting them
-- once more would lock and write each new task's rows twice.
CREATE OR REPLACE FUNCTION note_linked(linked uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    known uuid[] := ARRAY(
        SELECT id FROM tasks WHERE id = ANY (linked) AND (version > 1 OR changed_in <> pg_current_xact_id()));
BEGIN
    IF known = '{}' THEN
        RETURN;
    END IF;
    -- In the order of ids, as everyone locks tasks.
    PERFORM FROM tasks WHERE id = ANY (known) ORDER BY id FOR NO KEY UPDATE;
    UPDATE tasks SET
        changed_in = pg_current_xact_id(),
        updated_at = coalesce(nullif(current_setting('tomos.written_at', true), '')::timestamptz, now())
    WHERE id = ANY (known) AND changed_in <> pg_current_xact_id();
    PERFORM note_changes('task', array_agg(id), array_agg(version), array_agg('tags'::text),
        array_agg((CASE WHEN deleted_at IS NULL THEN 'upsert' ELSE 'delete' END)::change_op))
    FROM tasks WHERE id = ANY (known) HAVING count(*) > 0;
END $$;
