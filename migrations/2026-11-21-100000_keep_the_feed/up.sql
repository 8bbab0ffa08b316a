-- What a cursor of the feed relies on: that it is still the same feed, and that what it has not seen yet
-- is still there.
ALTER TABLE settings
    ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ADD COLUMN feed_pruned pg_snapshot;
COMMENT ON COLUMN settings.written_in IS 'The transaction that wrote the row; it is another one only where the row was restored.';
COMMENT ON COLUMN settings.feed_pruned IS 'Which transactions'' changes may be gone from the feed: those visible in this snapshot; none where it is whole.';

CREATE FUNCTION note_settings_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.written_in := pg_current_xact_id();
    IF TG_OP = 'INSERT' THEN
        -- Data restored into tables that are there already: the cursors out there are of another feed.
        NEW.feed_id := gen_random_uuid();
        NEW.feed_pruned := NULL;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION note_settings_writer() IS 'Keeps which transaction wrote the settings.';
CREATE TRIGGER settings_note_writer BEFORE INSERT OR UPDATE ON settings
    FOR EACH ROW EXECUTE FUNCTION note_settings_writer();
UPDATE settings SET singleton = true;

-- Transaction zero is the one of a restored record, which no transaction of this server changed; setting
-- it is no change.
DROP TRIGGER projects_raise_version ON projects;
DROP TRIGGER tags_raise_version ON tags;
DROP TRIGGER tasks_raise_version ON tasks;
CREATE TRIGGER projects_raise_version BEFORE UPDATE ON projects
    FOR EACH ROW WHEN (NEW.changed_in <> '0'::xid8 OR OLD.changed_in = '0'::xid8)
    EXECUTE FUNCTION raise_version();
CREATE TRIGGER tags_raise_version BEFORE UPDATE ON tags
    FOR EACH ROW WHEN (NEW.changed_in <> '0'::xid8 OR OLD.changed_in = '0'::xid8)
    EXECUTE FUNCTION raise_version();
CREATE TRIGGER tasks_raise_version BEFORE UPDATE ON tasks
    FOR EACH ROW WHEN (NEW.changed_in <> '0'::xid8 OR OLD.changed_in = '0'::xid8)
    EXECUTE FUNCTION raise_version();

-- After a restore the numbers of transactions mean nothing any more: those of another server, or of a
-- later time of this one, would be taken for ones that are yet to come.
CREATE FUNCTION renew_restored_feed() RETURNS boolean LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION renew_restored_feed() IS 'Begins a new feed where the database was restored, and says whether it was.';

CREATE FUNCTION snapshot_covers(later pg_snapshot, earlier pg_snapshot) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN pg_snapshot_xmax(earlier) <= pg_snapshot_xmax(later)
        AND NOT EXISTS (SELECT FROM pg_snapshot_xip(later) AS xid WHERE pg_visible_in_snapshot(xid, earlier));
COMMENT ON FUNCTION snapshot_covers(pg_snapshot, pg_snapshot) IS
    'Whether all transactions that the second snapshot sees are seen by the first one.';

-- A cursor may be told by what it has seen whether anything that it misses is gone, however late the
-- transactions of that time were committed.
CREATE FUNCTION prune_changes(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    known pg_snapshot;
    pruned bigint;
    last numeric;
    running text;
BEGIN
    SELECT feed_pruned INTO known FROM settings FOR UPDATE;
    WITH gone AS (DELETE FROM changes WHERE at < before RETURNING xid)
    SELECT count(*), max(xid::text::numeric) INTO pruned, last FROM gone;
    IF pruned > 0 THEN
        last := greatest(last, pg_snapshot_xmax(known)::text::numeric - 1);
        SELECT string_agg(xid::text, ',' ORDER BY xid) INTO running
        FROM pg_snapshot_xip(pg_current_snapshot()) AS xid WHERE xid::text::numeric <= last;
        UPDATE settings SET feed_pruned = format('%s:%s:%s',
            coalesce(split_part(running, ',', 1), (last + 1)::text), last + 1, running)::pg_snapshot;
    END IF;
    RETURN pruned;
END $$;
COMMENT ON FUNCTION prune_changes(timestamptz) IS 'Forgets changes of before a time, and says how many.';

-- Links, and what else names a purged record, follow by their foreign keys.
CREATE FUNCTION purge_trash(before timestamptz, most integer) RETURNS bigint LANGUAGE sql
    BEGIN ATOMIC
        WITH purged_tasks AS (
            DELETE FROM tasks WHERE id IN (
                SELECT id FROM tasks WHERE deleted_at < before
                ORDER BY id LIMIT most FOR UPDATE SKIP LOCKED)
            RETURNING id
        ), purged_projects AS (
            DELETE FROM projects WHERE id IN (
                SELECT id FROM projects WHERE deleted_at < before
                ORDER BY id LIMIT most FOR UPDATE SKIP LOCKED)
            RETURNING id
        ), purged_tags AS (
            DELETE FROM tags WHERE id IN (
                SELECT id FROM tags WHERE deleted_at < before
                ORDER BY id LIMIT most FOR UPDATE SKIP LOCKED)
            RETURNING id
        )
        SELECT (SELECT count(*) FROM purged_tasks) + (SELECT count(*) FROM purged_projects)
            + (SELECT count(*) FROM purged_tags);
    END;
COMMENT ON FUNCTION purge_trash(timestamptz, integer) IS
    'Deletes for good what went to the trash before a time, at most so many of each kind, and says how many.';
