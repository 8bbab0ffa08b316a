-- A task may be imported before what it names. Its original says what that was, but finding the task by
-- it would mean reading every original again, whenever anything new comes.
CREATE TABLE missing_links (
    source text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    record_type record_type NOT NULL,
    target text COLLATE "C" NOT NULL,
    -- It serves the foreign key too.
    CONSTRAINT missing_links_pkey PRIMARY KEY (source, external_id, record_type, target),
    CONSTRAINT missing_links_source_external_id_fkey FOREIGN KEY (source, external_id)
        REFERENCES external_refs (source, external_id) ON DELETE CASCADE
);
COMMENT ON TABLE missing_links IS 'Links of imported tasks to records that were not there: made when those are imported.';
COMMENT ON COLUMN missing_links.source IS 'The system that both are from.';
COMMENT ON COLUMN missing_links.external_id IS 'The task''s id there.';
COMMENT ON COLUMN missing_links.record_type IS 'What the task names: its project, a tag, or its parent.';
COMMENT ON COLUMN missing_links.target IS 'The id there of what it names.';
