-- What came of writes that a client may send again, so that each is done once.
CREATE TABLE outcomes (
    key uuid NOT NULL,
    scope text COLLATE "C" NOT NULL,
    mutation text COLLATE "C" NOT NULL,
    input_hash bytea NOT NULL,
    record_ids uuid[] NOT NULL,
    merged_fields text[] COLLATE "C" NOT NULL DEFAULT '{}',
    conflicting_fields text[] COLLATE "C" NOT NULL DEFAULT '{}',
    at timestamptz(3) NOT NULL,
    CONSTRAINT outcomes_pkey PRIMARY KEY (key, scope)
);
COMMENT ON TABLE outcomes IS 'What came of writes that may be sent again; refusals are not kept.';
COMMENT ON COLUMN outcomes.key IS 'The clientMutationId, or the id that the client made for a new record.';
COMMENT ON COLUMN outcomes.scope IS 'What the key is of: empty of the write itself, or the type of the new record, for records of two types may have one id.';
COMMENT ON COLUMN outcomes.mutation IS 'The name of the mutation.';
COMMENT ON COLUMN outcomes.input_hash IS 'SHA-256 of its input without the clientMutationId.';
COMMENT ON COLUMN outcomes.record_ids IS 'The records of its payload; they are read anew.';
COMMENT ON COLUMN outcomes.merged_fields IS 'The fields that were merged into a newer version.';
COMMENT ON COLUMN outcomes.conflicting_fields IS 'The fields that others had changed.';
COMMENT ON COLUMN outcomes.at IS 'When it was done.';
-- What is old is forgotten.
CREATE INDEX outcomes_at_idx ON outcomes (at);
