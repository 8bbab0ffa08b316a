-- Several tasks that go to the trash at once, some of them perhaps parts of others.
CREATE FUNCTION task_families(roots uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE ROWS 100
    BEGIN ATOMIC
        WITH RECURSIVE family (id) AS (
            SELECT unnest(roots)
            UNION
            SELECT tasks.id FROM family JOIN tasks ON tasks.parent_id = family.id
        )
        SELECT family.id FROM family;
    END;
COMMENT ON FUNCTION task_families(uuid[]) IS 'Tasks with their subtasks of every level.';

CREATE FUNCTION topmost_task(task uuid, among uuid[]) RETURNS uuid LANGUAGE sql STABLE
    BEGIN ATOMIC
        WITH RECURSIVE line (id, parent_id, height) AS (
            SELECT tasks.id, tasks.parent_id, 0 FROM tasks WHERE tasks.id = task
            UNION ALL
            SELECT tasks.id, tasks.parent_id, line.height + 1 FROM line JOIN tasks ON tasks.id = line.parent_id
        )
        SELECT line.id FROM line WHERE line.id = ANY (among) ORDER BY line.height DESC LIMIT 1;
    END;
COMMENT ON FUNCTION topmost_task(uuid, uuid[]) IS
    'The topmost of some tasks that a task is or is a part of; null where it is none of them.';
