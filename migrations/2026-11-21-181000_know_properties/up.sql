-- A property that is called otherwise meanwhile is still the same: its id there tells it.
CREATE TABLE known_properties (
    source text COLLATE "C" NOT NULL,
    record_type record_type NOT NULL,
    property_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    understood_at timestamptz(3) NOT NULL,
    CONSTRAINT known_properties_pkey PRIMARY KEY (source, record_type, property_id)
);
COMMENT ON TABLE known_properties IS 'The properties that imports understood.';
COMMENT ON COLUMN known_properties.source IS 'The system that they are in, for example notion.';
COMMENT ON COLUMN known_properties.record_type IS 'The kind of records that have it.';
COMMENT ON COLUMN known_properties.property_id IS 'Its id there, which stays when it is called otherwise.';
COMMENT ON COLUMN known_properties.name IS 'The name under which it was understood first.';
COMMENT ON COLUMN known_properties.understood_at IS 'When the last import that understood it began: those of one kind that the last import understood have the same.';
