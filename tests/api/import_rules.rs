//! The import's rules that the samples do not reach, on pages made by hand.

use crate::import_notion::{EDITED, file, import, page, rows, sydney, text, titles};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tokio_postgres::Client;
use tomos::import::report::{Ended, Report};
use tomos::import::snapshot::Kind;

/// A property that names pages, by their numbers.
pub(crate) fn relation(name: &str, targets: &[u32]) -> String {
    let targets: Vec<_> =
        targets.iter().map(|target| format!(r#"{{"id":"{target:032x}"}}"#)).collect();
    format!(r#","{name}":{{"type":"relation","relation":[{}]}}"#, targets.join(","))
}

/// A task with its parent.
fn part(number: u32, parent: u32) -> String {
    page(number, &format!("{number}"), EDITED, &relation("Parent task", &[parent]))
}

/// The title of each task's parent.
async fn parents(client: &Client) -> BTreeMap<String, Option<String>> {
    let sql = "SELECT tasks.title, above.title FROM tasks LEFT JOIN tasks AS above ON above.id = tasks.parent_id";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn tree(pairs: &[(&str, &str)]) -> BTreeMap<String, Option<String>> {
    let above = |parent: &str| Some(parent.to_owned()).filter(|parent| !parent.is_empty());
    pairs.iter().map(|(task, parent)| ((*task).to_owned(), above(parent))).collect()
}

/// The records of which the report says this, and the value that it names.
pub(crate) fn said<'r>(report: &'r Report, code: &str) -> Vec<(&'r str, &'r str)> {
    let said = report.loaded.findings.iter().filter(|finding| finding.code == code);
    let mut said: Vec<_> = said.map(|one| (one.record.as_str(), one.value.as_str())).collect();
    said.sort_unstable();
    said
}

#[tokio::test]
async fn a_circle_of_parents_is_cut_at_the_page_with_the_smallest_id() {
    let (database, client) = sydney().await;
    // 7 → 3 → 5 → 7, and 9 below 7; the smallest is neither first nor last in the file.
    let pages = [part(9, 7), part(7, 3), part(3, 5), part(5, 7)];
    let report = import(&database, &file(&pages.each_ref().map(String::as_str))).await;
    let expected = tree(&[("3", ""), ("5", "7"), ("7", "3"), ("9", "7")]);
    assert_eq!(parents(&client).await, expected);
    let [three, five, seven] = [3, 5, 7].map(|number| format!("{number:032x}"));
    let smallest = three.as_str();
    let of_the_circle = [(smallest, smallest), (&five, smallest), (&seven, smallest)];
    assert_eq!(said(&report, "parent_cycle"), of_the_circle);
    assert_eq!(report.ended(), Ended::WithFindings);
}

#[tokio::test]
async fn a_subtask_below_the_fifth_level_stands_alone_with_what_is_below_it() {
    let (database, client) = sydney().await;
    let top = page(1, "1", EDITED, "");
    let parts = [part(7, 6), part(6, 5), part(5, 4), part(2, 1), part(4, 3), part(3, 2)];
    let mut pages: Vec<&str> = parts.iter().map(String::as_str).collect();
    pages.push(&top);
    let report = import(&database, &file(&pages)).await;
    let expected =
        tree(&[("1", ""), ("2", "1"), ("3", "2"), ("4", "3"), ("5", "4"), ("6", ""), ("7", "6")]);
    assert_eq!(parents(&client).await, expected);
    let [five, six] = [5, 6].map(|number| format!("{number:032x}"));
    assert_eq!(said(&report, "too_deep"), [(six.as_str(), five.as_str())]);
}

#[tokio::test]
async fn a_status_is_read_from_a_status_as_from_a_select() {
    let (database, client) = sydney().await;
    let status = |kind: &str, name: &str| {
        format!(r#","Status":{{"type":"{kind}","{kind}":{{"id":"x","name":"{name}"}}}}"#)
    };
    let pages = [
        page(1, "1", EDITED, &status("status", "In progress")),
        page(2, "2", EDITED, &status("select", "In progress")),
        page(3, "3", EDITED, &status("status", "Not started")),
        page(4, "4", EDITED, &status("status", "Waiting")),
        page(5, "5", EDITED, r#","Status":{"type":"status","status":null}"#),
    ];
    let report = import(&database, &file(&pages.each_ref().map(String::as_str))).await;
    let sql = "SELECT array_agg(status::text ORDER BY title) FROM tasks";
    let statuses: Vec<String> = client.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(statuses, ["in_progress", "in_progress", "todo", "todo", "todo"]);
    assert_eq!(said(&report, "unknown_status"), [(&*format!("{:032x}", 4), "Waiting")]);
}

#[tokio::test]
async fn of_two_names_for_one_thing_the_one_that_says_something_is_read() {
    let (database, client) = sydney().await;
    let properties = r#","Due":{"type":"date","date":{}},"Due date":{"type":"date","date":{"start":"2026-02-01"}}"#;
    import(&database, &file(&[&page(1, "1", EDITED, properties)])).await;
    let sql = "SELECT due_date::text FROM tasks";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert_eq!(text(&row, "due_date").as_deref(), Some("2026-02-01"));
}

#[tokio::test]
async fn the_original_is_kept_byte_by_byte_with_its_hash() {
    let (database, client) = sydney().await;
    // What a parser would change: escapes, blanks, the order of members, a member that comes twice,
    // a number that no float holds.
    let odd = r#"{ "zz" : 1.000000000000000000001e400,
        "id":"00000000-0000-0000-0000-00000000000A",	"object":"page","object":"page",
        "created_time":"2025-01-01T00:00:00.000Z","last_edited_time":"2025-02-02T00:00:00.000Z",
        "url":"https:\/\/notion.test\/a",
        "properties":{"N":{"type":"title","title":[{"plain_text":"\u0041\u0000 \ud83d \ude00 é"}]}}  }"#;
    import(&database, &file(&[&page(1, "before", EDITED, ""), odd])).await;
    let select = "r.title, url, original, original_hash";
    let rows = rows(&client, "task", select).await;
    let row = &rows[&format!("{:032x}", 10)];
    assert_eq!(text(row, "title").as_deref(), Some("A \u{FFFD} \u{FFFD} é"));
    assert_eq!(text(row, "url").as_deref(), Some("https://notion.test/a"));
    let original: Vec<u8> = row.get("original");
    assert_eq!(String::from_utf8(original).unwrap(), odd);
    let hash: Vec<u8> = row.get("original_hash");
    assert_eq!(hash, Sha256::digest(odd).as_slice());
}

/// The page of a tag, with what stands in its title.
pub(crate) fn tag_page(number: u32, title: &str) -> String {
    page(number, title, EDITED, "")
}

#[tokio::test]
async fn a_tag_page_without_a_name_is_rejected_and_links_to_it_are_reported() {
    let (database, client) = sydney().await;
    // Empty, blank, and nothing but marks that cannot be seen.
    let tags = [tag_page(1, ""), tag_page(2, "\u{a0} "), tag_page(3, "\u{200b}"), tag_page(4, "A")];
    let task = page(9, "task", EDITED, &relation("Tags", &[1, 4]));
    let bytes = format!(r#"{{"tags":[{}],"tasks":[{task}]}}"#, tags.join(","));
    let report = import(&database, bytes.as_bytes()).await;
    let sql = "SELECT array_agg(key) FROM tags JOIN task_tags ON tag_id = id";
    let keys: Vec<String> = client.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!((keys, titles(&client).await), (vec!["a".to_owned()], vec!["task".to_owned()]));
    assert_eq!(report.rejected[&Kind::Tag], 3);
    let [one, two, three, nine] = [1, 2, 3, 9].map(|number| format!("{number:032x}"));
    let rejected: Vec<_> = [&one, &two, &three].map(|id| (id.as_str(), "")).to_vec();
    assert_eq!(said(&report, "missing_title"), rejected);
    assert_eq!(said(&report, "tag_unresolved"), [(nine.as_str(), one.as_str())]);
    let errors = report.error_lines();
    let warning = errors.lines().find(|line| line.contains("tag_unresolved")).unwrap();
    assert!(warning.contains(&nine) && warning.contains(r#""title":"task""#), "{warning}");
    assert_eq!(errors.lines().count(), 4);
    assert!(errors.contains("a tag is its name, and it has none"), "{errors}");
    assert_eq!(report.ended(), Ended::WithFindings);
}
