-- Every order on a stored column starts from an index, in both directions. Where a key may be empty, the
-- two directions are two indexes: empty is last in both.

-- Tasks by the day on which they are to be worked on, last day first.
CREATE INDEX tasks_scheduled_date_desc_idx ON tasks
    (coalesce(scheduled_date, date '-infinity') DESC, id DESC) WHERE deleted_at IS NULL;
-- Tasks by when they were done, first done first.
CREATE INDEX tasks_completed_at_asc_idx ON tasks
    (coalesce(completed_at, timestamptz 'infinity'), id) WHERE deleted_at IS NULL;
-- Projects by status.
CREATE INDEX projects_status_idx ON projects (status, id) WHERE deleted_at IS NULL;
-- Projects by when they were made.
CREATE INDEX projects_created_at_idx ON projects (created_at, id) WHERE deleted_at IS NULL;
-- Projects by when they were changed.
CREATE INDEX projects_updated_at_idx ON projects (updated_at, id) WHERE deleted_at IS NULL;
-- Tags by when they were made.
CREATE INDEX tags_created_at_idx ON tags (created_at, id) WHERE deleted_at IS NULL;
