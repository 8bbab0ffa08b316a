DROP FUNCTION topmost_task(uuid, uuid[]);
DROP FUNCTION task_families(uuid[]);
