//! What the phrases of tests/fixtures/quick-add.txt mean.

use super::{Due, Understood, project_titles, understand};
use crate::fold::fold;
use crate::moment::Moment;
use chrono::{DateTime, Utc, Weekday};
use std::fmt::Write;

const PROJECTS: [&str; 4] = ["House", "Two words", "Écriture", "a.b"];

fn is_project(title: &str) -> bool {
    PROJECTS.iter().any(|project| fold(project) == fold(title))
}

/// A quarter past six in the morning of a Tuesday, in UTC, unless a row says otherwise.
fn moment(words: &str) -> Moment {
    let now = "2026-01-20T06:15:00Z".parse().unwrap();
    let (zone, owner_zone) = (chrono_tz::UTC, chrono_tz::UTC);
    let mut moment = Moment { now, zone, owner_zone, week_start: Weekday::Mon };
    for word in words.split_whitespace() {
        if let Ok(zone) = word.parse::<chrono_tz::Tz>() {
            moment.zone = zone;
        } else if let Ok(now) = word.parse::<DateTime<Utc>>() {
            moment.now = now;
        } else {
            moment.week_start = word.parse().unwrap();
        }
    }
    moment
}

/// As the table writes it: the title, and in braces the rest.
fn written(found: &Understood) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(found.due.map(|due| match due {
        Due::Day(day) => day.to_string(),
        Due::At(instant) => instant.format("%Y-%m-%dT%H:%MZ").to_string(),
    }));
    parts.extend(found.priority.map(|priority| format!("{priority:?}").to_uppercase()));
    parts.extend(found.project.iter().map(|title| format!("p:{title}")));
    parts.extend(found.tag_names.iter().map(|name| format!("#{name}")));
    parts.extend(found.subtasks.iter().map(|title| format!("- {title}")));
    let mut written = found.title.clone();
    if !parts.is_empty() {
        let space = if written.is_empty() { "" } else { " " };
        write!(written, "{space}{{{}}}", parts.join("; ")).unwrap();
    }
    written
}

#[test]
fn every_phrase_means_what_the_table_says() {
    let table = include_str!("../../../../tests/fixtures/quick-add.txt");
    let mut rows = 0;
    let mut wrong = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        let mut cells = line.split('|').map(str::trim);
        let (phrase, at) = (cells.next().unwrap(), cells.next().expect(line));
        let expected = cells.next().expect(line);
        let text = phrase.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
        let means = written(&understand(&text, &moment(at), is_project));
        if means != expected {
            wrong.push(format!("{line}\n    means {means}"));
        }
        rows += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows >= 150, "{rows}");
}

#[test]
fn a_thousand_tokens_and_quotes_that_are_never_closed_are_read_in_one_go() {
    let text = "#a !1 tomorrow 5pm p:House t:x ".repeat(1_000);
    let found = understand(&text, &moment(""), is_project);
    assert_eq!(written(&found), "{2026-01-21T17:00Z; URGENT; p:House; #a; #topic:x}");
    let text = "p:“x ".repeat(20_000);
    let found = understand(&text, &moment(""), is_project);
    assert_eq!(found.title, text.trim());
    let text = format!("#{} p:\"{}\"", "x".repeat(201), "y".repeat(501));
    assert_eq!(understand(&text, &moment(""), is_project).title, text);
}

#[test]
fn the_titles_that_may_be_projects_are_known_beforehand() {
    let text = "p:one P:\"Two words\" p: p:\"x\n- p:not p:“three”,";
    assert_eq!(project_titles(text), ["one", "Two words"]);
    assert_eq!(project_titles("p:“three”, p:a.b."), ["three", "a.b"]);
}

#[test]
fn whatever_is_typed_nothing_panics_and_no_word_is_made_up() {
    let pieces = [
        "#",
        "p:",
        "\"",
        "“",
        "”",
        "!",
        "1",
        "31",
        "feb",
        "25:00",
        "in",
        "days",
        "99999999999",
        "next",
        "week",
        " ",
        " ",
        " ",
        "\n",
        "-",
        "é",
        "🏠",
        "\u{202E}",
        "\u{200F}",
        "\u{0}",
        "am",
        "pm",
        ":",
        ".",
        "noon",
        "9999-12-31",
        "a:",
    ];
    let mut seed = 1_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(seed >> 33).unwrap() % pieces.len();
            text.push_str(pieces[at]);
        }
        let found = understand(&text, &moment("Pacific/Apia"), is_project);
        assert!(found.title.split_whitespace().all(|word| text.contains(word)), "{text:?}");
    }
}
