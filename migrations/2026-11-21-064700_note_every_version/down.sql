-- Rows of two kinds with one id in one transaction become one again: the feed only says that an id changed.
DELETE FROM changes AS later USING changes AS earlier
WHERE earlier.record_id = later.record_id AND earlier.xid = later.xid AND earlier.seq < later.seq;
ALTER TABLE changes
    DROP CONSTRAINT changes_record_id_record_type_xid_key,
    ADD CONSTRAINT changes_record_id_xid_key UNIQUE (record_id, xid);

CREATE OR REPLACE FUNCTION note_changes(
    kind record_type, ids uuid[], versions integer[], fields text[], ops change_op[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (record_type, record_id, version, fields, op)
    SELECT kind, id, version, string_to_array(field_list, ','), op
    FROM unnest(ids, versions, note_changes.fields, ops) AS new (id, version, field_list, op)
    ORDER BY id
    ON CONFLICT (record_id, xid) DO UPDATE SET
        version = excluded.version,
        op = excluded.op,
        fields = ARRAY(SELECT DISTINCT unnest(changes.fields || excluded.fields) ORDER BY 1);
    -- It only wakes whoever listens; the table answers.
    NOTIFY tomos_changes;
END $$;

CREATE OR REPLACE FUNCTION note_task_updates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes('task', array_agg(id), array_agg(version), array_agg(fields), array_agg(op))
    FROM (
        SELECT n.id, n.version,
            (CASE WHEN n.deleted_at IS NULL THEN 'upsert' ELSE 'delete' END)::change_op AS op,
            concat_ws(',',
                CASE WHEN n.title IS DISTINCT FROM o.title THEN 'title' END,
                CASE WHEN n.description IS DISTINCT FROM o.description THEN 'description' END,
                CASE WHEN (n.status, n.completed_at) IS DISTINCT FROM (o.status, o.completed_at) THEN 'status' END,
                CASE WHEN n.priority IS DISTINCT FROM o.priority THEN 'priority' END,
                CASE WHEN (n.due_date, n.due_at) IS DISTINCT FROM (o.due_date, o.due_at) THEN 'due' END,
                CASE WHEN n.scheduled_date IS DISTINCT FROM o.scheduled_date THEN 'scheduledDate' END,
                CASE WHEN n.snoozed_until IS DISTINCT FROM o.snoozed_until THEN 'snoozedUntil' END,
                CASE WHEN n.energy IS DISTINCT FROM o.energy THEN 'energy' END,
                CASE WHEN n.time_estimate IS DISTINCT FROM o.time_estimate THEN 'timeEstimate' END,
                CASE WHEN n.source IS DISTINCT FROM o.source THEN 'source' END,
                CASE WHEN n.position IS DISTINCT FROM o.position THEN 'position' END,
                CASE WHEN n.project_id IS DISTINCT FROM o.project_id THEN 'projectId' END,
                CASE WHEN n.parent_id IS DISTINCT FROM o.parent_id THEN 'parentId' END,
                CASE WHEN n.deleted_at IS DISTINCT FROM o.deleted_at THEN 'deletedAt' END
            ) AS fields
        FROM new_rows n JOIN old_rows o USING (id)
    ) AS changed WHERE fields <> '' HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_project_updates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes('project', array_agg(id), array_agg(version), array_agg(fields), array_agg(op))
    FROM (
        SELECT n.id, n.version,
            (CASE WHEN n.deleted_at IS NULL THEN 'upsert' ELSE 'delete' END)::change_op AS op,
            concat_ws(',',
                CASE WHEN n.title IS DISTINCT FROM o.title THEN 'title' END,
                CASE WHEN n.description IS DISTINCT FROM o.description THEN 'description' END,
                CASE WHEN n.status IS DISTINCT FROM o.status THEN 'status' END,
                CASE WHEN n.color IS DISTINCT FROM o.color THEN 'color' END,
                CASE WHEN n.icon IS DISTINCT FROM o.icon THEN 'icon' END,
                CASE WHEN n.deleted_at IS DISTINCT FROM o.deleted_at THEN 'deletedAt' END
            ) AS fields
        FROM new_rows n JOIN old_rows o USING (id)
    ) AS changed WHERE fields <> '' HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_tag_updates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes('tag', array_agg(id), array_agg(version), array_agg(fields), array_agg(op))
    FROM (
        SELECT n.id, n.version,
            (CASE WHEN n.deleted_at IS NULL THEN 'upsert' ELSE 'delete' END)::change_op AS op,
            concat_ws(',',
                CASE WHEN n.name IS DISTINCT FROM o.name THEN 'name' END,
                CASE WHEN n.color IS DISTINCT FROM o.color THEN 'color' END,
                CASE WHEN n.deleted_at IS DISTINCT FROM o.deleted_at THEN 'deletedAt' END
            ) AS fields
        FROM new_rows n JOIN old_rows o USING (id)
    ) AS changed WHERE fields <> '' HAVING count(*) > 0;
    RETURN NULL;
END $$;
