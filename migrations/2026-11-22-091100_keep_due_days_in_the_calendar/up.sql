-- A day outside of the years 1 to 9999 cannot be written, so that nobody could read its task any more. What comes in
-- is bound to instants that have such a day in every zone; what came in before is set to the nearest one.
CREATE FUNCTION due_day(due_at timestamptz, zone text) RETURNS date
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN least(greatest((due_at AT TIME ZONE zone)::date, date '0001-01-01'), date '9999-12-31');
COMMENT ON FUNCTION due_day(timestamptz, text) IS 'The day of an instant in a zone; at the ends of the calendar its first and last.';

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

UPDATE tasks SET due_date = least(greatest(due_date, date '0001-01-01'), date '9999-12-31'), updated_at = updated_at
WHERE due_date NOT BETWEEN date '0001-01-01' AND date '9999-12-31';
ALTER TABLE tasks ADD CONSTRAINT tasks_due_date_check CHECK (due_date BETWEEN date '0001-01-01' AND date '9999-12-31');
