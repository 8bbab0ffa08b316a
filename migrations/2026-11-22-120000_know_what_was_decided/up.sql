-- What became of a record may change though its original is the same: a circle is no longer one, a project has come
-- back there, two tags have two names again, the owner's zone is another. Of records of before it is not known.
ALTER TABLE external_refs ADD COLUMN decisions text COLLATE "C";
COMMENT ON COLUMN external_refs.decisions IS
    'What other records of the source and the owner''s zone decided about the record, as JSON; empty where it came before that was kept.';
