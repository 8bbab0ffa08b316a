//! To-dos stand in the order of their page, whatever their times and ids are.

use crate::import_notion::{EDITED, import, page, sydney};
use crate::import_workspace::zip;
use crate::verify::verify;
use std::collections::BTreeMap;
use tokio_postgres::Client;
use tomos::import::snapshot::Kind;

/// A to-do with some others in it. Notion's times are of the minute, and ids tell no order.
fn to_do(number: u32, parts: &[String]) -> String {
    format!(
        r#"{{"block":{{"id":"{number:032x}","type":"to_do","created_time":"2025-01-01T00:00:00.000Z","to_do":
        {{"rich_text":[{{"plain_text":"{number}"}}],"checked":false}}}},"children":[{}]}}"#,
        parts.join(",")
    )
    .replace('\n', "")
}

fn line(number: u32, to_dos: &[String]) -> String {
    let page = page(number, "page", EDITED, "").replace('\n', "");
    format!(r#"{{"kind":"task","page":{page},"body":[{}]}}"#, to_dos.join(",")) + "\n"
}

/// The titles in the order of the owner.
async fn in_order(client: &Client) -> Vec<String> {
    let sql = "SELECT title FROM tasks ORDER BY position, id";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

const NESTED: [&str; 7] = ["page", "40", "31", "22", "35", "13", "50"];

fn nested() -> Vec<String> {
    let inner = to_do(31, &[to_do(22, &[])]);
    vec![to_do(40, &[inner, to_do(35, &[])]), to_do(13, &[]), to_do(50, &[])]
}

#[tokio::test]
async fn to_dos_stand_in_the_order_of_their_page_and_move_with_it() {
    let (database, client) = sydney().await;
    let first = line(1, &nested());
    import(&database, first.as_bytes()).await;
    assert_eq!(in_order(&client).await, NESTED);
    let again = import(&database, first.as_bytes()).await;
    assert_eq!(again.loaded.tallies[&Kind::Task].unchanged, 7);

    // They are dragged there, and one more comes between them.
    let mut to_dos = nested();
    to_dos.swap(0, 2);
    to_dos.insert(1, to_do(9, &[]));
    let moved = line(1, &to_dos);
    import(&database, moved.as_bytes()).await;
    let expected = ["page", "50", "9", "13", "40", "31", "22", "35"];
    assert_eq!(in_order(&client).await, expected);
    assert!(verify(&database, moved.as_bytes()).await.is_clean());
    let again = import(&database, moved.as_bytes()).await;
    assert_eq!(again.loaded.tallies[&Kind::Task].unchanged, 8);

    // What is dragged here stays so.
    let key = "UPDATE tasks SET position = repeat('f', 12) WHERE title = '9'";
    client.batch_execute(key).await.unwrap();
    import(&database, first.as_bytes()).await;
    assert_eq!(in_order(&client).await.last().unwrap(), "9");
}

#[tokio::test]
async fn a_planted_swap_of_to_dos_is_found() {
    let (database, client) = sydney().await;
    let source = line(1, &nested());
    import(&database, source.as_bytes()).await;
    let swap = "SET session_replication_role = replica;
        UPDATE tasks AS one SET position = other.position FROM tasks AS other
        WHERE (one.title, other.title) IN (('13', '50'), ('50', '13'))";
    client.batch_execute(swap).await.unwrap();
    let verification = verify(&database, source.as_bytes()).await;
    let found = verification.differences.iter().map(|it| (it.row, &*it.title));
    assert_eq!(found.collect::<Vec<_>>(), [("order", "13"), ("order", "50")]);
    // The next import puts them back.
    import(&database, source.as_bytes()).await;
    assert_eq!(in_order(&client).await, NESTED);
}

#[tokio::test]
async fn the_to_dos_of_a_workspace_export_keep_their_order_too() {
    let (database, client) = sydney().await;
    let id = "0000000000000000000000000000000a";
    let to_dos: Vec<String> = (10..40).map(|number| format!("to-do {number}")).collect();
    let lines: Vec<_> = to_dos.iter().map(|title| format!("- [ ] {title}\n")).collect();
    let name = format!("Tasks/page {id}.md");
    let files = [
        ("Tasks 00000000000000000000000000000001_all.csv", "Name,Status\npage,To Do\n"),
        (name.as_str(), &*format!("# page\n\nStatus: To Do\n\n{}", lines.concat())),
    ];
    let bytes = zip(&files);
    for _ in 0..2 {
        import(&database, &bytes).await;
        let order = in_order(&client).await;
        let order: Vec<_> = order.into_iter().filter(|title| title != "page").collect();
        assert_eq!(order, to_dos);
    }
    let versions = client.query("SELECT version FROM tasks", &[]).await.unwrap();
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for row in versions {
        *counts.entry(row.get(0)).or_default() += 1;
    }
    assert_eq!(counts, [(1, 31)].into());
}

/// To-dos of the top level.
fn flat(numbers: &[u32]) -> Vec<u8> {
    line(1, &numbers.iter().map(|number| to_do(*number, &[])).collect::<Vec<_>>()).into_bytes()
}

#[tokio::test]
async fn a_rename_here_is_no_move_here() {
    let (database, client) = sydney().await;
    import(&database, &flat(&[10, 11, 12, 13])).await;
    client.batch_execute("UPDATE tasks SET title = 'mine' WHERE title = '13'").await.unwrap();
    let longer = flat(&[20, 21, 10, 11, 12, 13]);
    let report = import(&database, &longer).await;
    let expected = ["page", "20", "21", "10", "11", "12", "mine"];
    assert_eq!(in_order(&client).await, expected);
    let tally = report.loaded.tallies[&Kind::Task];
    assert_eq!((tally.created, tally.updated, tally.kept), (2, 5, 0));
    let places = "SELECT count(DISTINCT position) FROM tasks";
    assert_eq!(client.query_one(places, &[]).await.unwrap().get::<_, i64>(0), 7);
    // It counts as changed here as before, and is moved once.
    let verification = verify(&database, &longer).await;
    let found = verification.differences.iter().filter(|it| it.field != "updated_at");
    let found: Vec<_> = found.map(|it| (&*it.field, it.changed.here)).collect();
    assert_eq!(found, [("title", true)]);
    let again = import(&database, &longer).await;
    assert_eq!(again.loaded.tallies[&Kind::Task].unchanged, 7);

    // Taken back, it stands where it stood.
    let mut connection = tomos::import::connect(&database.url).await.unwrap();
    let options = tomos::import::rollback::Options::default();
    tomos::import::rollback::roll_back(&mut connection, 2, options).await.unwrap();
    assert_eq!(in_order(&client).await, ["page", "10", "11", "12", "mine"]);
}

#[tokio::test]
async fn what_was_moved_here_stays_though_it_became_alike() {
    let (database, client) = sydney().await;
    import(&database, &flat(&[10, 11, 12])).await;
    // 10 is moved here, and both get one title on both sides.
    let sql = "UPDATE tasks SET position = repeat('f', 12) WHERE title = '10';
        UPDATE tasks SET title = title || '!' WHERE title IN ('10', '12')";
    client.batch_execute(sql).await.unwrap();
    let renamed = |numbers: &[u32]| {
        let text = String::from_utf8(flat(numbers)).unwrap();
        text.replace(r#""10"}"#, r#""10!"}"#).replace(r#""12"}"#, r#""12!"}"#).into_bytes()
    };
    import(&database, &renamed(&[10, 11, 12])).await;
    // Both are as they came now.
    let changed = "SELECT count(*) FROM tasks JOIN external_refs ON record_id = id WHERE version <> imported_version";
    assert_eq!(client.query_one(changed, &[]).await.unwrap().get::<_, i64>(0), 0);
    let longer = renamed(&[20, 10, 11, 12]);
    for _ in 0..2 {
        import(&database, &longer).await;
        assert_eq!(in_order(&client).await, ["page", "20", "11", "12!", "10!"]);
    }
    let verification = verify(&database, &longer).await;
    let found = verification.differences.iter().map(|it| (it.row, &*it.title, it.changed.here));
    assert_eq!(found.collect::<Vec<_>>(), [("order", "10!", true)]);
}

#[tokio::test]
async fn a_to_do_whose_number_is_the_same_on_both_sides_is_no_difference() {
    let (database, _client) = sydney().await;
    import(&database, &flat(&[10, 11, 12, 13, 14])).await;
    // One is gone there and two have changed places: the others only moved up.
    let verification = verify(&database, &flat(&[11, 12, 14, 13])).await;
    let order = verification.differences.iter().filter(|it| it.row == "order");
    let numbers = order
        .map(|it| (&*it.title, it.sides.source.clone().unwrap(), it.sides.here.clone().unwrap()));
    let moved = ("14", "to-do 3".to_owned(), "to-do 4".to_owned());
    assert_eq!(numbers.collect::<Vec<_>>(), [moved]);
}

#[tokio::test]
async fn no_to_do_stands_in_the_place_of_one_that_is_gone_there() {
    let (database, client) = sydney().await;
    import(&database, &flat(&[10, 11, 12])).await;
    // It stays here.
    let shorter = flat(&[11, 12]);
    for updated in [3, 0] {
        let report = import(&database, &shorter).await;
        assert_eq!(report.loaded.tallies[&Kind::Task].updated, updated);
        assert_eq!(in_order(&client).await, ["page", "10", "11", "12"]);
        let places = "SELECT count(DISTINCT position) FROM tasks";
        assert_eq!(client.query_one(places, &[]).await.unwrap().get::<_, i64>(0), 4);
    }
    let verification = verify(&database, &shorter).await;
    assert!(verification.differences.iter().all(|it| it.row != "order"), "{verification}");
}
