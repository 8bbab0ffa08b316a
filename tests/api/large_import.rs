//! Large imports: files that are read in pieces are read as if they were read at once, and in little memory.

use crate::database::TestDatabase;
use crate::import_notion::{EDITED, fixture, page};
use crate::many::{write_export, write_lists};
use crate::program::{new_directory, with};
use std::io::Cursor;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tomos::import::Source;

/// What is in a source, in words, whatever order the findings came in.
fn told(source: &Source) -> (String, Vec<String>, Vec<String>) {
    let mut findings: Vec<_> = source.findings.iter().map(|one| format!("{one:?}")).collect();
    findings.sort();
    (format!("{:#?}", source.snapshot), findings, source.lines.clone())
}

/// Reads a file at once, and in pieces of a size.
fn both(bytes: &[u8], size: usize) -> [Result<Source, String>; 2] {
    let now = "2026-01-20T06:30:00Z".parse().unwrap();
    let mut whole = Source::default();
    let whole = whole.add_notion("x", bytes, now).map(|()| whole);
    let mut pieces = Source::default();
    let read = pieces.read_notion("x", || Ok(Cursor::new(bytes)), size, now);
    let pieces = read.map(|()| pieces).map_err(|error| error.to_string());
    [whole, pieces]
}

#[test]
fn pieces_together_are_what_the_whole_file_is() {
    let directory = new_directory("pieces");
    write_export(&directory, 40);
    write_lists(&directory.join("lists.json"), 40);
    let twice = [
        page(1, "old", EDITED, ""),
        page(2, "x", EDITED, ""),
        page(1, "new", "2025-03-03T00:00:00.000Z", ""),
    ];
    let twice = format!(r#"{{"tasks":[{}],"projects":[],"n":3}}"#, twice.join(","));
    let files = [
        fixture("notion-export-a.json"),
        fixture("notion-export-b.json"),
        std::fs::read(directory.join("pages.jsonl")).unwrap(),
        std::fs::read(directory.join("lists.json")).unwrap(),
        twice.into_bytes(),
    ];
    for bytes in &files {
        for size in [1, 5_000, 100_000, usize::MAX] {
            let [whole, pieces] = both(bytes, size).map(Result::unwrap);
            assert!(told(&whole) == told(&pieces), "{:?} in pieces of {size}", whole.lines);
            assert_ne!(whole.snapshot.tasks.len(), 0);
        }
    }
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_broken_file_gets_the_same_complaint_in_pieces() {
    let file = fixture("notion-export-a.json");
    let mut latin = file.clone();
    latin[20_000] = 0xE9;
    // In the name of a list, and in what is no list.
    let named = b"{\"proj\xE9cts\":[],\"tasks\":[]}";
    let beside = b"{\"owner\":\"Ren\xE9\",\"tasks\":[]}";
    let utf16: Vec<u8> = "{\"tasks\":[]}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xFF\xFE".as_slice(), &utf16].concat();
    let lines = "{\"kind\":\"task\",\"page\":{}}\n{\"kind\":\"task\"\n".as_bytes();
    let half = &file[..file.len() / 2];
    let broken =
        [half, &latin, lines, b"", b"{}", b"[]", b"{\"tasks\":{}}", named, beside, &utf16, &marked];
    for bytes in broken {
        let [whole, pieces] = both(bytes, 3_000).map(Result::err);
        assert!(whole.is_some(), "{:?}", bytes.get(..20));
        assert_eq!(whole, pieces);
    }
}

/// How much more two thousand tasks may take than one, in kilobytes; they come in files of 11 and 6 MB.
const MORE: u64 = 40_000;

/// The most memory that a process had, in kilobytes, as the kernel counted it; seen until it ends.
fn peak_memory(child: &mut Child) -> u64 {
    let path = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(kilobytes.unwrap_or_default());
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    peak
}

/// The most memory that a command took on a source, in kilobytes; who runs it with --nocapture sees how long too.
fn taken(database: &TestDatabase, command: &str, path: &Path) -> u64 {
    let mut command: Command = with(database, &[command, "notion", path.to_str().unwrap()]);
    let started = std::time::Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let peak = peak_memory(&mut child);
    assert_eq!(child.wait().unwrap().code(), Some(0), "{command:?}");
    eprintln!("{command:?}: {:?}, {peak} kB", started.elapsed());
    peak
}

/// Twenty thousand in the full suite. Few tell it too, beside one alone, which takes what the program itself takes.
#[test]
fn a_large_import_and_its_comparison_take_little_memory() {
    let is_full = std::env::var_os("TOMOS_FULL").is_some();
    let tasks = if is_full { 20_000 } else { 2_000 };
    let directory = new_directory("large");
    write_export(&directory.join("export"), tasks);
    write_lists(&directory.join("lists.json"), tasks);
    write_export(&directory.join("one"), 1);
    for name in ["export", "lists.json"] {
        let [database, other] = [TestDatabase::new(), TestDatabase::new()];
        for command in ["import", "verify"] {
            let peak = taken(&database, command, &directory.join(name));
            let alone = taken(&other, command, &directory.join("one"));
            let allowed = if is_full { 200_000 } else { alone + MORE };
            assert!(peak < allowed, "{command} of {name}: {peak} kB, of one {alone} kB");
        }
    }
    std::fs::remove_dir_all(directory).unwrap();
}
