-- The tasks above a new part are looked up one by one, and those below it only where there are any. A
-- recursive query is a large statement for the one step that most parts take, and its plan may be to read
-- all tasks at each: what was planned for few of them is kept when there are many.
CREATE OR REPLACE FUNCTION guard_task_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above uuid[] := ARRAY[NEW.parent_id];
    next uuid;
    height integer := 1;
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
    WHILE cardinality(above) < 10 LOOP
        SELECT parent_id INTO next FROM tasks WHERE id = above[cardinality(above)];
        EXIT WHEN next IS NULL;
        above := above || next;
    END LOOP;
    IF NEW.id = ANY (above) THEN
        RAISE check_violation USING CONSTRAINT = 'tasks_parent_cycle_check',
            MESSAGE = 'a task cannot be a part of itself';
    END IF;
    -- A new task may have parts already: they came before it in the same statement.
    IF EXISTS (SELECT FROM tasks WHERE parent_id = NEW.id) THEN
        WITH RECURSIVE down (id, level) AS (
            SELECT NEW.id, 1
            UNION ALL
            SELECT tasks.id, down.level + 1
            FROM down JOIN tasks ON tasks.parent_id = down.id
            WHERE down.level < 10
        )
        SELECT max(level) INTO height FROM down;
    END IF;
    IF cardinality(above) + height > 5 THEN
        RAISE check_violation USING CONSTRAINT = 'tasks_parent_depth_check',
            MESSAGE = 'subtasks are nested at most five levels deep';
    END IF;
    RETURN NEW;
END $$;
