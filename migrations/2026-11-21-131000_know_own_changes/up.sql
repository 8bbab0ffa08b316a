-- A device that sends its queue knows what its own writes of before did: they are no changes of others.
ALTER TABLE outcomes ADD COLUMN done_in xid8 NOT NULL DEFAULT pg_current_xact_id();
COMMENT ON COLUMN outcomes.done_in IS 'The transaction, as the feed has it.';

DROP FUNCTION fields_changed_since(record_type, uuid, integer, integer);
CREATE FUNCTION fields_changed_since(
    kind record_type, record uuid, known integer, current integer, own uuid[] DEFAULT '{}'
) RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    versions bigint;
    changed text[];
BEGIN
    IF known = current THEN
        RETURN '{}';
    END IF;
    SELECT count(DISTINCT version), coalesce(array_agg(DISTINCT field) FILTER (
        WHERE field IS NOT NULL AND xid NOT IN (
            SELECT done_in FROM outcomes WHERE key = ANY (own) AND scope = '')), '{}')
    INTO versions, changed
    FROM changes LEFT JOIN LATERAL unnest(fields) AS field ON true
    WHERE record_id = record AND record_type = kind AND version > known AND version <= current;
    -- Every version is in the feed once: where one is missing, what it changed is not known any more.
    RETURN CASE WHEN known > 0 AND versions = current - known THEN changed END;
END $$;
COMMENT ON FUNCTION fields_changed_since(record_type, uuid, integer, integer, uuid[]) IS
    'The fields of a record that changed after a version by other writes than those of the keys; null where the feed cannot tell.';
