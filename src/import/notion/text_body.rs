//! The body of a page that comes as Markdown, made into blocks: the text as it is, and to-dos apart.

use serde_json::{Value, json};
use uuid::Uuid;

/// A to-do with the lines that belong to it.
struct Todo {
    indent: usize,
    title: String,
    is_done: bool,
    text: Vec<String>,
    parts: Vec<Todo>,
}

enum Piece {
    Text(Vec<String>),
    Todo(Todo),
}

/// The blocks of a body. To-dos get ids of the page's and their place: a ZIP holds none.
pub(super) fn blocks(text: &str, page: &str) -> Vec<Value> {
    let mut number = 0;
    let pieces = pieces(text);
    let blocks = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Text(lines) => {
            let text = lines.join("\n");
            let text = text.trim_matches('\n');
            (!text.trim().is_empty()).then(|| paragraph(text))
        }
        Piece::Todo(todo) => Some(block(&todo, page, &mut number)),
    });
    blocks.collect()
}

fn paragraph(text: &str) -> Value {
    json!({"block": {"type": "paragraph", "paragraph": {"rich_text": [{"plain_text": text}]}}})
}

fn block(todo: &Todo, page: &str, number: &mut usize) -> Value {
    *number += 1;
    let name = format!("notion:{page}:to-do:{number}");
    let id = crate::import::snapshot::record_id(&name);
    let mut children: Vec<Value> = Vec::new();
    let text = todo.text.join("\n");
    if !text.trim().is_empty() {
        children.push(paragraph(text.trim_matches('\n')));
    }
    children.extend(todo.parts.iter().map(|part| block(part, page, number)));
    json!({
        "block": {
            "id": Uuid::simple(id).to_string(),
            "type": "to_do",
            "to_do": {"rich_text": [{"plain_text": todo.title}], "checked": todo.is_done},
        },
        "children": children,
    })
}

/// Takes a body apart at its to-dos. Within code nothing is one.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut fence: Option<String> = None;
    // The to-dos in which the next line may stand, outermost first.
    let mut open: Vec<Todo> = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let bare = line.trim_start();
        if let Some(end) = &fence {
            if bare.starts_with(end.as_str()) {
                fence = None;
            }
        } else if bare.starts_with("```") || bare.starts_with("~~~") {
            let mark = bare.chars().next().unwrap_or('`');
            fence = Some(bare.chars().take_while(|letter| *letter == mark).collect());
        }
        let found = fence.is_none().then(|| todo(bare)).flatten();
        if found.is_some() || !bare.is_empty() {
            close(&mut open, indent, &mut pieces);
        }
        if let Some((is_done, title)) = found {
            let title = title.trim().to_owned();
            open.push(Todo { indent, title, is_done, text: Vec::new(), parts: Vec::new() });
        } else if let Some(todo) = open.last_mut() {
            let within = line.get(todo.indent..).unwrap_or(bare);
            let within = within.strip_prefix("    ").or_else(|| within.strip_prefix("  "));
            todo.text.push(within.unwrap_or(bare).to_owned());
        } else if let Some(Piece::Text(lines)) = pieces.last_mut() {
            lines.push(line.to_owned());
        } else {
            pieces.push(Piece::Text(vec![line.to_owned()]));
        }
    }
    close(&mut open, 0, &mut pieces);
    pieces
}

/// Ends the to-dos to which a line with this indent does not belong.
fn close(open: &mut Vec<Todo>, indent: usize, pieces: &mut Vec<Piece>) {
    while let Some(done) = open.pop_if(|todo| todo.indent >= indent) {
        match open.last_mut() {
            Some(outer) => outer.parts.push(done),
            None => pieces.push(Piece::Todo(done)),
        }
    }
}

/// Whether a to-do is ticked, and what it says; nothing where the line is none.
fn todo(line: &str) -> Option<(bool, &str)> {
    let rest = line.strip_prefix("- [").or_else(|| line.strip_prefix("* ["))?;
    let (mark, rest) = rest.split_at_checked(1)?;
    let title = rest.strip_prefix(']')?;
    match mark {
        " " => Some((false, title)),
        "x" | "X" => Some((true, title)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_dos_stand_apart_from_the_text() {
        let body = "before\n\n- [ ] ring\n    more\n    - [x] dial\n- [x] write\n```\n- [ ] code\n```\nafter\n";
        let blocks = blocks(body, "p");
        let plain = |value: &Value| value["rich_text"][0]["plain_text"].clone();
        assert_eq!(blocks.len(), 4);
        assert_eq!(plain(&blocks[0]["block"]["paragraph"]), "before");
        assert_eq!(plain(&blocks[1]["block"]["to_do"]), "ring");
        assert_eq!(plain(&blocks[1]["children"][0]["block"]["paragraph"]), "more");
        assert_eq!(plain(&blocks[1]["children"][1]["block"]["to_do"]), "dial");
        assert_eq!(blocks[1]["children"][1]["block"]["to_do"]["checked"], true);
        assert_eq!(plain(&blocks[2]["block"]["to_do"]), "write");
        let code = plain(&blocks[3]["block"]["paragraph"]);
        assert_eq!(code, "```\n- [ ] code\n```\nafter");
    }
}
