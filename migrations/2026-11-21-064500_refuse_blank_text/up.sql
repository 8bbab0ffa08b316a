-- A regular expression's \s is ASCII's in the collation "C": a title of a no-break space passed as text.
-- These are the characters that Unicode calls white space, and that the program trims.
CREATE FUNCTION is_blank(text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN $1 !~ '[^\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]';
COMMENT ON FUNCTION is_blank(text) IS 'Whether a text holds nothing but white space.';

ALTER TABLE projects
    DROP CONSTRAINT projects_title_check,
    ADD CONSTRAINT projects_title_check CHECK (char_length(title) <= 10000 AND NOT is_blank(title));
ALTER TABLE tags
    DROP CONSTRAINT tags_name_check,
    ADD CONSTRAINT tags_name_check CHECK (char_length(name) <= 200 AND NOT is_blank(name)),
    -- One live tag would have it, and the next without a key be refused for its name.
    ADD CONSTRAINT tags_key_check CHECK (NOT is_blank(key));
ALTER TABLE tasks
    DROP CONSTRAINT tasks_title_check,
    ADD CONSTRAINT tasks_title_check CHECK (char_length(title) <= 10000 AND NOT is_blank(title)),
    -- There is no place before an empty one, and an index takes at most 2,700 bytes.
    ADD CONSTRAINT tasks_position_check CHECK (char_length(position) BETWEEN 1 AND 500);
ALTER TABLE tokens
    DROP CONSTRAINT tokens_name_check,
    ADD CONSTRAINT tokens_name_check CHECK (char_length(name) <= 200 AND NOT is_blank(name));
