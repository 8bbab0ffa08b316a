DROP FUNCTION settled_snapshot();
