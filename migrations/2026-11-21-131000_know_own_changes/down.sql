DROP FUNCTION fields_changed_since(record_type, uuid, integer, integer, uuid[]);
CREATE FUNCTION fields_changed_since(kind record_type, record uuid, known integer, current integer)
RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    versions bigint;
    changed text[];
BEGIN
    IF known = current THEN
        RETURN '{}';
    END IF;
    SELECT count(DISTINCT version), coalesce(array_agg(DISTINCT field) FILTER (WHERE field IS NOT NULL), '{}')
    INTO versions, changed
    FROM changes LEFT JOIN LATERAL unnest(fields) AS field ON true
    WHERE record_id = record AND record_type = kind AND version > known AND version <= current;
    -- Every version is in the feed once: where one is missing, what it changed is not known any more.
    RETURN CASE WHEN known > 0 AND versions = current - known THEN changed END;
END $$;
COMMENT ON FUNCTION fields_changed_since(record_type, uuid, integer, integer) IS
    'The fields of a record that changed after a version; null where the feed cannot tell.';

ALTER TABLE outcomes DROP COLUMN done_in;
