-- What is counted is counted from an index alone, and the lists of open tasks skip those that are done.

-- Open tasks: every view and the counts of what is due, whatever the zone.
DROP INDEX tasks_open_due_date_idx;
CREATE INDEX tasks_open_idx ON tasks (due_date, priority, due_at)
    INCLUDE (status, snoozed_until, parent_id, scheduled_date)
    WHERE deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
-- Open tasks by due day, and by priority and due day.
CREATE INDEX tasks_open_due_idx ON tasks
    (coalesce(due_date, date 'infinity'), coalesce(due_at, timestamptz 'infinity'), id)
    WHERE deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
CREATE INDEX tasks_open_priority_due_idx ON tasks
    (priority DESC, coalesce(due_date, date 'infinity'), coalesce(due_at, timestamptz 'infinity'), id)
    WHERE deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
-- Tasks of one status, by hand.
CREATE INDEX tasks_status_position_idx ON tasks (status, position, id) WHERE deleted_at IS NULL;
-- How many tasks of each kind there are.
CREATE INDEX tasks_kinds_idx ON tasks (status, priority) WHERE deleted_at IS NULL;
-- The progress of projects and of tasks with parts.
CREATE INDEX tasks_project_progress_idx ON tasks (project_id, status, due_date, due_at)
    WHERE deleted_at IS NULL AND project_id IS NOT NULL;
CREATE INDEX tasks_parent_progress_idx ON tasks (parent_id, status, due_date, due_at)
    WHERE deleted_at IS NULL AND parent_id IS NOT NULL;
