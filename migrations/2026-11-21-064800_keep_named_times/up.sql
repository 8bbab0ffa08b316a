-- A statement that names the time which a record has already says when all the same: two operations of
-- one request have one `now`. Only a trigger of that very column can tell that it was named.
CREATE FUNCTION keep_named_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- For the rest of the transaction: changes of links cannot be told the time otherwise.
    PERFORM set_config('tomos.written_at', NEW.updated_at::text, true);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_named_time() IS 'Keeps the time that a statement names, for the rest of its transaction.';
-- Triggers run in the order of their names: before *_raise_version.
CREATE TRIGGER projects_keep_named_time BEFORE UPDATE OF updated_at ON projects
    FOR EACH ROW EXECUTE FUNCTION keep_named_time();
CREATE TRIGGER tags_keep_named_time BEFORE UPDATE OF updated_at ON tags
    FOR EACH ROW EXECUTE FUNCTION keep_named_time();
CREATE TRIGGER tasks_keep_named_time BEFORE UPDATE OF updated_at ON tasks
    FOR EACH ROW EXECUTE FUNCTION keep_named_time();

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
