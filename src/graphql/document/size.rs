//! Documents that are too large to be looked at. Whatever reads one, here or in async-graphql, calls itself for what
//! is inside and follows each spread: with enough brackets it runs out of its stack, and of a fragment that
//! is spread twice, in one that is spread twice, it never comes to an end.

use crate::error::{Error, Result};
use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql_value::ConstValue;

/// How many fields an operation may select, with those of fragments wherever they are spread: far above any
/// screen's need.
const MOST_FIELDS: usize = 10_000;

/// How many selections may stand in each other, fragments too: as many as async-graphql allows.
const DEEPEST: usize = 32;

/// How many brackets may stand in each other: fields as deep as they may be, with the deepest filter inside.
const DEEPEST_TEXT: usize = 48;

/// How many lists and objects of a variable may stand in each other: more than any input of the schema can use.
const DEEPEST_VALUE: usize = 32;

/// Refuses a text with more brackets in each other than can be parsed.
pub(super) fn refuse_text(text: &str) -> Result<()> {
    within(nesting(text), DEEPEST_TEXT, "brackets")
}

/// Refuses larger or deeper operations, and deeper variables.
pub(super) fn refuse(document: &ExecutableDocument, variables: &Variables) -> Result<()> {
    variables.values().try_for_each(|given| value(given, 0))?;
    let mut operations = document.operations.iter();
    operations.try_for_each(|(_, it)| fields(&it.node.selection_set.node, document, 0, &mut 0))
}

fn within(depth: usize, deepest: usize, what: &str) -> Result<()> {
    if depth > deepest {
        return Err(Error::TooComplex(format!("at most {deepest} {what} may stand in each other")));
    }
    Ok(())
}

/// How many brackets stand in each other at most, without those in strings and comments.
fn nesting(text: &str) -> usize {
    let (mut rest, mut depth, mut most) = (text, 0_usize, 0);
    while let Some(place) = rest.find(['#', '"', '(', '[', '{', ')', ']', '}']) {
        let (_, from) = rest.split_at(place);
        let (mark, behind) = from.split_at(1);
        rest = match mark {
            "#" => from.find(['\n', '\r']).map_or("", |end| from.split_at(end).1),
            // One that does not end is none: the parser may have another look at what seems to be in it.
            "\"" => behind_string(from).unwrap_or(behind),
            "(" | "[" | "{" => {
                depth += 1;
                most = most.max(depth);
                behind
            }
            _ => {
                depth = depth.saturating_sub(1);
                behind
            }
        };
    }
    most
}

/// What follows the string at the beginning of a text, where that ends.
fn behind_string(text: &str) -> Option<&str> {
    let quotes = if text.starts_with("\"\"\"") { "\"\"\"" } else { "\"" };
    let mut rest = text.strip_prefix(quotes)?;
    loop {
        let (inside, from) = rest.split_at(rest.find(['"', '\\'])?);
        if quotes == "\"" && inside.contains(['\n', '\r']) {
            return None;
        }
        rest = match from.strip_prefix(quotes) {
            Some(behind) => return Some(behind),
            None if from.starts_with("\\\"\"\"") => from.split_at(4).1,
            None => {
                let mut behind = from.chars();
                // In a block a backslash stands for itself.
                if behind.next() == Some('\\') && quotes == "\"" {
                    behind.next();
                }
                behind.as_str()
            }
        };
    }
}

fn value(of: &ConstValue, depth: usize) -> Result<()> {
    within(depth, DEEPEST_VALUE, "lists and objects")?;
    match of {
        ConstValue::List(items) => items.iter().try_for_each(|item| value(item, depth + 1)),
        ConstValue::Object(members) => members.values().try_for_each(|it| value(it, depth + 1)),
        _ => Ok(()),
    }
}

/// Counts the fields of an operation.
fn fields(
    set: &SelectionSet,
    document: &ExecutableDocument,
    depth: usize,
    met: &mut usize,
) -> Result<()> {
    within(depth, DEEPEST, "selections")?;
    for item in &set.items {
        *met += 1;
        if *met > MOST_FIELDS {
            let message = format!("the operation selects more than {MOST_FIELDS} fields");
            return Err(Error::TooComplex(message));
        }
        let inside = match &item.node {
            Selection::Field(field) => Some(&field.node.selection_set),
            Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set),
            Selection::FragmentSpread(spread) => {
                let fragment = document.fragments.get(&spread.node.fragment_name.node);
                fragment.map(|fragment| &fragment.node.selection_set)
            }
        };
        if let Some(inside) = inside {
            fields(&inside.node, document, depth + 1, met)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::nesting;

    #[test]
    fn brackets_count_where_the_parser_sees_them() {
        for (text, expected) in [
            ("", 0),
            ("{ a(b: [1, {c: 2}]) { d } }", 4),
            ("{ a } { b } ) ) ) { c }", 1),
            ("{ a # {{{{\n { b } }", 2),
            ("{ a(b: \"{{{\\\"{{{\\\\\") { c } }", 2),
            ("{ a(b: \"\") { c } }", 2),
            ("{ a(b: \"\"\"{\"{\\\"\"\"{\\ \"\"\") { c } }", 2),
            ("{ a(b: \"é{\\é{\") { c } }", 2),
            // What is begun and does not end hides nothing.
            ("{ a(b: \"{{{", 5),
            ("{ a(b: \"{{{\n\")", 5),
            ("{ a(b: \"\"\"{{{\")", 5),
        ] {
            assert_eq!(nesting(text), expected, "{text}");
        }
    }
}
