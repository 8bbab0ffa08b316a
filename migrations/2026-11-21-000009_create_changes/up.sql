CREATE TYPE record_type AS ENUM ('task', 'project', 'tag');
CREATE TYPE change_op AS ENUM ('upsert', 'delete');
COMMENT ON TYPE record_type IS 'The kinds of records.';
COMMENT ON TYPE change_op IS 'Whether a record is among the live ones after a change, or left them.';

CREATE TABLE changes (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT changes_pkey PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    record_type record_type NOT NULL,
    record_id uuid NOT NULL,
    version integer NOT NULL,
    fields text[] COLLATE "C" NOT NULL,
    op change_op NOT NULL,
    at timestamptz(3) NOT NULL DEFAULT now(),
    -- One row a transaction and record; it also finds the changes of a record.
    CONSTRAINT changes_record_id_xid_key UNIQUE (record_id, xid)
);
COMMENT ON TABLE changes IS 'The change feed: that a record changed, not how.';
COMMENT ON COLUMN changes.seq IS 'The order in which changes were written, which is not that of commits.';
COMMENT ON COLUMN changes.xid IS 'The transaction: visible in a snapshot or not, which is what a cursor asks.';
COMMENT ON COLUMN changes.record_type IS 'The kind of the record.';
COMMENT ON COLUMN changes.record_id IS 'The record. Not a reference: it may be gone.';
COMMENT ON COLUMN changes.version IS 'Its version after the change.';
COMMENT ON COLUMN changes.fields IS 'The API''s fields that changed; due is dueDate and dueAt, status is completedAt too; none where it was made.';
COMMENT ON COLUMN changes.op IS 'Whether it is among the live records after the change.';
COMMENT ON COLUMN changes.at IS 'When the transaction began.';
-- What is not visible in a snapshot is at or after its xmin.
CREATE INDEX changes_xid_idx ON changes (xid, seq);

-- Writes changes down; a record that changed before in the transaction has one row for both.
CREATE FUNCTION note_changes(
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
COMMENT ON FUNCTION note_changes(record_type, uuid[], integer[], text[], change_op[]) IS
    'Writes changes of records into the feed.';

-- New records: no field, for nobody knew them before.
CREATE FUNCTION note_inserts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes(TG_ARGV[0]::record_type, array_agg(id), array_agg(version),
        array_agg(''::text), array_agg((CASE WHEN deleted_at IS NULL THEN 'upsert' ELSE 'delete' END)::change_op))
    FROM new_rows HAVING count(*) > 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_inserts() IS 'Notes new records.';

-- Records that are gone for good.
CREATE FUNCTION note_deletes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes(TG_ARGV[0]::record_type, array_agg(id), array_agg(version + 1),
        array_agg('deletedAt'::text), array_agg('delete'::change_op))
    FROM old_rows HAVING count(*) > 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_deletes() IS 'Notes records that are gone for good.';

CREATE FUNCTION note_task_updates() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION note_task_updates() IS 'Notes changed tasks.';

CREATE FUNCTION note_project_updates() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION note_project_updates() IS 'Notes changed projects.';

CREATE FUNCTION note_tag_updates() RETURNS trigger LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION note_tag_updates() IS 'Notes changed tags.';

-- A link's change is a change of its task: it raises the version, unless this transaction did already.
CREATE FUNCTION note_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    linked uuid[] := ARRAY(SELECT DISTINCT task_id FROM links ORDER BY 1);
BEGIN
    -- In the order of ids, as everyone locks tasks.
    PERFORM FROM tasks WHERE id = ANY (linked) ORDER BY id FOR NO KEY UPDATE;
    UPDATE tasks SET
        changed_in = pg_current_xact_id(),
        updated_at = coalesce(nullif(current_setting('tomos.written_at', true), '')::timestamptz, now())
    WHERE id = ANY (linked) AND changed_in <> pg_current_xact_id();
    PERFORM note_changes('task', array_agg(id), array_agg(version), array_agg('tags'::text),
        array_agg((CASE WHEN deleted_at IS NULL THEN 'upsert' ELSE 'delete' END)::change_op))
    FROM tasks WHERE id = ANY (linked) HAVING count(*) > 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_links() IS 'Notes tasks whose tags changed.';

CREATE TRIGGER tasks_note_inserts AFTER INSERT ON tasks
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_inserts('task');
CREATE TRIGGER tasks_note_updates AFTER UPDATE ON tasks
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_task_updates();
CREATE TRIGGER tasks_note_deletes AFTER DELETE ON tasks
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_deletes('task');
CREATE TRIGGER projects_note_inserts AFTER INSERT ON projects
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_inserts('project');
CREATE TRIGGER projects_note_updates AFTER UPDATE ON projects
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_project_updates();
CREATE TRIGGER projects_note_deletes AFTER DELETE ON projects
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_deletes('project');
CREATE TRIGGER tags_note_inserts AFTER INSERT ON tags
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_inserts('tag');
CREATE TRIGGER tags_note_updates AFTER UPDATE ON tags
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_tag_updates();
CREATE TRIGGER tags_note_deletes AFTER DELETE ON tags
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_deletes('tag');
CREATE TRIGGER task_tags_note_inserts AFTER INSERT ON task_tags
    REFERENCING NEW TABLE AS links
    FOR EACH STATEMENT EXECUTE FUNCTION note_links();
CREATE TRIGGER task_tags_note_deletes AFTER DELETE ON task_tags
    REFERENCING OLD TABLE AS links
    FOR EACH STATEMENT EXECUTE FUNCTION note_links();
