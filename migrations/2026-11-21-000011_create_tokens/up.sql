CREATE TYPE token_scope AS ENUM ('read', 'write');
COMMENT ON TYPE token_scope IS 'What a token may do.';

CREATE TABLE tokens (
    id uuid CONSTRAINT tokens_pkey PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    hash bytea NOT NULL CONSTRAINT tokens_hash_key UNIQUE,
    scopes token_scope[] NOT NULL,
    created_at timestamptz(3) NOT NULL,
    expires_at timestamptz(3),
    last_used_at timestamptz(3),
    revoked_at timestamptz(3),
    CONSTRAINT tokens_name_check CHECK (char_length(name) <= 200 AND name ~ '\S'),
    CONSTRAINT tokens_scopes_check CHECK (cardinality(scopes) > 0)
);
COMMENT ON TABLE tokens IS 'Who may ask. Only hashes are kept.';
COMMENT ON COLUMN tokens.id IS 'UUID version 7.';
COMMENT ON COLUMN tokens.name IS 'What the owner calls it.';
COMMENT ON COLUMN tokens.hash IS 'SHA-256 of the token.';
COMMENT ON COLUMN tokens.scopes IS 'What it may do.';
COMMENT ON COLUMN tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN tokens.expires_at IS 'When it stops working by itself.';
COMMENT ON COLUMN tokens.last_used_at IS 'When it was last used, to the minute or so.';
COMMENT ON COLUMN tokens.revoked_at IS 'When it was revoked.';
-- No two tokens that work have one name.
CREATE UNIQUE INDEX tokens_name_key ON tokens (name) WHERE revoked_at IS NULL;

-- Every process keeps tokens and settings in memory, and is told when they change.
CREATE FUNCTION tell_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY tomos_settings;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_settings() IS 'Tells every process that tokens or settings changed.';
CREATE TRIGGER tokens_tell AFTER INSERT OR DELETE OR UPDATE OF hash, scopes, expires_at, revoked_at ON tokens
    FOR EACH STATEMENT EXECUTE FUNCTION tell_settings();
CREATE TRIGGER settings_tell AFTER UPDATE ON settings
    FOR EACH STATEMENT EXECUTE FUNCTION tell_settings();
