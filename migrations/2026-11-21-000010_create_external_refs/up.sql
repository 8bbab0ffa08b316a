CREATE TABLE external_refs (
    source text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    record_type record_type NOT NULL,
    record_id uuid NOT NULL,
    url text COLLATE "C",
    -- Bytes, not jsonb: jsonb refuses NUL and lone surrogates, both of which real exports hold.
    original bytea NOT NULL,
    original_hash bytea NOT NULL,
    imported_at timestamptz(3) NOT NULL,
    imported_version integer NOT NULL,
    CONSTRAINT external_refs_pkey PRIMARY KEY (source, external_id)
);
COMMENT ON TABLE external_refs IS 'Where an imported record came from, and the whole original.';
COMMENT ON COLUMN external_refs.source IS 'The system that it came from, for example notion.';
COMMENT ON COLUMN external_refs.external_id IS 'The record''s id there.';
COMMENT ON COLUMN external_refs.record_type IS 'The kind of the record.';
COMMENT ON COLUMN external_refs.record_id IS 'The record. Not a reference: it is one of three tables'' ids.';
COMMENT ON COLUMN external_refs.url IS 'The record''s address there.';
COMMENT ON COLUMN external_refs.original IS 'The original record, byte by byte.';
COMMENT ON COLUMN external_refs.original_hash IS 'SHA-256 of the original.';
COMMENT ON COLUMN external_refs.imported_at IS 'When it was last imported.';
COMMENT ON COLUMN external_refs.imported_version IS 'The record''s version after that: where it has another, it was changed here.';
-- The references of a record.
CREATE INDEX external_refs_record_id_idx ON external_refs (record_id);
