-- What was made of a hastily typed text depends on the day, the zone and the projects of then: whoever sends it again
-- is told the same, so it is kept.
ALTER TABLE outcomes ADD COLUMN recognised json;
COMMENT ON COLUMN outcomes.recognised IS 'What was understood of the text of a quickAdd, as its payload told it.';
