DROP TRIGGER settings_guard_time_zone ON settings;
DROP FUNCTION guard_time_zone();
