-- The program's list of zones may be younger than the server's, and some servers leave the old names out
-- of theirs. Without a day to compute the server would not notice, with one it would name no constraint.
CREATE FUNCTION guard_time_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM now() AT TIME ZONE NEW.time_zone;
    RETURN NEW;
EXCEPTION WHEN invalid_parameter_value THEN
    RAISE check_violation USING CONSTRAINT = 'settings_time_zone_check',
        MESSAGE = 'the database does not know this time zone';
END $$;
COMMENT ON FUNCTION guard_time_zone() IS 'Refuses a time zone that the server does not know.';
CREATE TRIGGER settings_guard_time_zone BEFORE INSERT OR UPDATE OF time_zone ON settings
    FOR EACH ROW EXECUTE FUNCTION guard_time_zone();
