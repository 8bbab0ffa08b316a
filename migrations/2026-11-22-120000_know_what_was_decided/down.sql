ALTER TABLE external_refs DROP COLUMN decisions;
