DROP FUNCTION merge_tags(uuid, uuid, timestamptz);

CREATE OR REPLACE FUNCTION guard_task_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM tags WHERE id = NEW.tag_id AND deleted_at IS NOT NULL) THEN
        RAISE check_violation USING CONSTRAINT = 'task_tags_tag_id_trash_check',
            MESSAGE = 'the tag is in the trash';
    END IF;
    RETURN NEW;
END $$;
