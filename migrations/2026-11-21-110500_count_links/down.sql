DROP TRIGGER tags_lock_tasks ON tags;
DROP TRIGGER tasks_tell_links ON tasks;
DROP TRIGGER task_tags_know_task ON task_tags;
DROP FUNCTION lock_tagged_tasks();
DROP FUNCTION tell_links();
DROP FUNCTION know_task();
ALTER TABLE task_tags DROP COLUMN task_open, DROP COLUMN task_live;
DROP FUNCTION is_open_task(task_status, timestamptz);

CREATE OR REPLACE FUNCTION note_moved_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_linked(ARRAY(
        SELECT task_id FROM (TABLE old_links EXCEPT TABLE new_links) AS gone
        UNION
        SELECT task_id FROM (TABLE new_links EXCEPT TABLE old_links) AS come
    ));
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
        SELECT array_agg(DISTINCT task_id) INTO ids FROM (TABLE old_links UNION ALL TABLE new_links) AS links;
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM write_changed_task_documents(ids);
    END IF;
    RETURN NULL;
END $$;
