CREATE TABLE tags (
    id uuid CONSTRAINT tags_pkey PRIMARY KEY,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    name text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    -- `a:b:c` has the prefix a and the label b:c; `:x` and `x:` have no prefix.
    prefix text COLLATE "C" GENERATED ALWAYS AS (
        CASE WHEN strpos(name, ':') BETWEEN 2 AND char_length(name) - 1
            THEN left(name, strpos(name, ':') - 1) END
    ) STORED,
    label text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
        CASE WHEN strpos(name, ':') BETWEEN 2 AND char_length(name) - 1
            THEN substr(name, strpos(name, ':') + 1) ELSE name END
    ) STORED,
    color text COLLATE "C",
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT tags_name_check CHECK (char_length(name) <= 200 AND name ~ '\S'),
    CONSTRAINT tags_color_check CHECK (color ~ '^#[0-9A-Fa-f]{6}$')
);
COMMENT ON TABLE tags IS 'Words put on tasks.';
COMMENT ON COLUMN tags.id IS 'UUID version 7, made by the client or the server; version 5 of the origin where imported.';
COMMENT ON COLUMN tags.version IS 'Rises by one with every change.';
COMMENT ON COLUMN tags.created_at IS 'When it was made.';
COMMENT ON COLUMN tags.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN tags.deleted_at IS 'When it was moved to the trash; null while live.';
COMMENT ON COLUMN tags.name IS 'Its name as it was first written, prefix:label where it has a prefix.';
COMMENT ON COLUMN tags.key IS 'What makes two tags the same: the name without case and superfluous blanks (fold::tag_key).';
COMMENT ON COLUMN tags.prefix IS 'The part of the name before the first colon.';
COMMENT ON COLUMN tags.label IS 'The part of the name after the first colon, or the whole name.';
COMMENT ON COLUMN tags.color IS 'Its colour, #RRGGBB.';
COMMENT ON COLUMN tags.changed_in IS 'The transaction that last raised its version.';

-- No two live tags are the same; the name of one in the trash is free.
CREATE UNIQUE INDEX tags_key_key ON tags (key) WHERE deleted_at IS NULL;
-- The list of tags, and the tags of a task, by name.
CREATE INDEX tags_name_idx ON tags (sort_key(name), id) WHERE deleted_at IS NULL;

CREATE TRIGGER tags_raise_version BEFORE UPDATE ON tags
    FOR EACH ROW EXECUTE FUNCTION raise_version();
