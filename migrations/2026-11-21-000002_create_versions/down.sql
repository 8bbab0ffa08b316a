DROP FUNCTION raise_version();
