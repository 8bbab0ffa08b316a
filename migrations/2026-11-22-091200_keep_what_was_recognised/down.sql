ALTER TABLE outcomes DROP COLUMN recognised;
