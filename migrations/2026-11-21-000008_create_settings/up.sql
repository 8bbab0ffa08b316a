CREATE TYPE weekday AS ENUM
    ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday');
COMMENT ON TYPE weekday IS 'A day of the week.';

CREATE TABLE settings (
    singleton boolean NOT NULL DEFAULT true CONSTRAINT settings_pkey PRIMARY KEY,
    time_zone text COLLATE "C" NOT NULL DEFAULT 'UTC',
    week_start weekday NOT NULL DEFAULT 'monday',
    feed_id uuid NOT NULL DEFAULT gen_random_uuid(),
    CONSTRAINT settings_singleton_check CHECK (singleton)
);
COMMENT ON TABLE settings IS 'The owner''s settings and the change feed''s identity: one row.';
COMMENT ON COLUMN settings.singleton IS 'Always true: there is one row.';
COMMENT ON COLUMN settings.time_zone IS 'The owner''s IANA time zone: that of due_date where due_at is set.';
COMMENT ON COLUMN settings.week_start IS 'The first day of the owner''s week.';
COMMENT ON COLUMN settings.feed_id IS 'Which feed cursors belong to; renewed when the database was restored.';
INSERT INTO settings DEFAULT VALUES;

-- The day of a timed task is that of its instant in the owner's zone.
CREATE FUNCTION move_due_dates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tasks SET due_date = (due_at AT TIME ZONE NEW.time_zone)::date
    WHERE due_at IS NOT NULL
        AND due_date IS DISTINCT FROM (due_at AT TIME ZONE NEW.time_zone)::date;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION move_due_dates() IS 'Recomputes the due days of timed tasks for a new zone of the owner.';
CREATE TRIGGER settings_move_due_dates AFTER UPDATE OF time_zone ON settings
    FOR EACH ROW WHEN (NEW.time_zone IS DISTINCT FROM OLD.time_zone)
    EXECUTE FUNCTION move_due_dates();
