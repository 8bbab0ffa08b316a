-- What a write that comes late must know of the record that it has locked. Both are VOLATILE and not plain
-- sub-selects, for then each looks at the database as it is when it is called: a statement that had to wait
-- for the lock sees the record as it was left, but everything else as it was before it waited.
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

CREATE FUNCTION live_tags_of(task uuid) RETURNS uuid[] LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN ARRAY(
        SELECT tags.id FROM task_tags JOIN tags ON tags.id = task_tags.tag_id
        WHERE task_tags.task_id = task AND tags.deleted_at IS NULL ORDER BY 1);
END $$;
COMMENT ON FUNCTION live_tags_of(uuid) IS 'The tags that a task bears, without those in the trash.';
