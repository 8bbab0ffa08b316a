ALTER TABLE external_refs DROP COLUMN edited_at;
