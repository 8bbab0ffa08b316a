DROP TABLE settings;
DROP FUNCTION move_due_dates();
DROP TYPE weekday;
