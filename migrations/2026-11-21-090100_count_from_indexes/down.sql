DROP INDEX tasks_open_idx, tasks_open_due_idx, tasks_open_priority_due_idx, tasks_status_position_idx,
    tasks_kinds_idx, tasks_project_progress_idx, tasks_parent_progress_idx;
CREATE INDEX tasks_open_due_date_idx ON tasks (due_date)
    WHERE deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
