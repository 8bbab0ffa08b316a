-- Whoever is merging the tag is waited for: a link to it would be left behind.
CREATE OR REPLACE FUNCTION guard_task_tags() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION merge_tags(source uuid, target uuid, now timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    tagged uuid[];
    refused text;
BEGIN
    -- First the tasks by id, then the tags by key, as everyone locks them. A task that comes to bear the tag
    -- in between would be locked too late: then all is let go, and locked anew.
    LOOP
        BEGIN
            SELECT array_agg(id) INTO tagged FROM (
                SELECT id FROM tasks WHERE id IN (SELECT task_id FROM task_tags WHERE tag_id = source)
                ORDER BY id FOR NO KEY UPDATE
            ) AS locked;
            PERFORM FROM tags WHERE id IN (source, target) ORDER BY key, id FOR UPDATE;
            EXIT WHEN NOT EXISTS (
                SELECT task_id FROM task_tags WHERE tag_id = source EXCEPT SELECT unnest(tagged)
            );
            RAISE USING ERRCODE = 'TM001', MESSAGE = 'another task bears the tag by now';
        EXCEPTION WHEN SQLSTATE 'TM001' THEN NULL;
        END;
    END LOOP;
    SELECT CASE
        WHEN source = target THEN 'same'
        WHEN source NOT IN (SELECT id FROM tags) THEN 'source_missing'
        WHEN target NOT IN (SELECT id FROM tags) THEN 'target_missing'
        WHEN source IN (SELECT id FROM tags WHERE deleted_at IS NOT NULL) THEN 'source_trash'
        WHEN target IN (SELECT id FROM tags WHERE deleted_at IS NOT NULL) THEN 'target_trash'
    END INTO refused;
    IF refused IS NOT NULL THEN
        RAISE check_violation USING CONSTRAINT = 'tags_merge_' || refused || '_check',
            MESSAGE = 'the tags cannot be merged';
    END IF;
    -- First the tag: it names the time, which changes of links cannot.
    UPDATE tags SET deleted_at = merge_tags.now, updated_at = merge_tags.now WHERE id = source;
    INSERT INTO task_tags (task_id, tag_id) SELECT task_id, target FROM task_tags WHERE tag_id = source
    ON CONFLICT DO NOTHING;
    DELETE FROM task_tags WHERE tag_id = source;
    RETURN target;
END $$;
COMMENT ON FUNCTION merge_tags(uuid, uuid, timestamptz) IS
    'Puts a tag on all tasks that bear another, which goes to the trash.';
