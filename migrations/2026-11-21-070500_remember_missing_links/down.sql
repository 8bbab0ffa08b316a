DROP TABLE missing_links;
