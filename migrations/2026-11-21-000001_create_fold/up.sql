-- Text as it is compared: without case and accents, the same on every server and in every locale.
-- `unaccent` is only STABLE and could not be used in an index; lower() alone depends on the database's
-- locale. The twin in Rust is fold::fold.
CREATE FUNCTION fold(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN translate(
        replace(
            lower(
                -- Compatibility forms taken apart, then the combining marks dropped.
                regexp_replace(
                    normalize($1, NFKD),
                    '[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]',
                    '',
                    'g'
                ) COLLATE "und-x-icu"
            ),
            'ß', 'ss'
        ),
        -- A final sigma is a sigma, an i without its dot is an i.
        'ςı', 'σi'
    );
COMMENT ON FUNCTION fold(text) IS 'Text without case and accents.';

-- What text is ordered by. Its start is enough: an index takes keys of at most 2,700 bytes.
CREATE FUNCTION sort_key(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN left(fold($1), 200);
COMMENT ON FUNCTION sort_key(text) IS 'The folded start of a text, by which it is ordered.';
