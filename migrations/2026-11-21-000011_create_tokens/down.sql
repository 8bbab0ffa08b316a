DROP TRIGGER settings_tell ON settings;
DROP TABLE tokens;
DROP FUNCTION tell_settings();
DROP TYPE token_scope;
