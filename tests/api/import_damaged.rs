//! Damaged sources: whatever is in a file, it is read or refused in one line, and nothing panics.

use crate::import_tables::{NOW, file, fixture};
use std::path::Path;
use tomos::import::mapping::Mapping;
use tomos::import::table::Tables;
use tomos::import::{Source, mongo, prisma, sqlite};

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    /// A file with something in it that should not be there, or cut.
    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.roll(3) {
            let place = self.roll(bytes.len());
            let signs = b"\"{}[],:\\\t\n\0\xFF0-$(";
            match self.roll(4) {
                0 => bytes[place] = signs[self.roll(signs.len())],
                1 => bytes[place] ^= 1 << self.roll(8),
                2 => drop(bytes.drain(place..(place + self.roll(40)).min(bytes.len()))),
                _ => {
                    let again: Vec<u8> =
                        bytes[place..].iter().take(self.roll(40)).copied().collect();
                    bytes.splice(place..place, again);
                }
            }
        }
        if self.roll(8) == 0 {
            bytes.truncate(self.roll(bytes.len()));
        }
        bytes
    }
}

fn rounds() -> usize {
    if std::env::var_os("TOMOS_FULL").is_some() { 2_000 } else { 60 }
}

#[track_caller]
fn is_one_line(error: &str) {
    assert!(!error.is_empty() && error.lines().count() == 1, "{error:?}");
}

/// How many of the damaged files were read, and how many refused.
fn survive(name: &str, whole: &[u8], read: fn(&Path) -> Result<Tables, String>) -> (usize, usize) {
    let mut dice = Dice(7);
    let path = file(name, whole);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..rounds() {
        std::fs::write(&path, dice.damage(whole)).unwrap();
        match read(&path) {
            Err(error) => {
                is_one_line(&error);
                bad += 1;
            }
            Ok(tables) => {
                let mapping = Mapping::infer(&tables);
                let printed = mapping.print(&tables);
                match Mapping::read(&printed, &tables) {
                    Ok(again) => assert_eq!(again, mapping, "{printed}"),
                    Err(error) => assert!(error.starts_with("no table becomes"), "{error}"),
                }
                let mut source = Source::default();
                source.add_tables("it", tables, &mapping, NOW.parse().unwrap());
                good += 1;
            }
        }
    }
    (good, bad)
}

#[test]
fn damaged_files_of_mongoexport_are_read_or_refused() {
    let whole = std::fs::read_to_string(fixture("mongo/canonical/tasks.json")).unwrap();
    let few = whole.lines().take(12).collect::<Vec<_>>().join("\n");
    let (good, bad) = survive("tasks.json", few.as_bytes(), mongo::read);
    assert!(good > 1 && bad > 5, "{good} {bad}");
}

#[test]
fn damaged_dumps_are_read_or_refused() {
    let whole = std::fs::read(fixture("prisma/dump.sql")).unwrap();
    let (good, bad) = survive("dump.sql", &whole, prisma::read);
    assert!(good > 1 && bad > 5, "{good} {bad}");
}

#[test]
fn damaged_sqlite_files_are_read_or_refused() {
    let whole = std::fs::read(fixture("sqlite/mental.db")).unwrap();
    let (good, bad) = survive("mental.db", &whole, sqlite::read);
    assert!(good > 1 && bad > 5, "{good} {bad}");
}

#[test]
fn damaged_workspaces_are_read_or_refused() {
    let whole = std::fs::read(fixture("notion/workspace-export.zip")).unwrap();
    let mut dice = Dice(7);
    let mut bad = 0;
    for _ in 0..rounds() {
        let mut source = Source::default();
        let read = source.add_notion("it", &dice.damage(&whole), NOW.parse().unwrap());
        bad += usize::from(read.is_err_and(|error| {
            is_one_line(&error);
            true
        }));
    }
    assert!(bad > 5, "{bad}");
}

#[test]
fn damaged_mappings_are_taken_or_refused() {
    let tables = sqlite::read(&fixture("sqlite/mental.db")).unwrap();
    let whole = Mapping::infer(&tables).print(&tables);
    let mut dice = Dice(7);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..rounds() * 10 {
        let damaged = dice.damage(whole.as_bytes());
        match Mapping::read(&String::from_utf8_lossy(&damaged), &tables) {
            Ok(_) => good += 1,
            Err(error) => {
                is_one_line(&error);
                bad += 1;
            }
        }
    }
    assert!(good > 1 && bad > 5, "{good} {bad}");
}
