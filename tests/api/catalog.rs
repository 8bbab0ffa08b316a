//! Questions to the database's own catalog: what must hold of every table that ever comes.

use crate::database::TestDatabase;
use crate::migrations::client;

/// The names that a query finds wrong.
async fn wrong(sql: &str) -> Vec<String> {
    let database = TestDatabase::new();
    let rows = client(&database.url).await.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

const NONE: Vec<String> = Vec::new();

#[tokio::test]
async fn every_foreign_key_has_an_index_that_begins_with_it() {
    // Rows without the reference are found by none.
    let sql = "SELECT conname::text FROM pg_constraint WHERE contype = 'f' AND NOT EXISTS (
        SELECT FROM pg_index WHERE indrelid = conrelid
            AND (indkey::int2[])[0:cardinality(conkey) - 1] = conkey
            AND (indpred IS NULL OR pg_get_expr(indpred, indrelid) = format('(%I IS NOT NULL)',
                (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]))))";
    assert_eq!(wrong(sql).await, NONE);
}

#[tokio::test]
async fn every_foreign_key_says_what_a_deletion_means() {
    let sql = "SELECT conname::text FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'a'";
    assert_eq!(wrong(sql).await, NONE);
}

#[tokio::test]
async fn every_table_column_function_and_type_has_a_comment() {
    let sql = "
        SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND relname <> '__diesel_schema_migrations' AND obj_description(oid, 'pg_class') IS NULL
        UNION ALL
        SELECT attrelid::regclass || '.' || attname FROM pg_attribute
            JOIN pg_class ON pg_class.oid = attrelid
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0
            AND NOT attisdropped AND relname <> '__diesel_schema_migrations'
            AND col_description(attrelid, attnum) IS NULL
        UNION ALL
        SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND proname NOT LIKE 'diesel%' AND obj_description(oid, 'pg_proc') IS NULL
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
        UNION ALL
        SELECT typname::text FROM pg_type WHERE typtype = 'e' AND obj_description(oid, 'pg_type') IS NULL";
    assert_eq!(wrong(sql).await, NONE);
}

#[tokio::test]
async fn every_instant_is_kept_in_milliseconds_with_its_zone() {
    let sql = "SELECT attrelid::regclass || '.' || attname FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND relname <> '__diesel_schema_migrations' AND NOT attisdropped
            AND (atttypid = 'timestamp'::regtype OR atttypid = 'timestamptz'::regtype AND atttypmod <> 3)";
    assert_eq!(wrong(sql).await, NONE);
}

#[tokio::test]
async fn text_is_compared_by_code_points_whatever_the_locale() {
    let sql = "SELECT attrelid::regclass || '.' || attname FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0
            AND relname <> '__diesel_schema_migrations' AND NOT attisdropped
            AND attcollation <> 0 AND attcollation <> 'pg_catalog.\"C\"'::regcollation";
    assert_eq!(wrong(sql).await, NONE);
}

#[tokio::test]
async fn constraints_are_named_for_their_table_columns_and_kind() {
    let sql = "SELECT conname::text FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u')
            AND conrelid <> '__diesel_schema_migrations'::regclass
            AND conname !~ ('^' || conrelid::regclass || '_([a-z_]+_)?'
                || CASE contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'fkey' WHEN 'p' THEN 'pkey' ELSE 'key' END || '$')";
    assert_eq!(wrong(sql).await, NONE);
}
