-- Who writes a timed task may know an older zone of the owner than the one that is kept, and whoever changes the zone
-- does not see what others are about to write. So the day is reckoned here, and writers of timed tasks and of the
-- zone wait for each other: by a lock that they take before any row, for with both rows in hand they would
-- wait in a circle.
CREATE FUNCTION wait_for_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('settings.time_zone'));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION wait_for_zone() IS 'Waits for who is changing the owner''s zone, and lets it be changed only afterwards.';
CREATE TRIGGER tasks_wait_for_zone BEFORE INSERT OR UPDATE OF due_at, due_date ON tasks
    FOR EACH STATEMENT EXECUTE FUNCTION wait_for_zone();

CREATE FUNCTION keep_due_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.due_date := due_day(NEW.due_at, (SELECT time_zone FROM settings));
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_due_day() IS 'The due day of a timed task is that of its instant in the owner''s zone.';
CREATE TRIGGER tasks_keep_due_day BEFORE INSERT OR UPDATE OF due_at, due_date ON tasks
    FOR EACH ROW WHEN (NEW.due_at IS NOT NULL) EXECUTE FUNCTION keep_due_day();

CREATE OR REPLACE FUNCTION move_due_dates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('settings.time_zone'));
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

-- What was written in the moment of a change of the zone.
UPDATE tasks SET due_date = due_date, updated_at = updated_at
WHERE due_at IS NOT NULL AND due_date <> due_day(due_at, (SELECT time_zone FROM settings));
