//! The body of a page: its blocks as Markdown, and its to-dos apart from it.

use super::behind::target;
use super::page::page_id;
use super::value::{self, Members, Mended, Run};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Where pages are, each below its id.
const NOTION: &str = "https://www.notion.so/";

/// A block and what stands in it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Block {
    /// As Notion gave it.
    pub(crate) block: Box<RawValue>,
    /// The blocks within.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) children: Vec<Self>,
}

/// Whether to-dos are part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Todos {
    /// They stand where they stand.
    Kept,
    /// They are left out with all that is in them: somebody else takes them.
    Apart,
}

/// A to-do: the block that it is, and what it says.
#[derive(Debug)]
pub(crate) struct Todo<'a> {
    pub(crate) block: &'a Block,
    pub(crate) title: Mended,
    pub(crate) is_done: bool,
    /// The to-dos right below it, or deeper within other blocks of it.
    pub(crate) parts: Vec<Self>,
}

/// The blocks as Markdown.
pub(crate) fn markdown(blocks: &[Block], todos: Todos) -> Mended {
    let mut writer = Writer { todos, text: Mended::default() };
    writer.blocks(blocks, "", false);
    let length = writer.text.text.trim_end().len();
    writer.text.text.truncate(length);
    writer.text
}

/// The to-dos of some blocks, in their order.
pub(crate) fn todos(blocks: &[Block]) -> Vec<Todo<'_>> {
    let mut found = Vec::new();
    for block in blocks {
        let members = Members::of(&block.block);
        let parts = todos(&block.children);
        if members.text("type").as_deref() != Some("to_do") {
            found.extend(parts);
            continue;
        }
        let content = members.inner("to_do");
        let title = value::plain_text(&runs(&content));
        found.push(Todo { block, title, is_done: content.is_true("checked"), parts });
    }
    found
}

fn runs(content: &Members<'_>) -> Vec<Run> {
    let runs = content.get("rich_text");
    runs.and_then(|runs| serde_json::from_str(runs.get()).ok()).unwrap_or_default()
}

struct Writer {
    todos: Todos,
    text: Mended,
}

impl Writer {
    /// Writes blocks one below the other: items of a list are close to each other, the rest is not.
    fn blocks(&mut self, blocks: &[Block], indent: &str, is_close: bool) {
        let mut number = 0_usize;
        let mut before = String::new();
        for block in blocks {
            let members = Members::of(&block.block);
            let kind = members.text("type").unwrap_or_default();
            if kind == "to_do" && self.todos == Todos::Apart {
                continue;
            }
            number = if kind == "numbered_list_item" { number + 1 } else { 0 };
            let is_near = is_close || (is_item(&kind) && is_item(&before));
            if !before.is_empty() && !is_near {
                self.line(indent.trim_end(), "");
            }
            self.block(block, &kind, &members.inner(&kind), indent, number);
            before = kind;
        }
    }

    fn block(
        &mut self,
        block: &Block,
        kind: &str,
        content: &Members<'_>,
        indent: &str,
        number: usize,
    ) {
        let text = self.text_of(content);
        let within = format!("{indent}  ");
        match kind {
            "heading_1" => self.line(indent, &format!("# {text}")),
            "heading_2" => self.line(indent, &format!("## {text}")),
            "heading_3" => self.line(indent, &format!("### {text}")),
            "heading_4" => self.line(indent, &format!("#### {text}")),
            "bulleted_list_item" | "toggle" => self.item(indent, "- ", &text),
            "numbered_list_item" => {
                self.item(indent, &format!("{number}. "), &text);
                self.children(block, &format!("{indent}   "), true);
                return;
            }
            "to_do" => {
                let mark = if content.is_true("checked") { "- [x] " } else { "- [ ] " };
                self.item(indent, mark, &text);
            }
            "quote" | "callout" => {
                let quoted = format!("{indent}> ");
                let icon = content.inner("icon").text("emoji").map(|icon| format!("{icon} "));
                self.lines(&quoted, &format!("{}{text}", icon.unwrap_or_default()));
                if !block.children.is_empty() {
                    self.line(quoted.trim_end(), "");
                }
                self.children(block, &quoted, false);
                return;
            }
            "code" => self.code(indent, content),
            "equation" => {
                let expression = content.text("expression").unwrap_or_default();
                self.line(indent, &format!("$$ {expression} $$"));
            }
            "divider" => self.line(indent, "---"),
            "table" => {
                self.table(block, indent);
                return;
            }
            // Frames without words of their own.
            "column_list" | "column" | "synced_block" | "tab" => {
                self.blocks(&block.children, indent, false);
                return;
            }
            "table_of_contents" | "breadcrumb" => {}
            "child_page" | "child_database" => {
                let title = content.text("title").unwrap_or_default();
                let id = Members::of(&block.block).text("id").and_then(|id| page_id(&id));
                let address = id.map(|id| format!("({NOTION}{id})")).unwrap_or_default();
                self.line(indent, &format!("[{title}]{address}"));
            }
            "link_to_page" if target(content).is_some() => {
                let id = target(content).unwrap_or_default();
                self.line(indent, &format!("{NOTION}{id}"));
            }
            _ if content.get("rich_text").is_some() => self.lines(indent, &text),
            _ => self.other(indent, kind, content),
        }
        self.children(block, &within, is_item(kind));
    }

    fn children(&mut self, block: &Block, indent: &str, is_close: bool) {
        self.blocks(&block.children, indent, is_close);
    }

    /// A file, a bookmark or what nobody knows yet: its address and what is said of it.
    fn other(&mut self, indent: &str, kind: &str, content: &Members<'_>) {
        let external = content.inner("external").text("url");
        // What Notion keeps itself has a signature for an hour, and another one each time.
        let kept = || Some(content.inner("file").text("url")?.split('?').next()?.to_owned());
        let url = external.or_else(kept).or_else(|| content.text("url"));
        let said: Vec<Run> = content
            .get("caption")
            .and_then(|runs| serde_json::from_str(runs.get()).ok())
            .unwrap_or_default();
        let said = self.count(value::plain_text(&said));
        let name = if said.is_empty() { content.text("name").unwrap_or_default() } else { said };
        let Some(url) = url else {
            self.line(indent, &format!("[{}]", if name.is_empty() { kind } else { &name }));
            return;
        };
        let mark = if kind == "image" { "!" } else { "" };
        let name = if name.is_empty() && kind != "image" { url.clone() } else { name };
        self.line(indent, &format!("{mark}[{name}]({url})"));
    }

    fn code(&mut self, indent: &str, content: &Members<'_>) {
        let text = self.count(value::plain_text(&runs(content)));
        let language = content.text("language").filter(|language| language != "plain text");
        let mut fence = "```".to_owned();
        while text.contains(&fence) {
            fence.push('`');
        }
        self.line(indent, &format!("{fence}{}", language.unwrap_or_default()));
        self.lines(indent, &text);
        self.line(indent, &fence);
    }

    fn table(&mut self, block: &Block, indent: &str) {
        for (place, row) in block.children.iter().enumerate() {
            let cells = Members::of(&row.block).inner("table_row");
            let cells: Vec<Vec<Run>> = cells
                .get("cells")
                .and_then(|cells| serde_json::from_str(cells.get()).ok())
                .unwrap_or_default();
            let count = cells.len();
            let cells = cells.iter().map(|runs| {
                let text = self.count(value::markdown(runs));
                text.replace('|', "\\|").replace('\n', "<br>")
            });
            let row = cells.collect::<Vec<_>>().join(" | ");
            self.line(indent, &format!("| {row} |"));
            if place == 0 {
                self.line(indent, &format!("|{}", " --- |".repeat(count)));
            }
        }
    }

    fn item(&mut self, indent: &str, mark: &str, text: &str) {
        let mut lines = text.split('\n');
        self.line(indent, &format!("{mark}{}", lines.next().unwrap_or_default()));
        for line in lines {
            self.line(&format!("{indent}  "), line);
        }
    }

    fn lines(&mut self, indent: &str, text: &str) {
        for line in text.split('\n') {
            self.line(indent, line);
        }
    }

    fn line(&mut self, indent: &str, text: &str) {
        self.text.text.push_str(if text.is_empty() { indent.trim_end() } else { indent });
        self.text.text.push_str(text);
        self.text.text.push('\n');
    }

    fn text_of(&mut self, content: &Members<'_>) -> String {
        self.count(value::markdown(&runs(content)))
    }

    /// Remembers what a text lost.
    fn count(&mut self, mended: Mended) -> String {
        self.text.nuls += mended.nuls;
        self.text.lone_surrogates += mended.lone_surrogates;
        mended.text
    }
}

fn is_item(kind: &str) -> bool {
    matches!(kind, "bulleted_list_item" | "numbered_list_item" | "to_do" | "toggle")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(kind: &str, text: &str, more: &str, children: &[String]) -> String {
        let children = children.join(",");
        format!(
            r#"{{"block":{{"type":"{kind}","{kind}":{{"rich_text":[{{"plain_text":"{text}"}}]{more}}}}},
                "children":[{children}]}}"#
        )
    }

    fn read(blocks: &[String]) -> Vec<Block> {
        serde_json::from_str(&format!("[{}]", blocks.join(","))).unwrap()
    }

    #[test]
    fn blocks_become_markdown() {
        let nested = block("bulleted_list_item", "below", "", &[]);
        let blocks = read(&[
            block("heading_2", "Plan", "", &[]),
            block("paragraph", "one\\ntwo", "", &[]),
            block("bulleted_list_item", "a", "", &[nested]),
            block("bulleted_list_item", "b", "", &[]),
            block("numbered_list_item", "first", "", &[]),
            block("numbered_list_item", "second", "", &[]),
            block("to_do", "ring", r#","checked":true"#, &[]),
            block("quote", "said", "", &[block("paragraph", "more", "", &[])]),
            block("code", "x = ```", r#","language":"rust""#, &[]),
            block("nobody_knows_it", "still read", "", &[]),
            r#"{"block":{"type":"divider","divider":{}}}"#.to_owned(),
            r#"{"block":{"type":"image","image":{"external":{"url":"https://x.test/a.png"}}}}"#
                .to_owned(),
            r#"{"block":{"type":"unsupported","unsupported":{}}}"#.to_owned(),
        ]);
        insta::assert_snapshot!(markdown(&blocks, Todos::Kept).text, @r"
        ## Plan

        one
        two

        - a
          - below
        - b
        1. first
        2. second
        - [x] ring

        > said
        >
        > more

        ````rust
        x = ```
        ````

        still read

        ---

        ![](https://x.test/a.png)

        [unsupported]
        ");
        let apart = markdown(&blocks, Todos::Apart).text;
        assert_eq!(apart.replace("ring", ""), apart);
    }

    #[test]
    fn tables_become_markdown() {
        let row = |cells: &str| {
            format!(r#"{{"block":{{"type":"table_row","table_row":{{"cells":[{cells}]}}}}}}"#)
        };
        let rows = [
            row(r#"[{"plain_text":"a"}],[{"plain_text":"b|c"}]"#),
            row(r#"[],[{"plain_text":"d"}]"#),
        ];
        let table = format!(
            r#"{{"block":{{"type":"table","table":{{}}}},"children":[{}]}}"#,
            rows.join(",")
        );
        insta::assert_snapshot!(markdown(&read(&[table]), Todos::Kept).text, @r"
        | a | b\|c |
        | --- | --- |
        |  | d |
        ");
    }

    #[test]
    fn to_dos_are_a_tree_in_their_order() {
        let inner = block("to_do", "c", "", &[]);
        let blocks = read(&[
            block("to_do", "a", r#","checked":true"#, &[]),
            block("toggle", "t", "", &[block("to_do", "b", "", &[inner])]),
        ]);
        let todos = todos(&blocks);
        let said: Vec<_> = todos.iter().map(|todo| (&*todo.title.text, todo.is_done)).collect();
        assert_eq!(said, [("a", true), ("b", false)]);
        assert_eq!(todos[1].parts[0].title.text, "c");
    }
}
