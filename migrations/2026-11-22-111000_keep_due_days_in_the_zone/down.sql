DROP TRIGGER tasks_keep_due_day ON tasks;
DROP FUNCTION keep_due_day();
DROP TRIGGER tasks_wait_for_zone ON tasks;
DROP FUNCTION wait_for_zone();

CREATE OR REPLACE FUNCTION move_due_dates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH moving AS (
        SELECT id, version, due_day(due_at, NEW.time_zone) AS due_day FROM tasks
        WHERE due_at IS NOT NULL AND due_date IS DISTINCT FROM due_day(due_at, NEW.time_zone)
        -- In the order of ids, as everyone locks tasks.
        ORDER BY id FOR NO KEY UPDATE
    ), moved AS (
        UPDATE tasks SET due_date = moving.due_day, updated_at = tasks.updated_at
        FROM moving WHERE tasks.id = moving.id
        RETURNING tasks.id, moving.version AS version_before, tasks.version AS version_after
    ), referred AS (
        UPDATE external_refs SET imported_version = version_after
        FROM moved WHERE record_id = moved.id AND imported_version = version_before
    )
    UPDATE import_writes SET version = version_after
    FROM moved WHERE record_id = moved.id AND import_writes.version = version_before;
    RETURN NULL;
END $$;
