-- As 2026-11-21-165000 had made them.
CREATE STATISTICS tags_folded ON (fold(prefix)), (fold(label)) FROM tags;

COMMENT ON STATISTICS tags_folded IS 'How many folded prefixes and labels there are, which filters by them compare.';

ANALYZE tags;
