//! What stays in Notion is said, by the export and by the import: with the page that it is of.

use crate::compare::Parallel;
use crate::export::Export;
use crate::notion::{Database, Page, World, uuid};
use crate::program::end;

fn block(number: u32, kind: &str, content: &str) -> String {
    let id = uuid(number);
    format!(
        r#"{{"object":"block","id":"{id}","type":"{kind}","has_children":false,"in_trash":false,"{kind}":{content}}}"#
    )
}

fn file(name: &str) -> String {
    format!(
        r#"{{"name":"{name}","type":"file","file":{{"url":"https://files.test/{name}?X-Amz=1","expiry_time":"2026-01-20T07:30:00.000Z"}}}}"#
    )
}

fn world() -> World {
    let files = format!(
        r#""Files":{{"id":"fi","type":"files","files":[{},{}]}}"#,
        file("a.pdf"),
        file("b.pdf")
    );
    let linked = r#""Links":{"id":"li","type":"files","files":[{"name":"x","type":"external","external":{"url":"https://x.test"}}]}"#;
    let pages = vec![
        Page::new(1, "House"),
        Page::new(2, "Taxes").with(&files),
        Page::new(3, "Garden").with(linked),
    ];
    let mut world =
        World { databases: vec![Database::new(9000, "Tasks", pages)], ..World::default() };
    let link = format!(r#"{{"type":"page_id","page_id":"{}"}}"#, uuid(3));
    let body = vec![
        block(5001, "child_page", r#"{"title":"Rooms"}"#),
        block(5002, "unsupported", "{}"),
        block(5003, "unsupported", "{}"),
        block(5004, "synced_block", r#"{"synced_from":{"type":"block_id","block_id":"x"}}"#),
        block(5005, "link_to_page", &link),
        block(5006, "image", &file("c.png")),
    ];
    world.children.insert(uuid(1), body);
    world
}

#[tokio::test]
async fn the_export_says_what_stays_behind_and_says_it_again_when_nothing_is_new() {
    let export = Export::of(world());
    let report = export.run().await.unwrap();
    assert_eq!((report.stopped, report.problems), (None, Vec::new()));
    let said = report.behind.join("\n");
    insta::assert_snapshot!(said, @r"
    task House (00000000000040008000000000000001): child_page: what stands in it was not fetched and stays in Notion
    task House (00000000000040008000000000000001): unsupported: what stands in it was not fetched and stays in Notion
    task House (00000000000040008000000000000001): unsupported: what stands in it was not fetched and stays in Notion
    task House (00000000000040008000000000000001): synced_block: what stands in it was not fetched and stays in Notion
    3 uploaded files of 2 pages are only links, which end within an hour; save the files: House (00000000000040008000000000000001), Taxes (00000000000040008000000000000002)
    ");
}

#[test]
fn the_import_counts_what_stays_behind_and_keeps_the_links() {
    let parallel = Parallel::of(world());
    let imported = end(&mut parallel.command(&["import", "notion"]));
    assert_eq!((imported.code, imported.error.as_str()), (Some(1), ""), "{imported:?}");
    let house = "\"House (00000000000040008000000000000001)\"";
    for line in [
        format!("     1  task left_in_notion child_page {house}: what stands in it"),
        format!("     2  task left_in_notion unsupported {house}: what stands in it"),
        format!("     1  task left_in_notion synced_block {house}: what stands in it"),
        "     1  task uploaded_files: 3 uploaded files of 2 pages are only links".to_owned(),
    ] {
        assert!(imported.output.contains(&line), "{line} in {}", imported.output);
    }
    let description = parallel.sql().row("SELECT description FROM tasks WHERE title = 'House'");
    assert!(
        description.starts_with("[Rooms](https://www.notion.so/00000000000040008000000000001389)"),
        "{description}"
    );
    let link = "\n\nhttps://www.notion.so/00000000000040008000000000000003\n\n";
    assert!(description.contains(link), "{description}");
}
