CREATE OR REPLACE FUNCTION renew_restored_feed() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    restored boolean;
BEGIN
    -- The system's own note of who wrote the row is not part of a dump.
    SELECT NOT xmin = written_in::xid INTO restored FROM settings FOR UPDATE;
    IF NOT restored
        AND NOT EXISTS (SELECT FROM changes WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))
        AND NOT EXISTS (SELECT FROM tasks WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot()))
        AND NOT EXISTS (SELECT FROM projects WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot()))
        AND NOT EXISTS (SELECT FROM tags WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot()))
    THEN
        RETURN false;
    END IF;
    UPDATE settings SET feed_id = gen_random_uuid(), feed_pruned = NULL;
    DELETE FROM changes;
    UPDATE tasks SET changed_in = '0' WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot());
    UPDATE projects SET changed_in = '0' WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot());
    UPDATE tags SET changed_in = '0' WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot());
    RETURN true;
END $$;

ALTER TABLE settings DROP COLUMN home;
