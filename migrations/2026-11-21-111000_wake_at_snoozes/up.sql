-- When the next open task comes back from its snooze: lists that are followed ask at every turn.
CREATE INDEX tasks_open_snoozed_until_idx ON tasks (snoozed_until)
    WHERE deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked')
        AND snoozed_until IS NOT NULL;
