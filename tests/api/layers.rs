//! Direction: each module imports what ARCHITECTURE.md's code map lets it import.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The code map: each module with what it may import.
fn code_map() -> BTreeMap<String, BTreeSet<String>> {
    let page = include_str!("../../ARCHITECTURE.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let mut cells = row.trim_end_matches('|').split('|').map(str::trim);
        let module = cells.next().unwrap().trim_end_matches('`').to_owned();
        let imports = cells.next_back().unwrap().split_whitespace().map(str::to_owned);
        (module, imports.collect())
    })
    .collect()
}

fn sources(below: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The modules of the crate that a source file names.
fn imported(source: &str) -> BTreeSet<String> {
    let program = source.split("#[cfg(test)]").next().unwrap();
    let lines = program.lines().filter(|line| !line.trim_start().starts_with("//"));
    let names = lines.flat_map(|line| {
        let parts: Vec<_> = line.split("crate::").skip(1).collect();
        parts.into_iter().map(|part| {
            part.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
        })
    });
    names.filter(|name: &String| !name.is_empty()).collect()
}

#[test]
fn every_module_imports_only_what_the_code_map_lets_it() {
    let map = code_map();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    let mut unused = map.clone();
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let module = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = module.trim_end_matches(".rs");
        if ["main", "lib"].contains(&module) {
            continue;
        }
        let Some(allowed) = map.get(module) else {
            wrong.push(format!("{module} is missing in the code map"));
            continue;
        };
        for name in imported(&std::fs::read_to_string(&file).unwrap()) {
            unused.get_mut(module).unwrap().remove(&name);
            if name != module && !allowed.contains(&name) {
                wrong.push(format!("{} may not import {name}", inside.display()));
            }
        }
    }
    let unused = unused.into_iter().flat_map(|(module, names)| {
        names.into_iter().map(move |name| format!("{module} does not import {name}"))
    });
    wrong.extend(unused);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// By the name's end what null and absence mean in an input is known (`query/input.rs`).
#[test]
fn an_input_that_tells_null_from_absence_is_a_patch() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let (mut patches, mut wrong) = (0, Vec::new());
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for part in source.split("InputObject").skip(1) {
            let Some((_, body)) = part.split_once("pub struct ") else { continue };
            let (name, body) = body.split_once(' ').unwrap();
            let fields = body.split("\n}").next().unwrap();
            match (fields.contains("MaybeUndefined<"), name.ends_with("Patch")) {
                (true, true) => patches += 1,
                (false, false) => {}
                _ => wrong.push(name.to_owned()),
            }
        }
    }
    assert_eq!((patches, wrong), (3, Vec::new()));
}

#[test]
fn no_file_is_too_long_and_none_is_a_drawer() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut files);
    let drawers = ["util", "utils", "common", "helper", "helpers", "misc", "manager", "mod"];
    let mut wrong = Vec::new();
    for file in files {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        let name = file.file_stem().unwrap().to_str().unwrap();
        if lines > 450 || drawers.contains(&name) {
            wrong.push(format!("{}: {lines} lines", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
