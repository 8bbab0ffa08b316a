CREATE OR REPLACE FUNCTION check_links() RETURNS trigger LANGUAGE plpgsql
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

CREATE OR REPLACE FUNCTION linkable_tags(ids uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM tags WHERE id = ANY (ids) AND deleted_at IS NOT NULL) THEN
        RAISE check_violation USING CONSTRAINT = 'task_tags_tag_id_trash_check',
            MESSAGE = 'the tag is in the trash';
    END IF;
    RETURN ids;
END $$;
