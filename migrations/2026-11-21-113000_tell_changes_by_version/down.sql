DROP FUNCTION live_tags_of(uuid);
DROP FUNCTION fields_changed_since(record_type, uuid, integer, integer);
