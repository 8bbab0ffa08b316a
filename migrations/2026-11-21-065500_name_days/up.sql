-- Days as groups are named by: what a filter asks is answered by ranges, without these.
CREATE FUNCTION local_day(instant timestamptz, zone text) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE RETURN (instant AT TIME ZONE zone)::date;
COMMENT ON FUNCTION local_day(timestamptz, text) IS 'The calendar day of an instant in a zone.';

CREATE FUNCTION first_of_week(day date, start integer) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN day - ((extract(isodow FROM day)::integer + 6 - start) % 7);
COMMENT ON FUNCTION first_of_week(date, integer) IS
    'The first day of the week that holds a day; weeks begin so many days after Monday.';

CREATE FUNCTION first_of_month(day date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN day - (extract(day FROM day)::integer - 1);
COMMENT ON FUNCTION first_of_month(date) IS 'The first day of the month that holds a day.';
