-- The values stand in rank order: sorting by them is sorting by rank.
CREATE TYPE task_status AS ENUM ('inbox', 'todo', 'in_progress', 'blocked', 'done', 'cancelled');
CREATE TYPE task_priority AS ENUM ('low', 'medium', 'high', 'urgent');
CREATE TYPE energy_level AS ENUM ('low', 'medium', 'high');
CREATE TYPE time_estimate AS ENUM ('quick', 'short', 'long');
COMMENT ON TYPE task_status IS 'How far a task is, in rank order.';
COMMENT ON TYPE task_priority IS 'How much a task matters, in rank order.';
COMMENT ON TYPE energy_level IS 'The energy that a task takes, in rank order.';
COMMENT ON TYPE time_estimate IS 'How long a task takes: under 15 minutes, 15 to 60, over an hour.';

CREATE TABLE tasks (
    id uuid CONSTRAINT tasks_pkey PRIMARY KEY,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    trashed_with uuid,
    title text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    status task_status NOT NULL DEFAULT 'todo',
    priority task_priority NOT NULL DEFAULT 'medium',
    due_date date,
    due_at timestamptz(3),
    scheduled_date date,
    snoozed_until timestamptz(3),
    completed_at timestamptz(3),
    energy energy_level,
    time_estimate time_estimate,
    source text COLLATE "C",
    position text COLLATE "C" NOT NULL,
    project_id uuid CONSTRAINT tasks_project_id_fkey REFERENCES projects (id) ON DELETE SET NULL,
    parent_id uuid CONSTRAINT tasks_parent_id_fkey REFERENCES tasks (id) ON DELETE SET NULL,
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- The API takes 500; an imported title is kept whole.
    CONSTRAINT tasks_title_check CHECK (char_length(title) <= 10000 AND title ~ '\S'),
    CONSTRAINT tasks_description_check CHECK (char_length(description) <= 1000000),
    CONSTRAINT tasks_completed_at_check CHECK ((status = 'done') = (completed_at IS NOT NULL)),
    CONSTRAINT tasks_due_at_check CHECK (due_at IS NULL OR due_date IS NOT NULL),
    CONSTRAINT tasks_trashed_with_check CHECK (trashed_with IS NULL OR deleted_at IS NOT NULL)
);
COMMENT ON TABLE tasks IS 'Things to do.';
COMMENT ON COLUMN tasks.id IS 'UUID version 7, made by the client or the server; version 5 of the origin where imported.';
COMMENT ON COLUMN tasks.version IS 'Rises by one with every change of the task or of its tags.';
COMMENT ON COLUMN tasks.created_at IS 'When it was made.';
COMMENT ON COLUMN tasks.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN tasks.deleted_at IS 'When it was moved to the trash; null while live.';
COMMENT ON COLUMN tasks.trashed_with IS 'The task with which it was moved to the trash: itself, or one above it. Not a reference: that one may be gone.';
COMMENT ON COLUMN tasks.title IS 'What is to be done.';
COMMENT ON COLUMN tasks.description IS 'What it is about, in Markdown.';
COMMENT ON COLUMN tasks.status IS 'How far it is.';
COMMENT ON COLUMN tasks.priority IS 'How much it matters.';
COMMENT ON COLUMN tasks.due_date IS 'The day on which it falls due; with due_at set, that instant''s day in the owner''s zone.';
COMMENT ON COLUMN tasks.due_at IS 'The due instant, where a time of day was given.';
COMMENT ON COLUMN tasks.scheduled_date IS 'The day on which the owner means to work on it.';
COMMENT ON COLUMN tasks.snoozed_until IS 'Until when the views hide it.';
COMMENT ON COLUMN tasks.completed_at IS 'When it was done: set exactly while the status is done.';
COMMENT ON COLUMN tasks.energy IS 'The energy that it takes.';
COMMENT ON COLUMN tasks.time_estimate IS 'How long it takes.';
COMMENT ON COLUMN tasks.source IS 'Where it was captured.';
COMMENT ON COLUMN tasks.position IS 'Its place in the one manual order of all tasks, compared as bytes.';
COMMENT ON COLUMN tasks.project_id IS 'The project that it belongs to; hidden while that is in the trash.';
COMMENT ON COLUMN tasks.parent_id IS 'The task that it is a part of; hidden while that is in the trash.';
COMMENT ON COLUMN tasks.changed_in IS 'The transaction that last raised its version.';

-- Orders of the list of tasks. A key that may be empty is ordered as the last value there is, so that
-- a page can start right at its place; the opposite direction has an index of its own.
CREATE INDEX tasks_position_idx ON tasks (position, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_due_idx ON tasks
    (coalesce(due_date, date 'infinity'), coalesce(due_at, timestamptz 'infinity'), id)
    WHERE deleted_at IS NULL;
CREATE INDEX tasks_due_desc_idx ON tasks
    (coalesce(due_date, date '-infinity') DESC, coalesce(due_at, timestamptz '-infinity') DESC, id DESC)
    WHERE deleted_at IS NULL;
CREATE INDEX tasks_priority_due_idx ON tasks
    (priority DESC, coalesce(due_date, date 'infinity'), coalesce(due_at, timestamptz 'infinity'), id)
    WHERE deleted_at IS NULL;
CREATE INDEX tasks_priority_idx ON tasks (priority, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_status_idx ON tasks (status, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_title_idx ON tasks (sort_key(title), id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_scheduled_date_idx ON tasks (coalesce(scheduled_date, date 'infinity'), id)
    WHERE deleted_at IS NULL;
CREATE INDEX tasks_created_at_idx ON tasks (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_updated_at_idx ON tasks (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_completed_at_idx ON tasks
    (coalesce(completed_at, timestamptz '-infinity') DESC, id DESC) WHERE deleted_at IS NULL;
-- Reminders: open tasks by their due instant.
CREATE INDEX tasks_open_due_at_idx ON tasks (due_at)
    WHERE deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
-- Open tasks by due day.
CREATE INDEX tasks_open_due_date_idx ON tasks (due_date)
    WHERE deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
-- The tasks of a project and the parts of a task, in manual order; they serve the foreign keys too.
CREATE INDEX tasks_project_id_idx ON tasks (project_id, position, id);
CREATE INDEX tasks_parent_id_idx ON tasks (parent_id, position, id);
-- What a restored task brings back.
CREATE INDEX tasks_trashed_with_idx ON tasks (trashed_with) WHERE trashed_with IS NOT NULL;

CREATE TRIGGER tasks_raise_version BEFORE UPDATE ON tasks
    FOR EACH ROW EXECUTE FUNCTION raise_version();

-- A new task stands last in the manual order: creating reads nothing and cannot collide. Hex digits
-- leave room for keys between two others.
CREATE FUNCTION place_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.position := lpad(to_hex((extract(epoch FROM NEW.created_at) * 1000)::bigint), 12, '0')
        || replace(NEW.id::text, '-', '');
    RETURN NEW;
END $$;
COMMENT ON FUNCTION place_task() IS 'Puts a new task at the end of the manual order.';
CREATE TRIGGER tasks_place BEFORE INSERT ON tasks
    FOR EACH ROW WHEN (NEW.position IS NULL) EXECUTE FUNCTION place_task();

-- A task with its subtasks of every level.
CREATE FUNCTION task_family(task uuid) RETURNS SETOF uuid LANGUAGE sql STABLE ROWS 10
    BEGIN ATOMIC
        WITH RECURSIVE family (id) AS (
            SELECT task
            UNION
            SELECT tasks.id FROM family JOIN tasks ON tasks.parent_id = family.id
        )
        SELECT family.id FROM family;
    END;
COMMENT ON FUNCTION task_family(uuid) IS 'A task with its subtasks of every level.';
