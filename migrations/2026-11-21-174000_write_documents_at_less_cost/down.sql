-- As 2026-11-21-070000 and 2026-11-21-160000 had made them.
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

CREATE OR REPLACE FUNCTION write_task_documents(ids uuid[]) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    -- In the order of ids: who is writing one of them is waited for, and what it wrote is seen.
    PERFORM FROM search_documents WHERE record_id = ANY (ids) AND record_type = 'task'
    ORDER BY record_id FOR NO KEY UPDATE;
    INSERT INTO search_documents AS known (record_type, record_id, live, name, words)
    SELECT 'task', tasks.id, tasks.deleted_at IS NULL,
        left(array_to_string(search_words(tasks.title), ' '), 500),
        search_vector(tasks.title, (
            SELECT string_agg(tags.name, ' ' ORDER BY tags.id)
            FROM task_tags JOIN tags ON tags.id = tag_id AND tags.deleted_at IS NULL WHERE task_id = tasks.id
        ), projects.title, tasks.description)
    FROM tasks LEFT JOIN projects ON projects.id = project_id AND projects.deleted_at IS NULL
    WHERE tasks.id = ANY (ids)
    ORDER BY tasks.id
    ON CONFLICT (record_id, record_type) DO UPDATE
    SET live = excluded.live, name = excluded.name, words = excluded.words
    WHERE (known.live, known.name, known.words) IS DISTINCT FROM (excluded.live, excluded.name, excluded.words);
END $$;
