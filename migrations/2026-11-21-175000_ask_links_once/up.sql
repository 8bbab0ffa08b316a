-- A new link asked for its tag and for its task, one after the other: together it costs half, and the task is locked
-- before the tag, as everyone else locks them.
DROP TRIGGER task_tags_guard ON task_tags;
DROP TRIGGER task_tags_guard_updates ON task_tags;
DROP TRIGGER task_tags_know_task ON task_tags;
DROP FUNCTION guard_task_tags();
DROP FUNCTION know_task();

-- Who completes the task or merges the tag meanwhile is waited for and seen here, and who comes later sees the link.
CREATE FUNCTION check_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ends record;
BEGIN
    SELECT tasks.deleted_at IS NULL AS live, is_open_task(tasks.status, tasks.deleted_at) AS open,
        tags.deleted_at IS NOT NULL AS trashed INTO ends
    FROM tasks, tags WHERE tasks.id = NEW.task_id AND tags.id = NEW.tag_id
    FOR NO KEY UPDATE OF tasks FOR KEY SHARE OF tags;
    IF ends.trashed THEN
        RAISE check_violation USING CONSTRAINT = 'task_tags_tag_id_trash_check',
            MESSAGE = 'the tag is in the trash';
    END IF;
    -- Where there is none, the foreign keys say so.
    IF FOUND THEN
        NEW.task_live := ends.live;
        NEW.task_open := ends.open;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION check_link() IS 'Refuses a tag in the trash, and tells a link how its task is.';
CREATE TRIGGER task_tags_check BEFORE INSERT ON task_tags
    FOR EACH ROW EXECUTE FUNCTION check_link();
CREATE TRIGGER task_tags_check_moved BEFORE UPDATE OF task_id, tag_id ON task_tags
    FOR EACH ROW WHEN ((OLD.task_id, OLD.tag_id) IS DISTINCT FROM (NEW.task_id, NEW.tag_id))
    EXECUTE FUNCTION check_link();

-- Few tasks have a parent, and many have no project: those need no entry to be found by it.
DROP INDEX tasks_parent_id_idx;
DROP INDEX tasks_project_id_idx;
CREATE INDEX tasks_parent_id_idx ON tasks (parent_id, position, id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_project_id_idx ON tasks (project_id, position, id) WHERE project_id IS NOT NULL;
