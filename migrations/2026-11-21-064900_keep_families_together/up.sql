-- No live task has a parent in the trash, whoever else writes at the same moment: a statement that moves
-- a task to the trash with its subtasks, or back, knows the subtasks and the parent of its beginning only.
CREATE FUNCTION keep_families() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    went uuid[];
    came uuid[];
BEGIN
    SELECT array_agg(id) FILTER (WHERE n.deleted_at IS NOT NULL AND o.deleted_at IS NULL),
        array_agg(id) FILTER (WHERE n.deleted_at IS NULL AND o.deleted_at IS NOT NULL)
    INTO went, came FROM new_rows n JOIN old_rows o USING (id);
    IF went IS NULL AND came IS NULL THEN
        RETURN NULL;
    END IF;
    -- The lock of every change of the tree: who is linking a subtask is waited for and then seen, and who
    -- comes later sees this. Locks on the parents' rows instead would make two moves wait for each other.
    PERFORM pg_advisory_xact_lock(hashtext('tasks.parent_id'));
    IF went IS NOT NULL THEN
        -- Subtasks that came after the statement began go along; this trigger then looks below them.
        UPDATE tasks SET deleted_at = parent.deleted_at, updated_at = parent.updated_at,
            trashed_with = coalesce(parent.trashed_with, parent.id)
        FROM tasks AS parent
        WHERE parent.id = ANY (went) AND tasks.parent_id = parent.id AND tasks.deleted_at IS NULL;
    END IF;
    IF came IS NOT NULL THEN
        UPDATE tasks SET parent_id = NULL, updated_at = tasks.updated_at
        FROM tasks AS parent
        WHERE tasks.id = ANY (came) AND parent.id = tasks.parent_id AND parent.deleted_at IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_families() IS
    'Takes subtasks along to the trash; what comes back without its parent stands alone.';
CREATE TRIGGER tasks_keep_families AFTER UPDATE ON tasks
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_families();

CREATE OR REPLACE FUNCTION guard_task_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above uuid[];
    height integer;
BEGIN
    IF NEW.project_id IS NOT NULL
        AND (TG_OP = 'INSERT' OR NEW.project_id IS DISTINCT FROM OLD.project_id)
        AND EXISTS (SELECT FROM projects WHERE id = NEW.project_id AND deleted_at IS NOT NULL)
    THEN
        RAISE check_violation USING CONSTRAINT = 'tasks_project_id_trash_check',
            MESSAGE = 'the project is in the trash';
    END IF;
    IF NEW.parent_id IS NULL
        OR (TG_OP = 'UPDATE' AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id)
    THEN
        RETURN NEW;
    END IF;
    -- One change of the tree at a time: two moves at once could close a circle that neither sees.
    PERFORM pg_advisory_xact_lock(hashtext('tasks.parent_id'));
    -- Only behind the lock is a parent seen that went to the trash a moment ago.
    IF EXISTS (SELECT FROM tasks WHERE id = NEW.parent_id AND deleted_at IS NOT NULL) THEN
        RAISE check_violation USING CONSTRAINT = 'tasks_parent_id_trash_check',
            MESSAGE = 'the parent is in the trash';
    END IF;
    WITH RECURSIVE up (id, level) AS (
        SELECT NEW.parent_id, 1
        UNION ALL
        SELECT tasks.parent_id, up.level + 1
        FROM up JOIN tasks ON tasks.id = up.id
        WHERE tasks.parent_id IS NOT NULL AND up.level < 10
    )
    SELECT array_agg(id) INTO above FROM up;
    IF NEW.id = ANY (above) THEN
        RAISE check_violation USING CONSTRAINT = 'tasks_parent_cycle_check',
            MESSAGE = 'a task cannot be a part of itself';
    END IF;
    WITH RECURSIVE down (id, level) AS (
        SELECT NEW.id, 1
        UNION ALL
        SELECT tasks.id, down.level + 1
        FROM down JOIN tasks ON tasks.parent_id = down.id
        WHERE down.level < 10
    )
    SELECT max(level) INTO height FROM down;
    IF cardinality(above) + height > 5 THEN
        RAISE check_violation USING CONSTRAINT = 'tasks_parent_depth_check',
            MESSAGE = 'subtasks are nested at most five levels deep';
    END IF;
    RETURN NEW;
END $$;
