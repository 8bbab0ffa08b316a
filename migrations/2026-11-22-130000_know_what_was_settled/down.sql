ALTER TABLE external_refs DROP COLUMN is_settled;
