//! An export where things go wrong: what passes leaves no trace, what stays is said.

use crate::export::{Export, holds_no_token};
use crate::notion::Trouble::{Cursor, Cut, Endless, Error, Html, NoCursor, SeveralSources};
use crate::notion::{Notion, TOKEN, World, uuid};
use std::os::unix::fs::symlink;
use std::time::Duration;
use tomos::export::Version;
use tomos::export::pace::Timer;

const ALL: [&str; 5] = ["/v1/search", "/query", "?page_size", "/properties/", "/children"];

#[tokio::test]
async fn what_passes_leaves_no_trace() {
    for version in [Version::DataSources, Version::Databases] {
        let begun = || {
            let mut export = Export::of(World::hard(230));
            export.options.version = Some(version);
            export
        };
        let (whole, export) = (begun().whole().await, begun());
        for part in ALL {
            export.notion.fails([
                (part, Error(409, "conflict_error", None)),
                (part, Error(429, "rate_limited", Some(7))),
                (part, Error(429, "rate_limited", None)),
                (part, Error(500, "internal_server_error", None)),
                (part, Html(502)),
                (part, Error(503, "service_unavailable", None)),
                (part, Html(504)),
                (part, Error(529, "service_overload", Some(2))),
                (part, Html(200)),
                (part, Cut),
            ]);
        }
        export.notion.fails([("/query", Cursor), ("/query", Cursor), ("/children", Cursor)]);
        assert!(export.whole().await == whole, "{version}");
        export.notion.has_failed();
    }
}

#[tokio::test]
async fn it_waits_as_long_as_notion_asks_for() {
    let quiet = Export::of(World::hard(5));
    quiet.whole().await;
    let export = Export::of(World::hard(5));
    export.notion.fails([("/query", Error(429, "rate_limited", Some(90)))]);
    export.whole().await;
    let (waited, without) = (export.timer.now(), quiet.timer.now());
    assert!(waited >= without + Duration::from_secs(90), "{waited:?}, else {without:?}");
}

#[tokio::test]
async fn who_is_sent_away_for_hours_is_told_so_and_goes_on_later() {
    let export = Export::of(World::hard(5));
    export.notion.fails([("0005/children", Error(429, "rate_limited", Some(u32::MAX)))]);
    let why = export.run().await.unwrap().stopped.unwrap();
    assert_eq!(why, "Notion takes no more requests for 4294967295 seconds; begin again after that");
    assert!(export.timer.now() < Duration::from_mins(5), "{:?}", export.timer.now());
    assert_eq!(export.whole().await.lines().count(), 38);
}

#[tokio::test]
async fn an_address_where_nobody_answers_is_given_up_soon() {
    let mut export = Export::of(World::hard(5));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    export.options.url = format!("http://{nobody}");
    let said = export.refused().await;
    assert!(said.starts_with("Notion does not answer: tcp connect error: "), "{said}");
    let address = format!("; asked was http://{nobody}, see NOTION_URL");
    assert!(said.ends_with(&address), "{said}");
    let waited = export.timer.now();
    // It was tried more than once, and for no longer than ten seconds.
    assert!((2..10).contains(&waited.as_secs()) && !export.options.out.exists(), "{waited:?}");
}

#[tokio::test]
async fn an_outage_is_not_waited_for_without_end() {
    let export = Export::of(World::hard(5));
    export.notion.fails(vec![("/query", Html(502)); 100]);
    let report = export.run().await.unwrap();
    let why = report.stopped.unwrap();
    assert_eq!(why, "Notion does not answer: status 502");
    let left = export.notion.inner().script.len();
    assert!((60..95).contains(&left), "{left}");
    assert!(export.timer.now() < Duration::from_mins(17), "{:?}", export.timer.now());
    // The same command goes on.
    export.notion.inner().script.clear();
    assert_eq!(export.whole().await.lines().count(), 38);
}

#[tokio::test]
async fn a_wrong_token_is_said_at_once_and_nothing_is_left() {
    let mut export = Export::of(World::hard(5));
    export.options.token = "ntn_falsch".into();
    let said = export.refused().await;
    assert!(said.starts_with("Notion does not take the token in NOTION_TOKEN"), "{said}");
    assert!(!said.contains("falsch") && !export.options.out.exists());
    assert_eq!(export.notion.requests().len(), 1);
    export.options.token = "two\nlines".into();
    assert!(export.refused().await.starts_with("NOTION_TOKEN holds letters"));
    export.options.url = "http://api.notion.test".to_owned();
    assert!(export.refused().await.contains("is not encrypted"));
    assert_eq!(export.notion.requests().len(), 1);
}

#[tokio::test]
async fn a_token_revoked_on_the_way_stops_it_and_a_good_one_goes_on() {
    let whole = Export::of(World::hard(30)).whole().await;
    let export = Export::of(World::hard(30));
    for requests in [1, 3, 20, 21] {
        export.notion.inner().seen.clear();
        export.notion.inner().revoked_after = requests;
        let report = export.run().await.unwrap();
        let why = report.stopped.unwrap();
        assert!(why.contains("was revoked"), "{why}");
        // The first that is refused is not asked again; others may be on their way.
        assert!(export.notion.requests().len() <= requests + 40);
        holds_no_token(&export.options.out);
    }
    export.notion.inner().revoked_after = usize::MAX;
    assert!(export.whole().await == whole);
}

#[tokio::test]
async fn a_request_that_notion_refuses_is_not_sent_again() {
    let export = Export::of(World::hard(5));
    export.notion.fails([("/search", Error(400, "validation_error", None))]);
    let said = export.refused().await;
    assert_eq!(said, "Notion refuses the request: 400 validation_error: it is said");
    assert_eq!(export.notion.requests().len(), 1);
    export.notion.fails([("/search", Error(403, "restricted_resource", None))]);
    let said = export.refused().await;
    assert!(said.contains("capability \"Read content\""), "{said}");
    assert_eq!(export.notion.requests().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_read_of_a_page_is_said_and_the_page_comes() {
    let export = Export::of(World::hard(5));
    let refused = || Error(400, "validation_error", None);
    export.notion.fails([("0005/children", refused()), ("/properties/tg", refused())]);
    let report = export.run().await.unwrap();
    assert_eq!((report.stopped, report.counts["task"]), (None, 5));
    insta::assert_snapshot!(report.problems.join("\n"), @r#"
    task 00000000-0000-4000-8000-000000000001: the rest of "Tags" could not be read: Notion refuses the request: 400 validation_error: it is said
    task 00000000-0000-4000-8000-000000000005: what stands in the block 00000000-0000-4000-8000-000000000005 could not be read: Notion refuses the request: 400 validation_error: it is said
    "#);
    assert_eq!(export.pages().matches("\"problems\"").count(), 2);
    let manifest = std::fs::read_to_string(export.file("export.json")).unwrap();
    assert!(manifest.contains("\"with_problems\": 2"), "{manifest}");
}

#[tokio::test]
async fn a_full_disk_is_called_so() {
    let whole = Export::of(World::hard(30)).whole().await;
    let export = Export::of(World::hard(30));
    export.notion.inner().revoked_after = 20;
    export.run().await.unwrap();
    export.notion.inner().revoked_after = usize::MAX;
    let (pages, aside) = (export.file("pages.jsonl"), export.file("aside"));
    std::fs::rename(&pages, &aside).unwrap();
    symlink("/dev/full", &pages).unwrap();
    let report = export.run().await.unwrap();
    let why = report.stopped.unwrap().replace(export.options.out.to_str().unwrap(), "DIR");
    assert_eq!(why, "the disk of DIR is full; make room there");
    std::fs::remove_file(&pages).unwrap();
    std::fs::rename(&aside, &pages).unwrap();
    assert!(export.whole().await == whole);
}

#[tokio::test]
async fn a_directory_that_holds_something_else_is_left_alone() {
    let mut export = Export::of(World::hard(5));
    let out = export.options.out.clone();
    std::fs::create_dir_all(&out).unwrap();
    std::fs::write(out.join("letter.txt"), "Dear").unwrap();
    assert_eq!(export.refused().await, "DIR holds something else; name another with --out");
    std::fs::write(out.join("export.json"), "{}").unwrap();
    assert_eq!(export.refused().await, "DIR/export.json is not of an export of Notion");
    export.options.out = out.join("letter.txt");
    let said = export.refused().await;
    assert_eq!(said, "DIR is a file; name another directory with --out");
    export.options.out = out.clone();
    std::fs::remove_file(out.join("letter.txt")).unwrap();
    std::fs::remove_file(out.join("export.json")).unwrap();

    // An export on its way, of other databases, in another version, or while somebody writes.
    export.notion.inner().revoked_after = export.notion.requests().len() + 9;
    export.run().await.unwrap();
    export.notion.inner().revoked_after = usize::MAX;
    export.options.wanted.tasks = Some("Recipes".to_owned());
    assert!(export.refused().await.contains("an export of other databases"));
    export.options.wanted.tasks = Some(uuid(9000));
    export.options.version = Some(Version::Databases);
    assert!(export.refused().await.contains("or another version"));
    export.options.version = None;
    let somebody = std::fs::File::open(&out).unwrap();
    somebody.lock().unwrap();
    assert_eq!(export.refused().await, "another export writes to DIR; wait for its end");
    drop(somebody);
    export.whole().await;
    let said = export.refused().await;
    assert_eq!(said, "DIR holds a whole export, of 2026-01-20; name another directory with --out");
}

#[tokio::test]
async fn files_cut_anywhere_are_completed_to_the_same_bytes() {
    let whole = Export::of(World::hard(12)).whole().await;
    let stopped = Export::of(World::hard(12));
    stopped.notion.inner().revoked_after = 30;
    stopped.run().await.unwrap();
    let read = |name: &str| std::fs::read(stopped.file(name)).unwrap();
    let (listing, pages, begun) = (read("listing.jsonl"), read("pages.jsonl"), read("export.json"));
    assert!(!listing.is_empty() && !pages.is_empty());
    let notion = Notion::new(World::hard(12));
    for cut in 0..12 {
        let export = Export::from(notion.clone());
        std::fs::create_dir_all(&export.options.out).unwrap();
        std::fs::write(export.file("export.json"), &begun).unwrap();
        let part = |bytes: &[u8], share: usize| {
            let mut part = bytes[..bytes.len() * (share % 12) / 12].to_vec();
            // What a crash of the machine leaves at the end.
            part.extend(vec![0; share % 3]);
            part
        };
        std::fs::write(export.file("listing.jsonl"), part(&listing, cut * 5)).unwrap();
        std::fs::write(export.file("pages.jsonl"), part(&pages, cut)).unwrap();
        assert!(export.whole().await == whole, "cut at {cut}");
    }
}

#[tokio::test]
async fn stopped_between_its_last_steps_it_comes_to_the_same_end() {
    let export = Export::of(World::hard(12));
    export.notion.inner().revoked_after = 40;
    export.run().await.unwrap();
    let begun = std::fs::read(export.file("export.json")).unwrap();
    let listing = std::fs::read(export.file("listing.jsonl")).unwrap();
    export.notion.inner().revoked_after = usize::MAX;
    let whole = export.whole().await;
    let finished = std::fs::read(export.file("export.json")).unwrap();
    let requests = export.notion.requests().len();
    for manifest in [&begun, &finished] {
        // All pages are there, and the list; of the manifest that was on its way to disk a half.
        std::fs::write(export.file("pages.jsonl"), &whole).unwrap();
        std::fs::write(export.file("listing.jsonl"), &listing).unwrap();
        std::fs::write(export.file("export.json"), manifest).unwrap();
        std::fs::write(export.file("export.json.new"), &finished[..finished.len() / 2]).unwrap();
        let report = export.run().await.unwrap();
        assert_eq!((report.stopped, report.counts["task"]), (None, 12));
        assert!(export.pages() == whole && !export.file("listing.jsonl").exists());
        assert!(!export.file("export.json.new").exists());
        tomos::export::finished_pages(&export.options.out).unwrap();
    }
    // What is listed and what its databases say of their properties is asked for again, and no page.
    let again = &export.notion.requests()[requests..];
    assert!(again.iter().all(|seen| !seen.path.contains("/blocks/")), "{again:?}");
}

#[tokio::test]
async fn a_whole_export_that_was_cut_in_half_is_neither_taken_nor_written_over() {
    let export = Export::of(World::hard(5));
    let pages = export.whole().await;
    std::fs::write(export.file("pages.jsonl"), &pages[..pages.len() / 2]).unwrap();
    let expected = "DIR/pages.jsonl is not what was exported: it was cut off since; \
                    export again, to another directory with --out";
    assert_eq!(export.refused().await, expected);
    let import = tomos::export::finished_pages(&export.options.out).unwrap_err().to_string();
    assert_eq!(import.replace(export.options.out.to_str().unwrap(), "DIR"), expected);
    assert_eq!(export.pages(), pages[..pages.len() / 2]);
}

#[tokio::test]
async fn files_of_two_exports_are_not_mixed() {
    let export = Export::of(World::hard(5));
    export.notion.inner().revoked_after = 30;
    export.run().await.unwrap();
    let pages = export.pages();
    let mut lines: Vec<_> = pages.lines().collect();
    lines.swap(0, 1);
    std::fs::write(export.file("pages.jsonl"), lines.join("\n") + "\n").unwrap();
    export.notion.inner().revoked_after = usize::MAX;
    let why = export.run().await.unwrap().stopped.unwrap();
    assert_eq!(why, "its files do not belong together; begin anew in another directory");
    assert!(!why.contains(TOKEN));
}

#[tokio::test]
async fn a_list_that_breaks_off_is_asked_for_again_and_never_taken_for_whole() {
    let whole = Export::of(World::hard(130)).whole().await;
    for part in ["/search", "/query", "00004/children", "/properties/"] {
        let export = Export::of(World::hard(130));
        export.notion.fails([(part, NoCursor), (part, NoCursor)]);
        assert!(export.whole().await == whole, "{part}");
        export.notion.has_failed();
    }
    // Whoever insists is not waited for a quarter of an hour.
    let export = Export::of(World::hard(130));
    export.notion.fails(vec![("00004/children", NoCursor); 100]);
    let why = export.run().await.unwrap().stopped.unwrap();
    assert!(why.contains("a list has more, and does not say where it goes on"), "{why}");
    assert!(export.timer.now() < Duration::from_mins(3), "{:?}", export.timer.now());
    export.notion.inner().script.clear();
    assert!(export.whole().await == whole);
}

#[tokio::test]
async fn a_list_that_brings_nothing_new_for_long_is_no_list() {
    for part in ["/query", "00004/children", "/properties/"] {
        let export = Export::of(World::hard(8));
        export.notion.fails(vec![(part, Endless); 100]);
        let why = export.run().await.unwrap().stopped.unwrap();
        assert!(why.contains("a list does not come to its end"), "{part}: {why}");
        assert!(export.notion.inner().script.len() > 50, "{part}");
    }
    let export = Export::of(World::hard(8));
    export.notion.fails(vec![("/search", Endless); 100]);
    assert!(export.refused().await.contains("a list does not come to its end"));
}

#[tokio::test]
async fn several_data_sources_need_the_newer_version_and_leave_nothing_in_its_way() {
    let mut export = Export::of(World::hard(5));
    export.options.version = Some(Version::Databases);
    export.notion.fails([("/query", SeveralSources)]);
    let said = export.refused().await;
    assert!(said.starts_with("the database has several data sources, which version 2022-06-28"));
    assert!(said.contains("give --notion-version 2025-09-03"), "{said}");
    export.options.version = Some(Version::DataSources);
    assert_eq!(export.whole().await.lines().count(), 38);
}

#[tokio::test]
async fn who_is_not_notion_is_named_with_what_it_said() {
    use axum::http::StatusCode;
    let answers = [
        (
            StatusCode::NOT_FOUND,
            "<h1>Nothing here</h1>",
            "status 404 and \"<h1>Nothing here</h1>\"",
        ),
        (StatusCode::OK, "{\"ok\":true}", "missing field `results`"),
        (StatusCode::OK, "<p>Hello</p>", "its answer is not JSON, but \"<p>Hello</p>\""),
    ];
    for (status, body, expected) in answers {
        let router = axum::Router::new().fallback(move || async move { (status, body) });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut export = Export::of(World::hard(5));
        export.options.url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let said = export.refused().await;
        server.abort();
        assert!(said.contains(expected), "{said}");
        let address = format!("asked was {}, see NOTION_URL", export.options.url);
        assert!(said.contains(&address) && !said.contains("not shared"), "{said}");
        assert!(export.timer.now() < Duration::from_mins(1) && !export.options.out.exists());
    }
}
