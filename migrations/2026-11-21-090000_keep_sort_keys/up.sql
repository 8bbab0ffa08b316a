-- Folding is dear: tags are ordered once for each task that bears them, so what they are ordered by is kept.
ALTER TABLE projects ADD COLUMN sort_title text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_key(title)) STORED;
COMMENT ON COLUMN projects.sort_title IS 'What the title is ordered by.';
ALTER TABLE tags ADD COLUMN sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_key(name)) STORED;
COMMENT ON COLUMN tags.sort_name IS 'What the name is ordered by.';

DROP INDEX projects_title_idx, tags_name_idx;
CREATE INDEX projects_title_idx ON projects (sort_title, id) WHERE deleted_at IS NULL;
CREATE INDEX tags_name_idx ON tags (sort_name, id) WHERE deleted_at IS NULL;

CREATE OR REPLACE FUNCTION raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Somebody marked the record as changed, although none of its columns is: its links were.
    marked boolean := NEW.changed_in IS DISTINCT FROM OLD.changed_in;
    written timestamptz := NEW.updated_at;
BEGIN
    NEW.version := OLD.version;
    NEW.changed_in := OLD.changed_in;
    NEW.updated_at := OLD.updated_at;
    IF TG_TABLE_NAME = 'tags' THEN
        -- Generated columns are computed only after this trigger.
        NEW.prefix := OLD.prefix;
        NEW.label := OLD.label;
        NEW.sort_name := OLD.sort_name;
    ELSIF TG_TABLE_NAME = 'projects' THEN
        NEW.sort_title := OLD.sort_title;
    END IF;
    IF NOT marked AND NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
    END IF;
    IF written IS DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := written;
    ELSIF OLD.changed_in <> pg_current_xact_id() THEN
        -- As this transaction said last; the server's time where it said none.
        NEW.updated_at := coalesce(nullif(current_setting('tomos.written_at', true), '')::timestamptz, now());
    END IF;
    IF OLD.changed_in <> pg_current_xact_id() THEN
        NEW.version := OLD.version + 1;
        NEW.changed_in := pg_current_xact_id();
    END IF;
    RETURN NEW;
END $$;
