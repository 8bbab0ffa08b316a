-- What is older than what came is told by the time that it had there: a record that became alike on both sides has
-- the time of an edit made here.
ALTER TABLE external_refs ADD COLUMN edited_at timestamptz(3);
COMMENT ON COLUMN external_refs.edited_at IS
    'When the original was last changed there; empty where the source does not say it, or where it is not known any longer.';

-- Of what nobody changed here it is the record's own time, unless that is the one of the import.
UPDATE external_refs SET edited_at = updated_at
FROM (
    SELECT id, version, updated_at FROM projects
    UNION ALL SELECT id, version, updated_at FROM tags
    UNION ALL SELECT id, version, updated_at FROM tasks
) AS records
WHERE id = record_id AND version = imported_version AND updated_at <> imported_at AND NOT is_settled;
