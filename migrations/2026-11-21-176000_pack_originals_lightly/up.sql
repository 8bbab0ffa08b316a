-- Originals are kept once and hardly ever read: packing them took a tenth of an import's time. Servers that were built
-- without lz4 go on as before.
DO $$
BEGIN
    ALTER TABLE external_refs ALTER COLUMN original SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;
