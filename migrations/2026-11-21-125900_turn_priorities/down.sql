DROP INDEX tasks_priority_due_idx, tasks_open_priority_due_idx;
CREATE INDEX tasks_priority_due_idx ON tasks
    (priority DESC, coalesce(due_date, date 'infinity'), coalesce(due_at, timestamptz 'infinity'), id)
    WHERE deleted_at IS NULL;
CREATE INDEX tasks_open_priority_due_idx ON tasks
    (priority DESC, coalesce(due_date, date 'infinity'), coalesce(due_at, timestamptz 'infinity'), id)
    WHERE deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
DROP FUNCTION turned(task_priority), turned(task_status), turned(project_status);
