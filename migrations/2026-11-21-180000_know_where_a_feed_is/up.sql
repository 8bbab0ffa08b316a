-- A copy of a database on its own server is another feed from then on, and the numbers of the transactions
-- that wrote its settings are the same: only where the rows lie is not. And what a device did before a restore
-- was done in transactions whose numbers may be given again, to writes of others.
ALTER TABLE settings ADD COLUMN home text COLLATE "C";
COMMENT ON COLUMN settings.home IS 'The numbers that the server gave to the database and to this table; none before it was served.';

CREATE OR REPLACE FUNCTION renew_restored_feed() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    here CONSTANT text := format('%s/%s',
        (SELECT oid FROM pg_database WHERE datname = current_database()), 'settings'::regclass::oid);
    restored boolean;
BEGIN
    -- The system's own note of who wrote the row is not part of a dump.
    SELECT NOT xmin = written_in::xid OR coalesce(home <> here, false) INTO restored FROM settings FOR UPDATE;
    IF NOT restored
        AND NOT EXISTS (SELECT FROM changes WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))
        AND NOT EXISTS (SELECT FROM tasks WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot()))
        AND NOT EXISTS (SELECT FROM projects WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot()))
        AND NOT EXISTS (SELECT FROM tags WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot()))
    THEN
        UPDATE settings SET home = here WHERE home IS NULL;
        RETURN false;
    END IF;
    UPDATE settings SET feed_id = gen_random_uuid(), feed_pruned = NULL, home = here;
    DELETE FROM changes;
    UPDATE outcomes SET done_in = '0' WHERE done_in <> '0';
    UPDATE tasks SET changed_in = '0' WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot());
    UPDATE projects SET changed_in = '0' WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot());
    UPDATE tags SET changed_in = '0' WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot());
    RETURN true;
END $$;
