CREATE TYPE project_status AS ENUM ('active', 'completed', 'archived');
COMMENT ON TYPE project_status IS 'How far a project is, in rank order.';

CREATE TABLE projects (
    id uuid CONSTRAINT projects_pkey PRIMARY KEY,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    title text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    status project_status NOT NULL DEFAULT 'active',
    color text COLLATE "C",
    icon text COLLATE "C",
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- The API takes 500; an imported title is kept whole.
    CONSTRAINT projects_title_check CHECK (char_length(title) <= 10000 AND title ~ '\S'),
    CONSTRAINT projects_description_check CHECK (char_length(description) <= 1000000),
    CONSTRAINT projects_color_check CHECK (color ~ '^#[0-9A-Fa-f]{6}$')
);
COMMENT ON TABLE projects IS 'What tasks are done for.';
COMMENT ON COLUMN projects.id IS 'UUID version 7, made by the client or the server; version 5 of the origin where imported.';
COMMENT ON COLUMN projects.version IS 'Rises by one with every change.';
COMMENT ON COLUMN projects.created_at IS 'When it was made.';
COMMENT ON COLUMN projects.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN projects.deleted_at IS 'When it was moved to the trash; null while live.';
COMMENT ON COLUMN projects.title IS 'What it is called.';
COMMENT ON COLUMN projects.description IS 'What it is about, in Markdown.';
COMMENT ON COLUMN projects.status IS 'How far it is.';
COMMENT ON COLUMN projects.color IS 'Its colour, #RRGGBB.';
COMMENT ON COLUMN projects.icon IS 'Its icon: an emoji or a symbol''s name.';
COMMENT ON COLUMN projects.changed_in IS 'The transaction that last raised its version.';

-- The list of projects, by title.
CREATE INDEX projects_title_idx ON projects (sort_key(title), id) WHERE deleted_at IS NULL;

CREATE TRIGGER projects_raise_version BEFORE UPDATE ON projects
    FOR EACH ROW EXECUTE FUNCTION raise_version();
