-- Links were asked one by one how their ends are, and so were tasks for their projects: a statement that writes a
-- thousand of them asked two thousand times. Now it asks once, at its end. Whoever writes a link to a task that was
-- there before has written or locked that task first, so that tasks are still locked before tags.
DROP TRIGGER task_tags_check ON task_tags;

-- By lists of ids: joined to the rows of a statement, all tasks are read whenever the planner takes them for few.
CREATE FUNCTION check_links() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    linked uuid[] := ARRAY(SELECT DISTINCT task_id FROM new_links);
    borne uuid[] := ARRAY(SELECT DISTINCT tag_id FROM new_links);
    wrong uuid[];
BEGIN
    -- Who completes a task meanwhile is waited for and seen here, and who comes later sees the link. A task of
    -- this transaction is nobody else's to complete.
    PERFORM FROM tasks WHERE id = ANY (linked) AND (version > 1 OR changed_in <> pg_current_xact_id())
    ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM tags WHERE id = ANY (borne) AND deleted_at IS NOT NULL) THEN
        RAISE check_violation USING CONSTRAINT = 'task_tags_tag_id_trash_check',
            MESSAGE = 'the tag is in the trash';
    END IF;
    SELECT array_agg(task_id) INTO wrong FROM new_links JOIN (
        SELECT id, deleted_at IS NULL AS live, is_open_task(status, deleted_at) AS open
        FROM tasks WHERE id = ANY (linked) OFFSET 0
    ) AS task ON id = task_id WHERE (task_live, task_open) IS DISTINCT FROM (live, open);
    IF wrong IS NOT NULL THEN
        UPDATE task_tags SET task_live = deleted_at IS NULL, task_open = is_open_task(status, deleted_at)
        FROM tasks WHERE tasks.id = task_id AND task_id = ANY (wrong)
            AND (task_live, task_open) IS DISTINCT FROM (deleted_at IS NULL, is_open_task(status, deleted_at));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION check_links() IS 'Refuses tags in the trash, and tells links how their tasks are.';
CREATE TRIGGER task_tags_check AFTER INSERT ON task_tags REFERENCING NEW TABLE AS new_links
    FOR EACH STATEMENT EXECUTE FUNCTION check_links();

-- A link that is there already is no new one.
CREATE FUNCTION linkable_tags(ids uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM tags WHERE id = ANY (ids) AND deleted_at IS NOT NULL) THEN
        RAISE check_violation USING CONSTRAINT = 'task_tags_tag_id_trash_check',
            MESSAGE = 'the tag is in the trash';
    END IF;
    RETURN ids;
END $$;
COMMENT ON FUNCTION linkable_tags(uuid[]) IS 'These tags; one in the trash is refused.';

DROP TRIGGER tasks_guard_links ON tasks;
CREATE TRIGGER tasks_guard_new_parts BEFORE INSERT ON tasks
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION guard_task_links();
CREATE TRIGGER tasks_guard_links BEFORE UPDATE OF project_id, parent_id ON tasks
    FOR EACH ROW WHEN (NEW.project_id IS NOT NULL OR NEW.parent_id IS NOT NULL)
    EXECUTE FUNCTION guard_task_links();

CREATE FUNCTION check_projects() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    named uuid[] := ARRAY(SELECT DISTINCT project_id FROM new_rows WHERE project_id IS NOT NULL);
BEGIN
    IF named <> '{}' AND EXISTS (SELECT FROM projects WHERE id = ANY (named) AND deleted_at IS NOT NULL) THEN
        RAISE check_violation USING CONSTRAINT = 'tasks_project_id_trash_check',
            MESSAGE = 'the project is in the trash';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION check_projects() IS 'Refuses new tasks of projects in the trash.';
CREATE TRIGGER tasks_check_projects AFTER INSERT ON tasks REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION check_projects();

CREATE OR REPLACE FUNCTION keep_task_documents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM search_documents WHERE record_type = 'task' AND record_id IN (SELECT id FROM old_rows);
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        -- What came with tags is written by their trigger.
        SELECT array_agg(id) INTO ids FROM (
            SELECT id FROM new_rows
            EXCEPT SELECT task_id FROM task_tags WHERE task_id = ANY (ARRAY(SELECT id FROM new_rows))
        ) AS untagged;
    ELSE
        SELECT array_agg(id) INTO ids FROM new_rows AS n JOIN old_rows AS o USING (id)
        WHERE (n.deleted_at IS NULL, n.project_id, n.title, n.description)
            IS DISTINCT FROM (o.deleted_at IS NULL, o.project_id, o.title, o.description);
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM write_changed_task_documents(ids);
    END IF;
    RETURN NULL;
END $$;
