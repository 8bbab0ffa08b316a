-- An original that is the same may be read otherwise, by another mapping or another version: then the record is
-- to be written again. Those of before are not known to have been read in any way.
ALTER TABLE external_refs ADD COLUMN reading_hash bytea
    CONSTRAINT external_refs_reading_hash_check CHECK (octet_length(reading_hash) = 32);
COMMENT ON COLUMN external_refs.reading_hash IS
    'SHA-256 of what was made of the original; empty where it came before that was kept.';
