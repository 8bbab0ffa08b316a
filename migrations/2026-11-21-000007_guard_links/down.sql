DROP TRIGGER task_tags_guard ON task_tags;
DROP FUNCTION guard_task_tags();
DROP TRIGGER tasks_guard_links ON tasks;
DROP FUNCTION guard_task_links();
