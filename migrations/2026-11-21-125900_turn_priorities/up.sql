-- The highest priority first and, within it, what is due first: two directions, in which no page can start
-- right at its place. Turned around, the priority goes the same way as the rest.
CREATE FUNCTION turned(task_priority) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE $1 WHEN 'low' THEN 0 WHEN 'medium' THEN -1 WHEN 'high' THEN -2 WHEN 'urgent' THEN -3 END;
COMMENT ON FUNCTION turned(task_priority) IS 'The rank of a priority, the highest first.';
CREATE FUNCTION turned(task_status) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE $1 WHEN 'inbox' THEN 0 WHEN 'todo' THEN -1 WHEN 'in_progress' THEN -2 WHEN 'blocked' THEN -3 WHEN 'done' THEN -4 WHEN 'cancelled' THEN -5 END;
COMMENT ON FUNCTION turned(task_status) IS 'The rank of the status of a task, the last first.';
CREATE FUNCTION turned(project_status) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE $1 WHEN 'active' THEN 0 WHEN 'completed' THEN -1 WHEN 'archived' THEN -2 END;
COMMENT ON FUNCTION turned(project_status) IS 'The rank of the status of a project, the last first.';

DROP INDEX tasks_priority_due_idx, tasks_open_priority_due_idx;
CREATE INDEX tasks_priority_due_idx ON tasks
    (turned(priority), coalesce(due_date, date 'infinity'), coalesce(due_at, timestamptz 'infinity'), id)
    WHERE deleted_at IS NULL;
CREATE INDEX tasks_open_priority_due_idx ON tasks
    (turned(priority), coalesce(due_date, date 'infinity'), coalesce(due_at, timestamptz 'infinity'), id)
    WHERE deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
