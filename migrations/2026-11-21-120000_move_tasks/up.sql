-- Places in the manual order are fractions, written in hex digits and compared as bytes. A key between two
-- others is their middle with digits behind it that the writer draws: the same on every server, and no
-- two writers make the same one.
ALTER TABLE tasks
    DROP CONSTRAINT tasks_position_check,
    ADD CONSTRAINT tasks_position_check
        CHECK (char_length(position) BETWEEN 1 AND 500 AND position !~ '[^0-9a-f]');

CREATE FUNCTION add_to_place(digits text, more bigint) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    at integer := length(digits);
BEGIN
    WHILE more > 0 AND at > 0 LOOP
        more := more + strpos('0123456789abcdef', substr(digits, at, 1)) - 1;
        digits := overlay(digits PLACING to_hex(more & 15) FROM at FOR 1);
        more := more >> 4;
        at := at - 1;
    END LOOP;
    RETURN digits;
END $$;
COMMENT ON FUNCTION add_to_place(text, bigint) IS 'The hex digits of a sum, as many as there were.';

-- The fewest digits at which the ends are far enough apart, for the keys to be as short as can be.
CREATE FUNCTION places_between(low text, high text, many integer, tail text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    digits CONSTANT text := '0123456789abcdef';
    apart bigint := 0;
    at integer := 0;
BEGIN
    WHILE apart <= many LOOP
        at := at + 1;
        IF apart <= 0 AND at > greatest(length(low), length(high)) THEN
            -- The same but for zeros behind, or the wrong way round.
            RETURN NULL;
        END IF;
        apart := apart * 16
            + greatest(strpos(digits, substr(high || '0', least(at, length(high) + 1), 1)) - 1, 0)
            - greatest(strpos(digits, substr(low || '0', least(at, length(low) + 1), 1)) - 1, 0);
        IF apart < 0 THEN
            RETURN NULL;
        END IF;
    END LOOP;
    RETURN ARRAY(
        SELECT add_to_place(rpad(left(low, at), at, '0'), apart * nth / (many + 1)) || tail
        FROM generate_series(1, many) AS nth ORDER BY nth
    );
END $$;
COMMENT ON FUNCTION places_between(text, text, integer, text) IS
    'So many keys between two others, evenly apart, with these digits behind; none where there is no room.';

-- New tasks stand at the millisecond in which they were made. So a key before all others may go a
-- millisecond back, and one behind them need not grow, as long as it stays before what is made next.
CREATE FUNCTION place_of_time(at bigint) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lpad(to_hex(at), 12, '0');
COMMENT ON FUNCTION place_of_time(bigint) IS 'The start of the keys of a millisecond.';

CREATE FUNCTION time_of_place(place text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('x0000' || rpad(left(place, 12), 12, '0'))::bit(64)::bigint;
COMMENT ON FUNCTION time_of_place(text) IS 'The millisecond in whose keys a key stands.';

CREATE FUNCTION place_between(low text, high text, tail text, now timestamptz) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    made bigint := extract(epoch FROM now) * 1000;
    place text;
BEGIN
    IF high IS NULL THEN
        place := place_of_time(made) || '00' || tail;
        IF low IS NULL OR place > low THEN
            RETURN place;
        END IF;
        -- Something was made in this very millisecond, or by a clock that is ahead.
        high := place_of_time(time_of_place(low) + 1);
        place := low || tail;
        IF length(place) <= 128 THEN
            RETURN place;
        END IF;
    ELSIF low IS NULL THEN
        IF time_of_place(high) > 0 THEN
            RETURN place_of_time(time_of_place(high) - 1) || tail;
        END IF;
        low := '';
    END IF;
    place := (places_between(low, high, 1, tail))[1];
    RETURN CASE WHEN length(place) <= 128 THEN place END;
END $$;
COMMENT ON FUNCTION place_between(text, text, text, timestamptz) IS
    'A key between two others, or at an end where one of them is null; null where there is no room.';

-- Tasks around a gap are set evenly apart. Nobody asked for it, so they keep their times. Those in the
-- trash stand among the others, and go along.
CREATE FUNCTION make_room(task uuid, low tasks, high tasks, tail text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    reach integer := 8;
    near text;
    far text;
    around uuid[];
    places text[];
BEGIN
    LOOP
        reach := reach * 2;
        SELECT position INTO near FROM tasks
        WHERE (position, id) < (low.position, low.id) AND id <> task AND deleted_at IS NULL
        ORDER BY position DESC, id DESC OFFSET reach LIMIT 1;
        SELECT position INTO far FROM tasks
        WHERE (position, id) > (high.position, high.id) AND id <> task AND deleted_at IS NULL
        ORDER BY position, id OFFSET reach LIMIT 1;
        SELECT array_agg(id ORDER BY position, id) INTO around FROM tasks
        WHERE (near IS NULL OR position > near) AND (far IS NULL OR position < far) AND id <> task;
        IF far IS NULL THEN
            SELECT place_of_time(time_of_place(max(position)) + 1) INTO far FROM tasks WHERE id = ANY (around);
        END IF;
        places := places_between(coalesce(near, ''), far, cardinality(around), tail);
        EXIT WHEN length(places[1]) <= 64;
    END LOOP;
    -- In the order of ids, as everyone locks tasks.
    PERFORM FROM tasks WHERE id = ANY (around || task) ORDER BY id FOR NO KEY UPDATE;
    UPDATE tasks SET position = places[nth], updated_at = updated_at
    FROM unnest(around) WITH ORDINALITY AS placed (other, nth) WHERE id = other;
END $$;
COMMENT ON FUNCTION make_room(uuid, tasks, tasks, text) IS 'Sets the tasks around a gap evenly apart, for another to fit in.';

-- Volatile, so that each of its statements sees what was committed before it had the lock.
CREATE FUNCTION place_beside(task uuid, beside uuid, behind boolean, tail text, now timestamptz) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    own tasks;
    low tasks;
    high tasks;
    place text;
BEGIN
    IF beside = task THEN
        RAISE check_violation USING CONSTRAINT = 'tasks_place_self_check',
            MESSAGE = 'a task has no place beside itself';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('tasks.position'));
    LOOP
        SELECT * INTO own FROM tasks WHERE id = task;
        SELECT * INTO low FROM tasks WHERE id = beside;
        IF NOT FOUND THEN
            RAISE check_violation USING CONSTRAINT = 'tasks_place_missing_check',
                MESSAGE = 'there is no such task';
        ELSIF low.deleted_at IS NOT NULL THEN
            RAISE check_violation USING CONSTRAINT = 'tasks_place_trash_check',
                MESSAGE = 'the task is in the trash';
        ELSIF behind THEN
            SELECT * INTO high FROM tasks
            WHERE (position, id) > (low.position, low.id) AND id <> task AND deleted_at IS NULL
            ORDER BY position, id LIMIT 1;
        ELSE
            high := low;
            SELECT * INTO low FROM tasks
            WHERE (position, id) < (high.position, high.id) AND id <> task AND deleted_at IS NULL
            ORDER BY position DESC, id DESC LIMIT 1;
        END IF;
        IF (low.id IS NULL OR (low.position, low.id) < (own.position, task))
            AND (high.id IS NULL OR (own.position, task) < (high.position, high.id))
        THEN
            RETURN own.position;
        END IF;
        place := place_between(low.position, high.position, tail, now);
        IF place IS NOT NULL THEN
            RETURN place;
        END IF;
        PERFORM make_room(task, low, high, tail);
    END LOOP;
END $$;
COMMENT ON FUNCTION place_beside(uuid, uuid, boolean, text, timestamptz) IS
    'The key by which a task stands right before or behind another: its own where it does already.';

CREATE FUNCTION place_in(task uuid, project uuid, parent uuid, last boolean, tail text, now timestamptz) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    own text;
    outermost record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('tasks.position'));
    SELECT position INTO own FROM tasks WHERE id = task;
    EXECUTE format(
        'SELECT id, position FROM tasks WHERE %1$s AND id <> $1 AND deleted_at IS NULL
        ORDER BY position %2$s, id %2$s LIMIT 1',
        CASE
            WHEN project IS NOT NULL THEN 'project_id = $2'
            WHEN parent IS NOT NULL THEN 'parent_id = $3'
            ELSE 'NOT EXISTS (SELECT FROM projects WHERE projects.id = project_id AND projects.deleted_at IS NULL)'
        END,
        CASE WHEN last THEN 'DESC' ELSE 'ASC' END
    ) INTO outermost USING task, project, parent;
    IF outermost.id IS NULL
        OR (last AND (own, task) > (outermost.position, outermost.id))
        OR (NOT last AND (own, task) < (outermost.position, outermost.id))
    THEN
        RETURN own;
    END IF;
    RETURN place_beside(task, outermost.id, last, tail, now);
END $$;
COMMENT ON FUNCTION place_in(uuid, uuid, uuid, boolean, text, timestamptz) IS
    'The key by which a task stands before or behind all others of a project, of a task, or of no project.';
