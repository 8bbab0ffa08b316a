DROP FUNCTION task_family(uuid);
DROP TABLE tasks;
DROP FUNCTION place_task();
DROP TYPE time_estimate;
DROP TYPE energy_level;
DROP TYPE task_priority;
DROP TYPE task_status;
