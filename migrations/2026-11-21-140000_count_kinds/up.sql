-- Lists of top-level tasks are counted over these alone: a third of the open tasks are parts of others.
CREATE INDEX tasks_open_top_level_idx ON tasks (status, priority) INCLUDE (due_date, snoozed_until, scheduled_date)
    WHERE deleted_at IS NULL AND parent_id IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
-- What was done on a day: the order by completed_at has indexes of an expression, which serve no condition.
CREATE INDEX tasks_completed_at_day_idx ON tasks (completed_at) INCLUDE (status)
    WHERE deleted_at IS NULL AND completed_at IS NOT NULL;
