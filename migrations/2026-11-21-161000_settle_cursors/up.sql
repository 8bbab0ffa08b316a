-- The number of a transaction that came to nothing is given again when the server was killed before it wrote
-- that down. A cursor that called it seen would hide what is committed under it later: cursors go up to the
-- newest transaction that changed something, which is written for good before anybody sees it.
CREATE FUNCTION settled_snapshot() RETURNS pg_snapshot LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (
        WITH last (xid) AS (
            SELECT greatest(
                (SELECT xid::text::numeric FROM changes ORDER BY changes.xid DESC LIMIT 1),
                -- Those changes are forgotten by now.
                (SELECT pg_snapshot_xmax(feed_pruned)::text::numeric - 1 FROM settings),
                -- That of the first transaction of all is three.
                2
            )
        )
        SELECT format('%s:%s:%s', coalesce(min(running::text::numeric), last.xid + 1), last.xid + 1,
            string_agg(running::text, ',' ORDER BY running))::pg_snapshot
        FROM last LEFT JOIN pg_snapshot_xip(pg_current_snapshot()) AS running
            ON running::text::numeric <= last.xid
        GROUP BY last.xid
    );
COMMENT ON FUNCTION settled_snapshot() IS
    'What is visible now, up to the newest change: it stays true when the server is killed.';
