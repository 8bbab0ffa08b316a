-- When something was done that the source does not say is a guess, and what the owner did here is known. Once both
-- sides are alike the versions no longer tell that it was done here.
ALTER TABLE external_refs ADD COLUMN is_settled boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN external_refs.is_settled IS
    'Whether it was once changed on both sides and became alike: then it may have times of its own here.';

-- What an import settled it noted with a version that was another than that of the import before.
UPDATE external_refs SET is_settled = true
FROM import_writes JOIN import_runs ON import_runs.id = run_id
WHERE import_runs.source = external_refs.source
    AND import_writes.external_id = external_refs.external_id
    AND import_writes.record_id = external_refs.record_id
    AND jsonb_path_query_first(before, '$.record.*.version') <> before #> '{reference,imported_version}';
