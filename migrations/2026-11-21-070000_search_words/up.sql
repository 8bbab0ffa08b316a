-- Full-text search. Each record has a document of words, the words of its title before all others; a
-- task's holds those of its tags and of its project too. Triggers keep it.

DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN OTHERS THEN
    RAISE EXCEPTION 'the search needs the extension pg_trgm: %', SQLERRM
        USING HINT = 'It comes with PostgreSQL''s contrib modules (postgresql-contrib); where only an '
            'administrator may create extensions, have CREATE EXTENSION pg_trgm done in this database.';
END $$;
-- Wherever it is: what follows is bound to its functions now, once and for all.
SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), quote_ident(nspname)), true)
FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';

-- Not a parser of PostgreSQL's: they keep URLs and hyphens together and ask the locale what a letter is.
-- The twin in Rust is fold::is_blank. What is not listed counts as a letter.
CREATE FUNCTION search_text(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        fold($1),
        '[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u00D7\u00F7\u02B9-\u02FF'
        '\u055A-\u055F\u0589-\u058F\u05BE\u05C0\u05C3\u05C6\u05F3\u05F4\u0600-\u060F\u061B-\u061F\u066A-\u066D\u06D4'
        '\u0964\u0965\u0970\u0E3F\u0E4F\u0E5A\u0E5B\u10FB\u1360-\u1368\u2000-\u206F\u20A0-\u20CF\u2100-\u214F'
        '\u2190-\u2BFF\u2E00-\u2FFF\u3000-\u3004\u3008-\u3020\u3030\u303D-\u303F\u30FB'
        '\uE000-\uF8FF\uFD3E\uFD3F\uFE00-\uFE6F\uFEFF\uFFE0-\uFFFF'
        '\U0001D000-\U0001D3FF\U0001F000-\U0001FBFF\U000E0000-\U0010FFFF]',
        ' ',
        'g'
    );
COMMENT ON FUNCTION search_text(text) IS 'Folded text with a blank for each character that is neither letter nor digit.';

CREATE FUNCTION search_words(text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN array_remove(string_to_array(search_text($1), ' '), '');
COMMENT ON FUNCTION search_words(text) IS 'The words of a text, folded, in order.';

-- A tsvector holds 1 MB, words of 2 kB and 255 of the first 16,383 places of each: of a longer text the
-- words that come first are kept. Between the parts a place is left free, lest a phrase span them.
CREATE FUNCTION search_vector(title text, tags text, project text, description text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    a text[] := search_words(title) || ' '::text;
    b text[] := search_words(tags) || ' '::text;
    c text[] := search_words(project) || ' '::text;
    d text[] := search_words(description);
    end_a integer := cardinality(a);
    end_b integer := end_a + cardinality(b);
    end_c integer := end_b + cardinality(c);
BEGIN
    -- Folding makes eleven bytes of one at most: this cannot be too much, and is all that most records have.
    IF octet_length(concat(title, tags, project, description)) < 20000 THEN
        RETURN (
            SELECT coalesce(string_agg(concat('''', left(word, 500), ''':', least(place, 16383),
                CASE WHEN place < end_a THEN 'A' WHEN place < end_b THEN 'B' WHEN place < end_c THEN 'C' END), ' '), '')
            FROM unnest(a || b || c || d) WITH ORDINALITY AS each (word, place) WHERE word <> ' '
        )::tsvector;
    END IF;
    RETURN (
        WITH placed (word, place, weight) AS (
            SELECT left(word, 500), least(place, 16383),
                CASE WHEN place < end_a THEN 'A' WHEN place < end_b THEN 'B' WHEN place < end_c THEN 'C' END
            FROM unnest(a || b || c || d) WITH ORDINALITY AS each (word, place) WHERE word <> ' '
        ), known (word, places, first, many) AS (
            SELECT word COLLATE "C", string_agg(concat(place, weight), ',') FILTER (WHERE place < 16383), min(place), count(*)
            FROM placed GROUP BY 1
        ), sized (word, places, size) AS (
            SELECT word, coalesce(places, '16383'),
                sum(octet_length(word) + 5 + 2 * least(many, 256)) OVER (ORDER BY first, word)
            FROM known
        )
        SELECT coalesce(string_agg(concat('''', word, ''':', places), ' '), '') FROM sized WHERE size <= 1000000
    )::tsvector;
END $$;
COMMENT ON FUNCTION search_vector(text, text, text, text) IS
    'The words of a record with their places and weights: title A, tags B, project C, description D.';

CREATE TABLE search_documents (
    record_type record_type NOT NULL,
    record_id uuid NOT NULL,
    live boolean NOT NULL,
    name text COLLATE "C" NOT NULL,
    words tsvector NOT NULL,
    CONSTRAINT search_documents_pkey PRIMARY KEY (record_id, record_type)
);
COMMENT ON TABLE search_documents IS 'What each record is found by; triggers keep it.';
COMMENT ON COLUMN search_documents.record_type IS 'The kind of the record.';
COMMENT ON COLUMN search_documents.record_id IS 'The record. Its kinds have tables of their own, so no reference.';
COMMENT ON COLUMN search_documents.live IS 'Whether it is not in the trash.';
COMMENT ON COLUMN search_documents.name IS 'The words of its title or name, at most 500 characters of them.';
COMMENT ON COLUMN search_documents.words IS 'All words that it is found by: title A, tags B, project C, description D.';

-- Words that were written wait in a list until it is so long (kB): putting them in place together costs
-- a third, but every search reads the list, and that of words twice.
CREATE INDEX search_documents_words_idx ON search_documents USING gin (words) WITH (gin_pending_list_limit = 256);
-- Names that are nearly what was asked for.
CREATE INDEX search_documents_name_idx ON search_documents USING gin (name gin_trgm_ops)
    WITH (gin_pending_list_limit = 1024) WHERE live;

-- Planned once: a plan for each list of ids would take longer than the writing.
CREATE FUNCTION write_task_documents(ids uuid[]) RETURNS void LANGUAGE plpgsql
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
COMMENT ON FUNCTION write_task_documents(uuid[]) IS 'Writes what these tasks are found by.';

-- Of tasks that changed themselves. Who is renaming a project or tag of theirs is waited for, and who
-- comes later sees them.
CREATE FUNCTION write_changed_task_documents(ids uuid[]) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM FROM projects WHERE id IN (SELECT project_id FROM tasks WHERE tasks.id = ANY (ids)) ORDER BY id FOR SHARE;
    PERFORM FROM tags WHERE id IN (SELECT tag_id FROM task_tags WHERE task_id = ANY (ids)) ORDER BY id FOR SHARE;
    PERFORM write_task_documents(ids);
END $$;
COMMENT ON FUNCTION write_changed_task_documents(uuid[]) IS
    'Writes what these tasks are found by, lest a renaming at the same moment be missed.';

CREATE FUNCTION write_project_documents(ids uuid[]) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO search_documents (record_type, record_id, live, name, words)
    SELECT 'project', id, deleted_at IS NULL, left(array_to_string(search_words(title), ' '), 500),
        search_vector(title, NULL, NULL, description)
    FROM projects WHERE id = ANY (ids)
    ON CONFLICT (record_id, record_type) DO UPDATE
    SET live = excluded.live, name = excluded.name, words = excluded.words;
END;
COMMENT ON FUNCTION write_project_documents(uuid[]) IS 'Writes what these projects are found by.';

CREATE FUNCTION write_tag_documents(ids uuid[]) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO search_documents (record_type, record_id, live, name, words)
    SELECT 'tag', id, deleted_at IS NULL, left(array_to_string(search_words(name), ' '), 500),
        search_vector(name, NULL, NULL, NULL)
    FROM tags WHERE id = ANY (ids)
    ON CONFLICT (record_id, record_type) DO UPDATE
    SET live = excluded.live, name = excluded.name, words = excluded.words;
END;
COMMENT ON FUNCTION write_tag_documents(uuid[]) IS 'Writes what these tags are found by.';

CREATE FUNCTION keep_task_documents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM search_documents WHERE record_type = 'task' AND record_id IN (SELECT id FROM old_rows);
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        -- What came with tags is written by their trigger.
        SELECT array_agg(id) INTO ids FROM new_rows
        WHERE NOT EXISTS (SELECT FROM task_tags WHERE task_id = new_rows.id);
    ELSE
        SELECT array_agg(id) INTO ids FROM new_rows AS n JOIN old_rows AS o USING (id)
        WHERE (n.deleted_at IS NULL, n.project_id, n.title, n.description)
            IS DISTINCT FROM (o.deleted_at IS NULL, o.project_id, o.title, o.description);
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM write_changed_task_documents(ids);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_task_documents() IS 'Keeps what tasks are found by.';
CREATE TRIGGER tasks_search_inserts AFTER INSERT ON tasks REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_task_documents();
CREATE TRIGGER tasks_search_updates AFTER UPDATE ON tasks REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_task_documents();
CREATE TRIGGER tasks_search_deletes AFTER DELETE ON tasks REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_task_documents();

CREATE FUNCTION keep_tagged_documents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT task_id) INTO ids FROM new_links;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT task_id) INTO ids FROM old_links;
    ELSE
        SELECT array_agg(DISTINCT task_id) INTO ids FROM (TABLE old_links UNION ALL TABLE new_links) AS links;
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM write_changed_task_documents(ids);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_tagged_documents() IS 'Keeps what tasks are found by when their tags change.';
CREATE TRIGGER task_tags_search_inserts AFTER INSERT ON task_tags REFERENCING NEW TABLE AS new_links
    FOR EACH STATEMENT EXECUTE FUNCTION keep_tagged_documents();
CREATE TRIGGER task_tags_search_updates AFTER UPDATE ON task_tags
    REFERENCING NEW TABLE AS new_links OLD TABLE AS old_links
    FOR EACH STATEMENT EXECUTE FUNCTION keep_tagged_documents();
CREATE TRIGGER task_tags_search_deletes AFTER DELETE ON task_tags REFERENCING OLD TABLE AS old_links
    FOR EACH STATEMENT EXECUTE FUNCTION keep_tagged_documents();

CREATE FUNCTION keep_project_documents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM search_documents WHERE record_type = 'project' AND record_id IN (SELECT id FROM old_rows);
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM write_project_documents(array_agg(id)) FROM new_rows;
        RETURN NULL;
    END IF;
    PERFORM write_project_documents(array_agg(id)) FROM new_rows AS n JOIN old_rows AS o USING (id)
    WHERE (n.deleted_at IS NULL, n.title, n.description)
        IS DISTINCT FROM (o.deleted_at IS NULL, o.title, o.description);
    SELECT array_agg(tasks.id) INTO ids FROM tasks
    WHERE project_id IN (
        SELECT id FROM new_rows AS n JOIN old_rows AS o USING (id)
        WHERE (n.deleted_at IS NULL, n.title) IS DISTINCT FROM (o.deleted_at IS NULL, o.title)
    );
    IF ids IS NOT NULL THEN
        PERFORM write_task_documents(ids);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_project_documents() IS 'Keeps what projects and their tasks are found by.';
CREATE TRIGGER projects_search_inserts AFTER INSERT ON projects REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_project_documents();
CREATE TRIGGER projects_search_updates AFTER UPDATE ON projects
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_project_documents();
CREATE TRIGGER projects_search_deletes AFTER DELETE ON projects REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_project_documents();

CREATE FUNCTION keep_tag_documents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid[];
    ids uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM search_documents WHERE record_type = 'tag' AND record_id IN (SELECT id FROM old_rows);
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM write_tag_documents(array_agg(id)) FROM new_rows;
        RETURN NULL;
    END IF;
    SELECT array_agg(id) INTO changed FROM new_rows AS n JOIN old_rows AS o USING (id)
    WHERE (n.deleted_at IS NULL, n.name) IS DISTINCT FROM (o.deleted_at IS NULL, o.name);
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM write_tag_documents(changed);
    SELECT array_agg(DISTINCT task_id) INTO ids FROM task_tags WHERE tag_id = ANY (changed);
    IF ids IS NOT NULL THEN
        PERFORM write_task_documents(ids);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_tag_documents() IS 'Keeps what tags and their tasks are found by.';
CREATE TRIGGER tags_search_inserts AFTER INSERT ON tags REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_tag_documents();
CREATE TRIGGER tags_search_updates AFTER UPDATE ON tags REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_tag_documents();
CREATE TRIGGER tags_search_deletes AFTER DELETE ON tags REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_tag_documents();

SELECT write_project_documents(array_agg(id)) FROM projects;
SELECT write_tag_documents(array_agg(id)) FROM tags;
SELECT write_task_documents(array_agg(id)) FROM tasks HAVING count(*) > 0;

CREATE FUNCTION similar_score(name text, asked text[]) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT coalesce(round(avg(word_similarity(word, name)) * 1000), 0)::bigint FROM unnest(asked) AS word);
COMMENT ON FUNCTION similar_score(text, text[]) IS 'How much a name is like these words, in thousandths.';

-- A setting of the session must not decide what is nearly a word, so the function brings its own. Two
-- letters that changed places leave a third of a short word's trigrams.
CREATE FUNCTION similar_documents(asked text[], kinds record_type[]) RETURNS SETOF search_documents
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
    SET pg_trgm.word_similarity_threshold = 0.35
BEGIN ATOMIC
    WITH near AS MATERIALIZED (
        SELECT record_id
        FROM unnest(asked) AS word
            -- Fewer letters are alike everywhere.
            CROSS JOIN LATERAL (
                SELECT record_id FROM search_documents WHERE live AND name %> word AND char_length(word) > 2 OFFSET 0
            ) AS named
    ), similar_ones AS MATERIALIZED (
        SELECT record_type, record_id, live, name, words, similar_score(name, asked) AS score FROM search_documents
        WHERE record_id = ANY (ARRAY(SELECT record_id FROM near)) AND live AND record_type = ANY (kinds)
            AND NOT EXISTS (
                SELECT FROM unnest(asked) AS word
                WHERE NOT (name %> word AND char_length(word) > 2) AND NOT words @@ concat('''', word, ''':*')::tsquery
            )
    )
    SELECT record_type, record_id, live, name, words FROM similar_ones
    WHERE score >= 0.8 * (SELECT max(score) FROM similar_ones);
END;
COMMENT ON FUNCTION similar_documents(text[], record_type[]) IS
    'Live records with each of these words, or nearly one in the name: those that are most alike.';

-- The next two are inlined where they are called, so that only what is asked for is read.
CREATE FUNCTION search_hits(query tsquery, asked text[], kinds record_type[]) RETURNS SETOF search_documents
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT record_type, record_id, live, name, words FROM search_documents
    WHERE words @@ query AND record_type = ANY (kinds)
    UNION ALL
    SELECT record_type, record_id, live, name, words FROM similar_documents(asked, kinds)
    -- For an EXISTS or a smaller limit the planner would read the table, which is long when there is none.
    WHERE 0 = (SELECT count(*) FROM (
        SELECT FROM search_documents WHERE words @@ query AND record_type = ANY (kinds) AND live LIMIT 100
    ) AS exact);
END;
COMMENT ON FUNCTION search_hits(tsquery, text[], record_type[]) IS
    'The records that match; where no live one does, those whose names nearly do.';

-- Whole numbers, so that a cursor compares exactly.
CREATE FUNCTION search_score(words tsvector, name text, query tsquery, whole tsquery, asked text[]) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN words @@ query
        THEN round((ts_rank(words, query) + ts_rank(words, whole)) * 500000)::bigint
        ELSE similar_score(name, asked) END;
COMMENT ON FUNCTION search_score(tsvector, text, tsquery, tsquery, text[]) IS
    'How well a record matches, in millionths: better with the last word whole; worst where it only nearly does.';

-- Folding keeps most places, so what is near in the one is near in the other. The word that comes late is
-- the rare one: the others will be near it too.
CREATE FUNCTION search_excerpt(text text, asked text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words text;
BEGIN
    IF char_length(text) <= 2000 THEN
        RETURN text;
    END IF;
    words := ' ' || search_text(text);
    RETURN substr(text, greatest(1, (SELECT max(strpos(words, ' ' || word)) - 500 FROM unnest(asked) AS word)), 2000);
END $$;
COMMENT ON FUNCTION search_excerpt(text, text[]) IS
    'At most 2,000 characters of a text, around the last of these words to begin.';

CREATE FUNCTION search_source(kind record_type, record uuid, asked text[]) RETURNS text[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF kind = 'tag' THEN
        RETURN (SELECT ARRAY[name] FROM tags WHERE id = record);
    ELSIF kind = 'project' THEN
        RETURN (SELECT ARRAY[title, search_excerpt(description, asked)] FROM projects WHERE id = record);
    END IF;
    RETURN (
        SELECT ARRAY[tasks.title, search_excerpt(tasks.description, asked), projects.title, (
            SELECT string_agg(tags.name, ', ' ORDER BY sort_key(tags.name), tags.id)
            FROM task_tags JOIN tags ON tags.id = tag_id AND tags.deleted_at IS NULL WHERE task_id = tasks.id
        )]
        FROM tasks LEFT JOIN projects ON projects.id = project_id AND projects.deleted_at IS NULL
        WHERE tasks.id = record
    );
END $$;
COMMENT ON FUNCTION search_source(record_type, uuid, text[]) IS 'The texts from which a snippet of a record is cut.';
