-- Measured on a database that was vacuumed and analysed, no plan of the screens is other with these statistics: a filter
-- by a tag's prefix goes through the links whatever it knows of the tags.
DROP STATISTICS tags_folded;
