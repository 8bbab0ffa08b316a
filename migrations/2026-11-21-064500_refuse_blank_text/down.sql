ALTER TABLE tokens
    DROP CONSTRAINT tokens_name_check,
    ADD CONSTRAINT tokens_name_check CHECK (char_length(name) <= 200 AND name ~ '\S');
ALTER TABLE tasks
    DROP CONSTRAINT tasks_position_check,
    DROP CONSTRAINT tasks_title_check,
    ADD CONSTRAINT tasks_title_check CHECK (char_length(title) <= 10000 AND title ~ '\S');
ALTER TABLE tags
    DROP CONSTRAINT tags_key_check,
    DROP CONSTRAINT tags_name_check,
    ADD CONSTRAINT tags_name_check CHECK (char_length(name) <= 200 AND name ~ '\S');
ALTER TABLE projects
    DROP CONSTRAINT projects_title_check,
    ADD CONSTRAINT projects_title_check CHECK (char_length(title) <= 10000 AND title ~ '\S');
DROP FUNCTION is_blank(text);
