//! Migrations: each has a way back, and `src/tables.rs` says what they make.

use crate::database::TestDatabase;
use std::collections::BTreeMap;
use tokio_postgres::{Client, NoTls};

pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Everything that the migrations make, one line each.
const CATALOG: &str = "
    SELECT format('column %s.%s %s not null %s default %s collate %s packed %s comment %s', attrelid::regclass, attname,
        format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid),
        attcollation::regcollation, attcompression, col_description(attrelid, attnum)) AS line
    FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r' AND relnamespace = 'public'::regnamespace
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND relname <> '__diesel_schema_migrations'
    UNION ALL
    SELECT format('table %s comment %s', oid::regclass, obj_description(oid)) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '__diesel_schema_migrations'
    UNION ALL
    SELECT format('constraint %s on %s %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        AND conrelid <> coalesce(to_regclass('__diesel_schema_migrations'), 0)
    UNION ALL
    SELECT format('index %s', indexdef) FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> '__diesel_schema_migrations'
    UNION ALL
    SELECT format('statistics %s comment %s', pg_get_statisticsobjdef(oid), obj_description(oid))
    FROM pg_statistic_ext
    UNION ALL
    SELECT format('function %s comment %s', pg_get_functiondef(oid), obj_description(oid)) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE 'diesel%'
    UNION ALL
    SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT format('enum %s %s comment %s', enumtypid::regtype,
        string_agg(enumlabel, ',' ORDER BY enumsortorder), obj_description(enumtypid, 'pg_type'))
    FROM pg_enum GROUP BY enumtypid
    ORDER BY line";

async fn catalog(client: &Client) -> Vec<String> {
    client.query(CATALOG, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_migration_has_a_working_way_back() {
    let database = TestDatabase::empty();
    let client = client(&database.url).await;
    let mut count = 0;
    loop {
        let before = catalog(&client).await;
        let Some(name) = tomos::db::migrate_once(&database.url).await.unwrap() else {
            break;
        };
        let after = catalog(&client).await;
        assert_ne!(before, after, "{name} does nothing");
        tomos::db::revert_last(&database.url).await.unwrap();
        assert_eq!(catalog(&client).await, before, "{name}: down.sql does not undo up.sql");
        tomos::db::migrate_once(&database.url).await.unwrap();
        assert_eq!(
            catalog(&client).await,
            after,
            "{name}: up.sql after down.sql makes something else"
        );
        count += 1;
    }
    assert!(count > 0);
    while tomos::db::revert_last(&database.url).await.unwrap().is_some() {}
    assert_eq!(catalog(&client).await, Vec::<String>::new());
}

#[tokio::test]
async fn migrating_twice_does_nothing_the_second_time() {
    let database = TestDatabase::empty();
    assert!(!tomos::db::pending(&database.url).await.unwrap().is_empty());
    let (one, other) =
        tokio::join!(tomos::db::migrate(&database.url), tomos::db::migrate(&database.url));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.is_empty() != other.is_empty(), "both or neither ran: {one:?} {other:?}");
    assert!(tomos::db::pending(&database.url).await.unwrap().is_empty());
}

/// The columns of each table in `src/tables.rs`: name and type, in order.
fn declared() -> BTreeMap<String, Vec<(String, String)>> {
    let file = include_str!("../../src/tables.rs");
    let mut tables = BTreeMap::new();
    let mut table: Option<String> = None;
    for line in file.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            table = Some(name.to_owned());
        } else if let (Some(table), Some((name, kind))) = (&table, line.split_once(" -> ")) {
            let columns: &mut Vec<_> = tables.entry(table.clone()).or_default();
            columns.push((name.to_owned(), kind.trim_end_matches(',').to_owned()));
        } else if line == "}" {
            table = None;
        }
    }
    tables
}

/// Diesel's name of a type of the database.
fn diesel_type(kind: &str) -> String {
    if let Some(item) = kind.strip_prefix('_') {
        return format!("Array<{}>", diesel_type(item));
    }
    let words = kind.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect()
}

#[tokio::test]
async fn tables_rs_says_what_the_migrations_make() {
    let database = TestDatabase::new();
    let sql = "SELECT table_name::text, column_name::text, udt_name::text, is_nullable = 'YES'
        FROM information_schema.columns WHERE table_schema = 'public'
        AND table_name <> '__diesel_schema_migrations' ORDER BY table_name, ordinal_position";
    let mut made: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in client(&database.url).await.query(sql, &[]).await.unwrap() {
        let kind = diesel_type(row.get(2));
        let kind = if row.get(3) { format!("Nullable<{kind}>") } else { kind };
        made.entry(row.get(0)).or_default().push((row.get(1), kind));
    }
    assert_eq!(declared(), made);
}
