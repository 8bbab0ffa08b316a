DROP FUNCTION search_source(record_type, uuid, text[]);
DROP FUNCTION search_excerpt(text, text[]);
DROP FUNCTION search_score(tsvector, text, tsquery, tsquery, text[]);
DROP FUNCTION search_hits(tsquery, text[], record_type[]);
DROP FUNCTION similar_documents(text[], record_type[]);
DROP FUNCTION similar_score(text, text[]);
DROP TRIGGER tags_search_inserts ON tags;
DROP TRIGGER tags_search_updates ON tags;
DROP TRIGGER tags_search_deletes ON tags;
DROP TRIGGER projects_search_inserts ON projects;
DROP TRIGGER projects_search_updates ON projects;
DROP TRIGGER projects_search_deletes ON projects;
DROP TRIGGER task_tags_search_inserts ON task_tags;
DROP TRIGGER task_tags_search_updates ON task_tags;
DROP TRIGGER task_tags_search_deletes ON task_tags;
DROP TRIGGER tasks_search_inserts ON tasks;
DROP TRIGGER tasks_search_updates ON tasks;
DROP TRIGGER tasks_search_deletes ON tasks;
DROP FUNCTION keep_tag_documents();
DROP FUNCTION keep_project_documents();
DROP FUNCTION keep_tagged_documents();
DROP FUNCTION keep_task_documents();
DROP FUNCTION write_tag_documents(uuid[]);
DROP FUNCTION write_project_documents(uuid[]);
DROP FUNCTION write_changed_task_documents(uuid[]);
DROP FUNCTION write_task_documents(uuid[]);
DROP TABLE search_documents;
DROP FUNCTION search_vector(text, text, text, text);
DROP FUNCTION search_words(text);
DROP FUNCTION search_text(text);
-- It may have been there before, and somebody else may need it.
DO $$ BEGIN
    DROP EXTENSION pg_trgm;
EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN
    RAISE NOTICE 'the extension pg_trgm stays: %', SQLERRM;
END $$;
