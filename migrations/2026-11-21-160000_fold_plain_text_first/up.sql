-- Most text is plain ASCII, of which nothing is to be taken apart and no mark to be dropped: folding it
-- is lower(), eight times as fast. None of these functions is STRICT any more, for a strict one whose body
-- is not strict itself cannot be written into the statement that calls it; NULL still gives NULL.
CREATE OR REPLACE FUNCTION fold(text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN octet_length($1) = char_length($1) THEN lower($1 COLLATE "C") COLLATE "und-x-icu"
    ELSE translate(
        replace(
            lower(
                regexp_replace(
                    normalize($1, NFKD),
                    '[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]',
                    '',
                    'g'
                ) COLLATE "und-x-icu"
            ),
            'ß', 'ss'
        ),
        'ςı', 'σi'
    ) END;
CREATE OR REPLACE FUNCTION sort_key(text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN left(fold($1), 200);

CREATE OR REPLACE FUNCTION search_text(text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN octet_length($1) = char_length($1) THEN regexp_replace(fold($1), '[^a-z0-9]', ' ', 'g')
    ELSE regexp_replace(
        fold($1),
        '[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u00D7\u00F7\u02B9-\u02FF'
        '\u055A-\u055F\u0589-\u058F\u05BE\u05C0\u05C3\u05C6\u05F3\u05F4\u0600-\u060F\u061B-\u061F\u066A-\u066D\u06D4'
        '\u0964\u0965\u0970\u0E3F\u0E4F\u0E5A\u0E5B\u10FB\u1360-\u1368\u2000-\u206F\u20A0-\u20CF\u2100-\u214F'
        '\u2190-\u2BFF\u2E00-\u2FFF\u3000-\u3004\u3008-\u3020\u3030\u303D-\u303F\u30FB'
        '\uE000-\uF8FF\uFD3E\uFD3F\uFE00-\uFE6F\uFEFF\uFFE0-\uFFFF'
        '\U0001D000-\U0001D3FF\U0001F000-\U0001FBFF\U000E0000-\U0010FFFF]',
        ' ',
        'g'
    ) END;
CREATE OR REPLACE FUNCTION search_words(text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove(string_to_array(search_text($1), ' '), '');

-- A short text's words are written down one after the other: a statement would take longer to begin.
CREATE OR REPLACE FUNCTION search_vector(title text, tags text, project text, description text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    a text[] := search_words(title) || ' '::text;
    b text[] := search_words(tags) || ' '::text;
    c text[] := search_words(project) || ' '::text;
    d text[] := search_words(description);
    end_a integer := cardinality(a);
    end_b integer := end_a + cardinality(b);
    end_c integer := end_b + cardinality(c);
    word text;
    place integer := 0;
    weight text := 'A';
    written text := '';
BEGIN
    -- Far from too much: folding makes eleven bytes of one at most.
    IF octet_length(concat(title, tags, project, description)) < 2000 THEN
        FOREACH word IN ARRAY a || b || c || d LOOP
            place := place + 1;
            IF word = ' ' THEN
                weight := CASE place WHEN end_a THEN 'B' WHEN end_b THEN 'C' ELSE '' END;
            ELSE
                written := written || '''' || left(word, 500) || ''':' || place || weight || ' ';
            END IF;
        END LOOP;
        RETURN written::tsvector;
    END IF;
    RETURN (
        WITH placed (word, place, weight) AS (
            SELECT left(each.word, 500), least(each.place, 16383),
                CASE WHEN each.place < end_a THEN 'A' WHEN each.place < end_b THEN 'B' WHEN each.place < end_c THEN 'C' END
            FROM unnest(a || b || c || d) WITH ORDINALITY AS each (word, place) WHERE each.word <> ' '
        ), known (word, places, first, many) AS (
            SELECT placed.word COLLATE "C", string_agg(concat(placed.place, placed.weight), ',') FILTER (WHERE placed.place < 16383),
                min(placed.place), count(*)
            FROM placed GROUP BY 1
        ), sized (word, places, size) AS (
            SELECT known.word, coalesce(places, '16383'),
                sum(octet_length(known.word) + 5 + 2 * least(many, 256)) OVER (ORDER BY first, known.word)
            FROM known
        )
        SELECT coalesce(string_agg(concat('''', sized.word, ''':', places), ' '), '') FROM sized WHERE size <= 1000000
    )::tsvector;
END $$;

-- Most tasks hang on nothing.
DROP TRIGGER tasks_guard_links ON tasks;
CREATE TRIGGER tasks_guard_links BEFORE INSERT OR UPDATE OF project_id, parent_id ON tasks
    FOR EACH ROW WHEN (NEW.project_id IS NOT NULL OR NEW.parent_id IS NOT NULL)
    EXECUTE FUNCTION guard_task_links();
