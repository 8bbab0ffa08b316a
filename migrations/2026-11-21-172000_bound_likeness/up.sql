-- A word that is nearly in every name made each of them a candidate, and their likeness was measured one by one:
-- seconds for 100,000 records. Among so many that are alike the first 10,000 are as good as any.
CREATE OR REPLACE FUNCTION similar_documents(asked text[], kinds record_type[]) RETURNS SETOF search_documents
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
    SET pg_trgm.word_similarity_threshold = 0.35
BEGIN ATOMIC
    WITH near AS MATERIALIZED (
        SELECT record_id
        FROM unnest(asked) AS word
            -- Fewer letters are alike everywhere.
            CROSS JOIN LATERAL (
                SELECT record_id FROM search_documents WHERE live AND name %> word AND char_length(word) > 2 LIMIT 10000
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
