DROP TABLE comparisons;
DROP TYPE comparison_kind;
