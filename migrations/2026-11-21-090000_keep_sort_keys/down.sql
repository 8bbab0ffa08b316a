DROP INDEX projects_title_idx, tags_name_idx;
ALTER TABLE projects DROP COLUMN sort_title;
ALTER TABLE tags DROP COLUMN sort_name;
CREATE INDEX projects_title_idx ON projects (sort_key(title), id) WHERE deleted_at IS NULL;
CREATE INDEX tags_name_idx ON tags (sort_key(name), id) WHERE deleted_at IS NULL;

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
