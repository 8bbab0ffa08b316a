CREATE TABLE task_tags (
    task_id uuid NOT NULL CONSTRAINT task_tags_task_id_fkey REFERENCES tasks (id) ON DELETE CASCADE,
    tag_id uuid NOT NULL CONSTRAINT task_tags_tag_id_fkey REFERENCES tags (id) ON DELETE CASCADE,
    CONSTRAINT task_tags_pkey PRIMARY KEY (task_id, tag_id)
);
COMMENT ON TABLE task_tags IS 'Which tag is on which task; hidden while one of them is in the trash.';
COMMENT ON COLUMN task_tags.task_id IS 'The task.';
COMMENT ON COLUMN task_tags.tag_id IS 'The tag.';

-- The tasks of a tag; it serves the foreign key too.
CREATE INDEX task_tags_tag_id_idx ON task_tags (tag_id, task_id);
