DROP FUNCTION place_in(uuid, uuid, uuid, boolean, text, timestamptz);
DROP FUNCTION place_beside(uuid, uuid, boolean, text, timestamptz);
DROP FUNCTION make_room(uuid, tasks, tasks, text);
DROP FUNCTION place_between(text, text, text, timestamptz);
DROP FUNCTION time_of_place(text);
DROP FUNCTION place_of_time(bigint);
DROP FUNCTION places_between(text, text, integer, text);
DROP FUNCTION add_to_place(text, bigint);
ALTER TABLE tasks
    DROP CONSTRAINT tasks_position_check,
    ADD CONSTRAINT tasks_position_check CHECK (char_length(position) BETWEEN 1 AND 500);
