DROP INDEX tags_created_at_idx;
DROP INDEX projects_updated_at_idx;
DROP INDEX projects_created_at_idx;
DROP INDEX projects_status_idx;
DROP INDEX tasks_completed_at_asc_idx;
DROP INDEX tasks_scheduled_date_desc_idx;
