DROP TABLE import_writes;
DROP TABLE import_runs;
DROP TYPE import_state;
