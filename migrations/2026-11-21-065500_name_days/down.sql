DROP FUNCTION first_of_month(date);
DROP FUNCTION first_of_week(date, integer);
DROP FUNCTION local_day(timestamptz, text);
