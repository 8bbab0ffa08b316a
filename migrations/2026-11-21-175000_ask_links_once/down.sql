DROP INDEX tasks_project_id_idx;
DROP INDEX tasks_parent_id_idx;
CREATE INDEX tasks_project_id_idx ON tasks (project_id, position, id);
CREATE INDEX tasks_parent_id_idx ON tasks (parent_id, position, id);

DROP TRIGGER task_tags_check_moved ON task_tags;
DROP TRIGGER task_tags_check ON task_tags;
DROP FUNCTION check_link();

CREATE FUNCTION know_task() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task record;
BEGIN
    SELECT deleted_at IS NULL AS live, is_open_task(status, deleted_at) AS open INTO task
    FROM tasks WHERE id = NEW.task_id FOR NO KEY UPDATE;
    -- Where there is none, the foreign key says so.
    IF FOUND THEN
        NEW.task_live := task.live;
        NEW.task_open := task.open;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION know_task() IS 'Tells a link how its task is.';
CREATE FUNCTION guard_task_tags() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    trashed boolean;
BEGIN
    SELECT deleted_at IS NOT NULL INTO trashed FROM tags WHERE id = NEW.tag_id FOR KEY SHARE;
    IF trashed THEN
        RAISE check_violation USING CONSTRAINT = 'task_tags_tag_id_trash_check',
            MESSAGE = 'the tag is in the trash';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION guard_task_tags() IS 'Refuses a tag in the trash.';
CREATE TRIGGER task_tags_know_task BEFORE INSERT OR UPDATE OF task_id ON task_tags
    FOR EACH ROW EXECUTE FUNCTION know_task();
CREATE TRIGGER task_tags_guard_updates BEFORE UPDATE OF tag_id ON task_tags
    FOR EACH ROW WHEN (NEW.tag_id IS DISTINCT FROM OLD.tag_id) EXECUTE FUNCTION guard_task_tags();
CREATE TRIGGER task_tags_guard BEFORE INSERT ON task_tags
    FOR EACH ROW EXECUTE FUNCTION guard_task_tags();
