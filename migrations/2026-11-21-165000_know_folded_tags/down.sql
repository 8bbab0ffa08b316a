DROP STATISTICS tags_folded;
