CREATE OR REPLACE FUNCTION keep_task_documents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM search_documents WHERE record_type = 'task' AND record_id IN (SELECT id FROM old_rows);
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        -- What came with tags is written by their trigger.
        SELECT array_agg(id) INTO ids FROM new_rows
        WHERE NOT EXISTS (SELECT FROM task_tags WHERE task_id = new_rows.id);
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

DROP TRIGGER tasks_check_projects ON tasks;
DROP FUNCTION check_projects();
DROP TRIGGER tasks_guard_links ON tasks;
DROP TRIGGER tasks_guard_new_parts ON tasks;
CREATE TRIGGER tasks_guard_links BEFORE INSERT OR UPDATE OF project_id, parent_id ON tasks
    FOR EACH ROW WHEN (NEW.project_id IS NOT NULL OR NEW.parent_id IS NOT NULL)
    EXECUTE FUNCTION guard_task_links();

DROP FUNCTION linkable_tags(uuid[]);
DROP TRIGGER task_tags_check ON task_tags;
DROP FUNCTION check_links();
CREATE TRIGGER task_tags_check BEFORE INSERT ON task_tags
    FOR EACH ROW EXECUTE FUNCTION check_link();
