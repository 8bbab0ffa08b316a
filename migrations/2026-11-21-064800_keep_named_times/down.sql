DROP TRIGGER tasks_keep_named_time ON tasks;
DROP TRIGGER tags_keep_named_time ON tags;
DROP TRIGGER projects_keep_named_time ON projects;
DROP FUNCTION keep_named_time();

CREATE OR REPLACE FUNCTION raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Somebody marked the record as changed, although none of its columns is: its links were.
    marked boolean := NEW.changed_in IS DISTINCT FROM OLD.changed_in;
    written timestamptz := NEW.updated_at;
BEGIN
    NEW.version := OLD.version;
    NEW.changed_in := OLD.changed_in;
    NEW.updated_at := OLD.updated_at;
    IF written IS DISTINCT FROM OLD.updated_at THEN
        -- Kept for changes of links in the same transaction, which cannot be told the time otherwise.
        PERFORM set_config('tomos.written_at', written::text, true);
    END IF;
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
        -- The statement did not say when, and no other of this transaction did.
        NEW.updated_at := now();
    END IF;
    IF OLD.changed_in <> pg_current_xact_id() THEN
        NEW.version := OLD.version + 1;
        NEW.changed_in := pg_current_xact_id();
    END IF;
    RETURN NEW;
END $$;
