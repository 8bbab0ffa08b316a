DROP TABLE known_properties;
