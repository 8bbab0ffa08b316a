-- What each import wrote, and what was there before, so that one import can be taken back. It is written in
-- the transactions that write the records: what was stopped on the way is known to the last batch.
CREATE TYPE import_state AS ENUM ('running', 'done', 'stopped', 'partly_rolled_back', 'rolled_back');
COMMENT ON TYPE import_state IS 'How far an import is.';

CREATE TABLE import_runs (
    id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT import_runs_pkey PRIMARY KEY,
    source text COLLATE "C" NOT NULL,
    files text[] COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    state import_state NOT NULL,
    started_at timestamptz(3) NOT NULL,
    finished_at timestamptz(3),
    created integer NOT NULL DEFAULT 0,
    updated integer NOT NULL DEFAULT 0,
    unchanged integer NOT NULL DEFAULT 0,
    kept integer NOT NULL DEFAULT 0,
    rejected integer NOT NULL DEFAULT 0,
    tags_by_name integer NOT NULL DEFAULT 0,
    CONSTRAINT import_runs_finished_at_check CHECK ((state = 'running') = (finished_at IS NULL))
);
COMMENT ON TABLE import_runs IS 'The imports that there were.';
COMMENT ON COLUMN import_runs.id IS 'The number by which the owner names it.';
COMMENT ON COLUMN import_runs.source IS 'The system that it brought records from, for example notion.';
COMMENT ON COLUMN import_runs.files IS 'What was read, in words.';
COMMENT ON COLUMN import_runs.digest IS 'SHA-256 over the originals: by it one that was stopped is known when it goes on.';
COMMENT ON COLUMN import_runs.state IS 'How far it is. Nobody imports while somebody else does, so one that runs although nobody imports was killed.';
COMMENT ON COLUMN import_runs.started_at IS 'When it began.';
COMMENT ON COLUMN import_runs.finished_at IS 'When it ended, last where it went on after a stop; null while it runs.';
COMMENT ON COLUMN import_runs.created IS 'How many records were new.';
COMMENT ON COLUMN import_runs.updated IS 'How many had changed in the source.';
COMMENT ON COLUMN import_runs.unchanged IS 'How many had not.';
COMMENT ON COLUMN import_runs.kept IS 'How many were kept as they were here.';
COMMENT ON COLUMN import_runs.rejected IS 'How many the database refused.';
COMMENT ON COLUMN import_runs.tags_by_name IS 'How many tags were made because a task names them.';

CREATE TABLE import_writes (
    run_id integer NOT NULL CONSTRAINT import_writes_run_id_fkey REFERENCES import_runs (id) ON DELETE CASCADE,
    external_id text COLLATE "C" NOT NULL,
    record_type record_type NOT NULL,
    record_id uuid NOT NULL,
    is_new boolean NOT NULL,
    version integer NOT NULL,
    before jsonb,
    -- It serves the foreign key too.
    CONSTRAINT import_writes_pkey PRIMARY KEY (run_id, external_id)
);
COMMENT ON TABLE import_writes IS 'What each import wrote and did not take back.';
COMMENT ON COLUMN import_writes.run_id IS 'The import.';
COMMENT ON COLUMN import_writes.external_id IS 'The record''s id in the source; tag: and the key of a tag that is only a name there.';
COMMENT ON COLUMN import_writes.record_type IS 'The kind of the record.';
COMMENT ON COLUMN import_writes.record_id IS 'The record. Not a reference: it is one of three tables'' ids, and may be gone.';
COMMENT ON COLUMN import_writes.is_new IS 'Whether the import made the record; else it changed it, or only noted that it is the one.';
COMMENT ON COLUMN import_writes.version IS 'The record''s version after that: where it has another, it was changed since.';
COMMENT ON COLUMN import_writes.before IS 'What the import wrote over: the record, its tags, its reference, and the links that it waited for.';
-- The imports that wrote a record.
CREATE INDEX import_writes_record_id_idx ON import_writes (record_id);
