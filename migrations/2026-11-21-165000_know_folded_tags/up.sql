-- A filter by a tag's prefix or label compares what is folded of it. Of that the planner knew nothing: it took any such
-- filter for one tag, went through all links of the tags that were found, and sorted what they led to.
CREATE STATISTICS tags_folded ON (fold(prefix)), (fold(label)) FROM tags;

COMMENT ON STATISTICS tags_folded IS 'How many folded prefixes and labels there are, which filters by them compare.';

ANALYZE tags;
