CREATE OR REPLACE FUNCTION note_linked(linked uuid[]) RETURNS void LANGUAGE plpgsql AS $$
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
