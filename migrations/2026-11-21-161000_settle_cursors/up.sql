-- The number of a transaction that came to nothing is given again when the server was killed before it wrote
-- that down. A cursor that called it seen would hide what is committed under it later: cursors go up to the
-- newest transaction that changed something, which is written for good before anybody sees it.
CREATE FUNCTION settled_snapshot() RETURNS pg_snapshot LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    newest numeric := greatest(
        (SELECT xid::text::numeric FROM changes ORDER BY changes.xid DESC LIMIT 1),
        -- Those changes are forgotten by now.
        (SELECT pg_snapshot_xmax(feed_pruned)::text::numeric - 1 FROM settings),
        -- That of the first transaction of all is three.
        2
    );
BEGIN
    RETURN (
        SELECT format('%s:%s:%s', coalesce(min(running::text::numeric), newest + 1), newest + 1,
            string_agg(running::text, ',' ORDER BY running))::pg_snapshot
        FROM pg_snapshot_xip(pg_current_snapshot()) AS running WHERE running::text::numeric <= newest
    );
END $$;
COMMENT ON FUNCTION settled_snapshot() IS
    'What is visible now, up to the newest change: it stays true when the server is killed.';
