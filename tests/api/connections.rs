//! Connections: who may open one, what it is told first, and what is said where there is none.

use crate::database::TestDatabase;
use crate::migrations::client;
use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::error::Error as _;
use tomos::error::Error;

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// What a setting of this connection is.
async fn setting(connection: &mut AsyncPgConnection, name: &str) -> String {
    let word = sql_query("SELECT current_setting($1) AS word")
        .bind::<Text, _>(name)
        .get_result::<Word>(connection)
        .await;
    word.unwrap().word
}

/// An empty database whose owner is no superuser, as hosted ones are.
pub(crate) async fn owned_by_a_plain_role() -> (TestDatabase, String) {
    let database = TestDatabase::empty();
    let name = database.url.rsplit('/').next().unwrap();
    // The role belongs to the server: whichever test comes first makes it.
    let sql = format!(
        "DO $$ BEGIN CREATE ROLE plain LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
        ALTER DATABASE {name} OWNER TO plain"
    );
    let superuser = client(&database.url).await;
    superuser.batch_execute(&sql).await.unwrap();
    let (_, place) = database.url.split_once('@').unwrap();
    let url = format!("postgresql://plain@{place}");
    (database, url)
}

/// A host's database is brought up to date again and again, each time over a new connection.
#[tokio::test]
async fn an_owner_who_is_no_superuser_can_run_each_migration_over_a_connection_of_its_own() {
    let (_database, url) = owned_by_a_plain_role().await;
    let mut count = 0;
    while tomos::db::migrate_once(&url).await.unwrap().is_some() {
        count += 1;
    }
    assert!(count > 40, "{count}");
}

#[tokio::test]
async fn an_owner_who_is_no_superuser_can_migrate_and_connect() {
    let (_database, url) = owned_by_a_plain_role().await;
    assert!(!tomos::db::migrate(&url).await.unwrap().is_empty());
    let pool = tomos::db::pool(&url, 1).unwrap();
    let mut connection = pool.get().await.unwrap();
    assert_eq!(setting(&mut connection, "is_superuser").await, "off");
    assert_eq!(setting(&mut connection, "statement_timeout").await, "10s");
}

#[tokio::test]
async fn every_connection_is_told_the_same_whether_pooled_or_not() {
    let database = TestDatabase::empty();
    let pool = tomos::db::pool(&database.url, 1).unwrap();
    let mut pooled = pool.get().await.unwrap();
    let mut alone = tomos::db::connect(&database.url).await.unwrap();
    for (name, value) in [
        ("lc_messages", "C"),
        ("statement_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("application_name", "tomos"),
        ("TimeZone", "UTC"),
        ("client_encoding", "UTF8"),
    ] {
        assert_eq!(setting(&mut pooled, name).await, value, "{name}");
        assert_eq!(setting(&mut alone, name).await, value, "{name}");
    }
}

#[tokio::test]
async fn words_for_other_drivers_do_not_keep_a_connection_from_opening() {
    let database = TestDatabase::empty();
    let url =
        format!("{}?pgbouncer=true&schema=public&connection_limit=3&pool_timeout=9", database.url);
    tomos::db::connect(&url).await.unwrap();
    drop(tomos::db::pool(&url, 1).unwrap().get().await.unwrap());
}

/// An error with its causes, as a log shows it.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_unavailable_and_the_cause_can_be_read() {
    let nowhere = "postgresql://tomos@%2Fnowhere%2Fat%2Fall/tomos";
    let pool = tomos::db::pool(nowhere, 1).unwrap();
    let pooled: Error = pool.get().await.err().unwrap().into();
    let alone = tomos::db::connect(nowhere).await.err().unwrap();
    let migrating = tomos::db::migrate(nowhere).await.err().unwrap();
    for error in [pooled, alone, migrating] {
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        let chain = chain(&error);
        assert!(chain.contains("No such file or directory"), "{chain}");
    }
}
