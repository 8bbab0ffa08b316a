-- The parameters had the names of columns. And what tasks are found by was written three times, for the tag, the
-- new link and the old one: under the locks of its task a link can be moved instead.
DROP FUNCTION merge_tags(uuid, uuid, timestamptz);
CREATE FUNCTION merge_tags(old_tag uuid, new_tag uuid, now timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    tagged uuid[];
    refused text;
BEGIN
    -- First the tasks by id, then the tags by key, as everyone locks them. A task that comes to bear the tag
    -- in between would be locked too late: then all is let go, and locked anew.
    LOOP
        BEGIN
            SELECT array_agg(id) INTO tagged FROM (
                SELECT id FROM tasks WHERE id IN (SELECT task_id FROM task_tags WHERE tag_id = old_tag)
                ORDER BY id FOR NO KEY UPDATE
            ) AS locked;
            PERFORM FROM tags WHERE id IN (old_tag, new_tag) ORDER BY key, id FOR UPDATE;
            EXIT WHEN NOT EXISTS (
                SELECT task_id FROM task_tags WHERE tag_id = old_tag EXCEPT SELECT unnest(tagged)
            );
            RAISE USING ERRCODE = 'TM001', MESSAGE = 'another task bears the tag by now';
        EXCEPTION WHEN SQLSTATE 'TM001' THEN NULL;
        END;
    END LOOP;
    SELECT CASE
        WHEN old_tag = new_tag THEN 'same'
        WHEN old_tag NOT IN (SELECT id FROM tags) THEN 'source_missing'
        WHEN new_tag NOT IN (SELECT id FROM tags) THEN 'target_missing'
        WHEN old_tag IN (SELECT id FROM tags WHERE deleted_at IS NOT NULL) THEN 'source_trash'
        WHEN new_tag IN (SELECT id FROM tags WHERE deleted_at IS NOT NULL) THEN 'target_trash'
    END INTO refused;
    IF refused IS NOT NULL THEN
        RAISE check_violation USING CONSTRAINT = 'tags_merge_' || refused || '_check',
            MESSAGE = 'the tags cannot be merged';
    END IF;
    -- What triggers of links write, they write as of this time.
    PERFORM set_config('tomos.written_at', merge_tags.now::text, true);
    -- Nobody can make a link of these tasks meanwhile. The tag itself comes last: what its tasks are found by
    -- would be written twice.
    UPDATE task_tags SET tag_id = new_tag WHERE tag_id = old_tag
        AND NOT EXISTS (SELECT FROM task_tags AS other WHERE other.task_id = task_tags.task_id AND other.tag_id = new_tag);
    DELETE FROM task_tags WHERE tag_id = old_tag;
    UPDATE tags SET deleted_at = merge_tags.now, updated_at = merge_tags.now WHERE id = old_tag;
    RETURN new_tag;
END $$;
COMMENT ON FUNCTION merge_tags(uuid, uuid, timestamptz) IS
    'Puts a tag on all tasks that bear another, which goes to the trash.';
