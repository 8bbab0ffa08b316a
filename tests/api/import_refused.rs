//! Records that the database refuses in the middle of an import.

use crate::import_notion::{EDITED, file, import, page, sydney, titles};
use crate::import_rules::{relation, said};
use serde_json::Value;
use tokio_postgres::Client;
use tomos::import::report::Ended;
use tomos::import::snapshot::Kind;

/// From now on a task of this title is refused, and the attempts to make tasks are counted.
async fn refuse(client: &Client, title: &str) {
    let sql = format!(
        "ALTER TABLE tasks ADD CONSTRAINT tasks_of_the_test_check CHECK (title <> '{title}') NOT VALID;
         -- Not undone with the attempt.
         CREATE SEQUENCE attempts;
         CREATE FUNCTION count_attempt() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM nextval('attempts'); RETURN NULL; END $$;
         CREATE TRIGGER count_attempts BEFORE INSERT ON tasks
             FOR EACH STATEMENT EXECUTE FUNCTION count_attempt();"
    );
    client.batch_execute(&sql).await.unwrap();
}

#[tokio::test]
async fn one_that_is_refused_among_hundreds_is_found_by_halves_and_named() {
    let (database, client) = sydney().await;
    refuse(&client, "bad").await;
    let title = |number: u32| if number == 333 { "bad".to_owned() } else { number.to_string() };
    let tags = r#","Tags":{"type":"multi_select","multi_select":[{"name":"home"}]}"#;
    let pages: Vec<String> =
        (1..=510).map(|number| page(number, &title(number), EDITED, tags)).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let report = import(&database, &file(&pages)).await;
    let come = titles(&client).await;
    assert!(come.len() == 509 && !come.contains(&"bad".to_owned()), "{}", come.len());
    let tally = report.loaded.tallies[&Kind::Task];
    assert_eq!((tally.created, tally.rejected, report.loaded.tags_by_name), (509, 1, 1));
    // The batch, then two halves on each of nine levels, and the other batch.
    let sql = "SELECT last_value <= 20 FROM attempts";
    assert!(client.query_one(sql, &[]).await.unwrap().get::<_, bool>(0));
    let errors = report.error_lines();
    let line: Value = serde_json::from_str(&errors).unwrap();
    assert_eq!(
        (&line["code"], &line["record"]),
        (&"refused".into(), &format!("{:032x}", 333).into())
    );
    assert!(line["reason"].as_str().unwrap().contains("tasks_of_the_test_check"), "{line}");
    assert_eq!(line["original"]["properties"]["Anything"]["title"][0]["plain_text"], "bad");
    assert_eq!(report.ended(), Ended::WithFindings);
    // What was refused is tried again, and comes when it can.
    client
        .batch_execute("ALTER TABLE tasks DROP CONSTRAINT tasks_of_the_test_check")
        .await
        .unwrap();
    let report = import(&database, &file(&pages)).await;
    let tally = report.loaded.tallies[&Kind::Task];
    assert_eq!((tally.created, tally.unchanged), (1, 509));
    assert_eq!(report.ended(), Ended::Clean);
}

#[tokio::test]
async fn parts_of_one_that_is_refused_come_without_it() {
    let (database, client) = sydney().await;
    refuse(&client, "bad").await;
    let part = page(2, "part", EDITED, &relation("Parent task", &[1]));
    let report = import(&database, &file(&[&page(1, "bad", EDITED, ""), &part])).await;
    assert_eq!(titles(&client).await, ["part"]);
    assert_eq!(said(&report, "link_refused"), [(&*format!("{:032x}", 2), "")]);
}

#[tokio::test]
async fn a_change_that_is_refused_leaves_the_record_and_the_others_alone() {
    let (database, client) = sydney().await;
    let pages = |titles: [&str; 3]| {
        let [one, two, three] = titles;
        [page(1, one, EDITED, ""), page(2, two, EDITED, ""), page(3, three, EDITED, "")]
    };
    let first = pages(["1", "2", "3"]);
    import(&database, &file(&first.each_ref().map(String::as_str))).await;
    refuse(&client, "bad").await;
    let second = pages(["one", "bad", "three"]);
    let report = import(&database, &file(&second.each_ref().map(String::as_str))).await;
    assert_eq!(titles(&client).await, ["2", "one", "three"]);
    let tally = report.loaded.tallies[&Kind::Task];
    assert_eq!((tally.updated, tally.rejected), (2, 1));
    assert_eq!(report.error_lines().lines().count(), 1);
}

#[tokio::test]
async fn a_change_may_name_a_parent_that_is_new() {
    let (database, client) = sydney().await;
    import(&database, &file(&[&page(1, "part", EDITED, "")])).await;
    let part = page(1, "part", EDITED, &relation("Parent task", &[2]));
    let report = import(&database, &file(&[&part, &page(2, "new", EDITED, "")])).await;
    let sql = "SELECT above.title FROM tasks JOIN tasks AS above ON above.id = tasks.parent_id";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get(0), report.ended()), ("new", Ended::Clean));
}
