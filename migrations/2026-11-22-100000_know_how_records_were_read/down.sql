ALTER TABLE external_refs DROP COLUMN reading_hash;
