-- How comparisons with what is kept elsewhere ended: by them it is told whether the owner can leave it.
CREATE TYPE comparison_kind AS ENUM ('verify', 'compare');
COMMENT ON TYPE comparison_kind IS 'Which command compared.';

CREATE TABLE comparisons (
    id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT comparisons_pkey PRIMARY KEY,
    kind comparison_kind NOT NULL,
    source text COLLATE "C" NOT NULL,
    started_at timestamptz(3) NOT NULL,
    finished_at timestamptz(3) NOT NULL,
    differing integer NOT NULL,
    outstanding integer NOT NULL,
    CONSTRAINT comparisons_finished_at_check CHECK (finished_at >= started_at),
    CONSTRAINT comparisons_outstanding_check CHECK (outstanding BETWEEN 0 AND differing)
);
COMMENT ON TABLE comparisons IS 'Comparisons of what is kept elsewhere with what is here.';
COMMENT ON COLUMN comparisons.id IS 'In the order in which they came to their end.';
COMMENT ON COLUMN comparisons.kind IS 'Which command compared.';
COMMENT ON COLUMN comparisons.source IS 'The system that was compared, for example notion.';
COMMENT ON COLUMN comparisons.started_at IS 'When it began: what was changed there later it may not have seen.';
COMMENT ON COLUMN comparisons.finished_at IS 'When it came to its end.';
COMMENT ON COLUMN comparisons.differing IS 'How many differences verify found, or how many records compare found that differ.';
COMMENT ON COLUMN comparisons.outstanding IS 'How many of these no edit made here accounts for: for compare, records of which the source has what is not here.';
