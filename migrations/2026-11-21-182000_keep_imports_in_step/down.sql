CREATE OR REPLACE FUNCTION move_due_dates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tasks SET due_date = (due_at AT TIME ZONE NEW.time_zone)::date
    WHERE due_at IS NOT NULL
        AND due_date IS DISTINCT FROM (due_at AT TIME ZONE NEW.time_zone)::date;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION move_due_dates() IS 'Recomputes the due days of timed tasks for a new zone of the owner.';
