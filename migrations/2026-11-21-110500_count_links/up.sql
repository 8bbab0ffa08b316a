-- How many tasks bear a tag is asked of each tag there is. A link knows of its task what is counted, so that
-- the counts come from an index of links alone; a counter for each tag would make all who write to tasks
-- with one tag wait for each other.
ALTER TABLE task_tags
    ADD COLUMN task_live boolean NOT NULL DEFAULT true,
    ADD COLUMN task_open boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN task_tags.task_live IS 'Whether the task is not in the trash; triggers keep it.';
COMMENT ON COLUMN task_tags.task_open IS 'Whether the task is live and something is left to do; triggers keep it.';

CREATE FUNCTION is_open_task(status task_status, deleted_at timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked');
COMMENT ON FUNCTION is_open_task(task_status, timestamptz) IS 'Whether a task is live and something is left to do.';

-- Before there are triggers that would take this for changes of links.
ALTER TABLE task_tags DISABLE TRIGGER USER;
UPDATE task_tags SET task_live = deleted_at IS NULL, task_open = is_open_task(status, deleted_at)
FROM tasks WHERE tasks.id = task_id AND NOT is_open_task(status, deleted_at);
ALTER TABLE task_tags ENABLE TRIGGER USER;

-- The counts of a tag.
CREATE INDEX task_tags_live_idx ON task_tags (tag_id) WHERE task_live;
CREATE INDEX task_tags_open_idx ON task_tags (tag_id) WHERE task_open;

-- The task is locked before its links are written, by everyone: who is completing it is waited for and seen
-- here, and who comes later sees the link.
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
CREATE TRIGGER task_tags_know_task BEFORE INSERT OR UPDATE OF task_id ON task_tags
    FOR EACH ROW EXECUTE FUNCTION know_task();

-- The task is read again: what a trigger did to it since is not in NEW.
CREATE FUNCTION tell_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE task_tags SET task_live = deleted_at IS NULL, task_open = is_open_task(status, deleted_at)
    FROM tasks WHERE tasks.id = NEW.id AND task_id = NEW.id
        AND (task_live, task_open) IS DISTINCT FROM (deleted_at IS NULL, is_open_task(status, deleted_at));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_links() IS 'Tells the links of a changed task how it is.';
CREATE TRIGGER tasks_tell_links AFTER UPDATE ON tasks FOR EACH ROW
    WHEN ((OLD.status, OLD.deleted_at IS NULL) IS DISTINCT FROM (NEW.status, NEW.deleted_at IS NULL))
    EXECUTE FUNCTION tell_links();

-- A tag that is deleted for good takes its links along: here too the tasks come first.
CREATE FUNCTION lock_tagged_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM tasks WHERE id IN (SELECT task_id FROM task_tags WHERE tag_id = OLD.id) ORDER BY id FOR NO KEY UPDATE;
    RETURN OLD;
END $$;
COMMENT ON FUNCTION lock_tagged_tasks() IS 'Locks the tasks that bear a tag before their links go with it.';
CREATE TRIGGER tags_lock_tasks BEFORE DELETE ON tags
    FOR EACH ROW EXECUTE FUNCTION lock_tagged_tasks();

-- That a link knows its task better is no change of the link.
CREATE OR REPLACE FUNCTION note_moved_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved uuid[] := ARRAY(
        SELECT task_id FROM (SELECT task_id, tag_id FROM old_links EXCEPT SELECT task_id, tag_id FROM new_links) AS gone
        UNION
        SELECT task_id FROM (SELECT task_id, tag_id FROM new_links EXCEPT SELECT task_id, tag_id FROM old_links) AS come
    );
BEGIN
    IF moved <> '{}' THEN
        PERFORM note_linked(moved);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION keep_tagged_documents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT task_id) INTO ids FROM new_links;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT task_id) INTO ids FROM old_links;
    ELSE
        SELECT array_agg(DISTINCT task_id) INTO ids FROM (
            SELECT task_id FROM (SELECT task_id, tag_id FROM old_links EXCEPT SELECT task_id, tag_id FROM new_links) AS gone
            UNION ALL
            SELECT task_id FROM (SELECT task_id, tag_id FROM new_links EXCEPT SELECT task_id, tag_id FROM old_links) AS come
        ) AS moved;
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM write_changed_task_documents(ids);
    END IF;
    RETURN NULL;
END $$;
