//! An export of very many tasks, whose content follows from their numbers.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const WORDS: [&str; 16] = [
    "letter", "garden", "invoice", "window", "travel", "kitchen", "doctor", "school", "bicycle",
    "market", "winter", "paint", "council", "harbour", "library", "music",
];
const PROJECTS: u64 = 100;
const TAGS: u64 = 60;

/// Numbers that look like chance and are the same in every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let end = u64::try_from(of.len()).unwrap();
        of[usize::try_from(self.below(end)).unwrap()]
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn words(&mut self, count: u64) -> String {
        let words: Vec<_> = (0..count).map(|_| self.one(&WORDS)).collect();
        words.join(" ")
    }
}

/// Writes the directory of a finished export.
pub(crate) fn write_export(directory: &Path, tasks: u64) {
    std::fs::create_dir_all(directory).unwrap();
    let path = directory.join("pages.jsonl");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let projects = (0..PROJECTS).map(project);
    let tags = (0..TAGS).map(tag);
    for line in projects.chain(tags).chain((0..tasks).map(task)) {
        hash.update(line.as_bytes());
        bytes += line.len();
        file.write_all(line.as_bytes()).unwrap();
    }
    file.into_inner().unwrap().sync_all().unwrap();
    let mut sum = String::new();
    for byte in hash.finalize() {
        write!(sum, "{byte:02x}").unwrap();
    }
    let manifest = format!(
        r#"{{"format":"tomos-notion-export","version":1,"notion_version":"2025-09-03","begun":"2026-01-01T00:00:00Z",
        "finished":"2026-01-01T01:00:00Z","databases":[],"counts":{{"task":{tasks},"project":{PROJECTS},"tag":{TAGS}}},
        "with_problems":0,"pages":{{"file":"pages.jsonl","bytes":{bytes},"sha256":"{sum}"}}}}"#
    );
    std::fs::write(directory.join("export.json"), manifest).unwrap();
}

type Lines = Box<dyn Iterator<Item = String>>;

/// The same pages, bare, as one file with three lists.
pub(crate) fn write_lists(path: &Path, tasks: u64) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let lists: [(&str, Lines); 3] = [
        ("{\"projects\"", Box::new((0..PROJECTS).map(project))),
        (",\"tags\"", Box::new((0..TAGS).map(tag))),
        (",\"tasks\"", Box::new((0..tasks).map(task))),
    ];
    for (name, lines) in lists {
        write!(file, "{name}: [").unwrap();
        for (number, line) in lines.enumerate() {
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            let comma = if number > 0 { "," } else { "" };
            write!(file, "{comma}\n  {}", line["page"]).unwrap();
        }
        file.write_all(b"\n ]").unwrap();
    }
    file.write_all(b"}\n").unwrap();
    file.flush().unwrap();
}

fn id(kind: u64, number: u64) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

fn text(text: &str) -> String {
    format!(
        r#"{{"type":"text","text":{{"content":"{text}","link":null}},"annotations":{{"bold":false,"italic":false,"strikethrough":false,"underline":false,"code":false,"color":"default"}},"plain_text":"{text}","href":null}}"#
    )
}

fn option(color: &str, name: &str) -> String {
    format!(r#"{{"id":"8f3c2a1e-55d1-4f0b-9d63-8a7b6c5d4e3f","name":"{name}","color":"{color}"}}"#)
}

fn relation(id_of: &str, targets: &[String]) -> String {
    let targets: Vec<_> = targets.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    format!(
        r#"{{"id":"{id_of}","type":"relation","relation":[{}],"has_more":false}}"#,
        targets.join(",")
    )
}

fn line(kind: &str, id: &str, day: u64, properties: &str, body: &str) -> String {
    let user = r#"{"object":"user","id":"2205887a-8738-4db5-afb7-4296aeeb1903"}"#;
    let (year, month, day) = (2022 + day / 336 % 4, day / 28 % 12 + 1, day % 28 + 1);
    let date = format!("{year}-{month:02}-{day:02}");
    format!(
        r#"{{"kind":"{kind}","page":{{"object":"page","id":"{id}","created_time":"{date}T01:40:00.000Z","last_edited_time":"{date}T05:20:00.000Z","created_by":{user},"last_edited_by":{user},"cover":null,"icon":null,"parent":{{"type":"data_source_id","data_source_id":"52a49924-70f6-4ea1-ad2a-2685c44c5ad5","database_id":"52a49924-70f6-4ea1-ad2a-2685c44c5ad6"}},"archived":false,"in_trash":false,"properties":{{{properties}}},"url":"https://www.notion.so/{}","public_url":null}},"properties":{{}},"body":[{body}],"markdown":"","problems":[]}}
"#,
        id.replace('-', "")
    )
}

fn project(number: u64) -> String {
    let title = text(&format!("Project {number}"));
    let title = format!(r#""Name":{{"id":"title","type":"title","title":[{title}]}}"#);
    line("project", &id(1, number), number, &title, "")
}

fn tag(number: u64) -> String {
    let title = text(&format!("tag {number}"));
    let title = format!(r#""Name":{{"id":"title","type":"title","title":[{title}]}}"#);
    line("tag", &id(2, number), number, &title, "")
}

fn task(number: u64) -> String {
    let mut chance = Chance(number);
    let title = text(&format!("{} {number}", chance.words(4)));
    let description: Vec<_> = (0..3).map(|_| text(&chance.words(12))).collect();
    let status = ["Inbox", "To Do", "In Progress", "Blocked", "Done", "Cancelled"];
    let status = chance.one(&status);
    let priority = chance.one(&["Urgent", "Important", "Medium", "Someday"]);
    let (month, day) = (chance.below(12) + 1, chance.below(28) + 1);
    let completed = match status {
        "Done" => format!(
            r#"{{"start":"2026-{month:02}-{day:02}T11:30:00.000+10:00","end":null,"time_zone":null}}"#
        ),
        _ => "null".to_owned(),
    };
    let tags: Vec<_> =
        (0..chance.below(4)).map(|place| id(2, (number + place * 7) % TAGS)).collect();
    let parent: Vec<_> = (number % 5 == 1).then(|| id(3, number - 1)).into_iter().collect();
    let properties = [
        format!(r#""Name":{{"id":"title","type":"title","title":[{title}]}}"#),
        format!(
            r#""Description":{{"id":"d1","type":"rich_text","rich_text":[{}]}}"#,
            description.join(",")
        ),
        format!(r#""Status":{{"id":"s1","type":"select","select":{}}}"#, option("blue", status)),
        format!(r#""Priority":{{"id":"p1","type":"select","select":{}}}"#, option("red", priority)),
        format!(
            r#""Due Date":{{"id":"d2","type":"date","date":{{"start":"2026-{month:02}-{day:02}","end":null,"time_zone":null}}}}"#
        ),
        format!(r#""Completed At":{{"id":"c1","type":"date","date":{completed}}}"#),
        format!(
            r#""Context":{{"id":"c2","type":"multi_select","multi_select":[{}]}}"#,
            option("green", chance.one(&WORDS))
        ),
        format!(r#""Project":{}"#, relation("r1", &[id(1, chance.below(PROJECTS))])),
        format!(r#""Tags":{}"#, relation("r2", &tags)),
        format!(r#""Parent task":{}"#, relation("r3", &parent)),
    ];
    let blocks: Vec<_> = (0..3)
        .map(|place| {
            let block = id(4, number * 8 + place);
            let words = text(&chance.words(20));
            format!(
                r#"{{"block":{{"object":"block","id":"{block}","parent":{{"type":"page_id","page_id":"{}"}},"created_time":"2025-01-01T00:00:00.000Z","last_edited_time":"2025-01-01T00:00:00.000Z","has_children":false,"archived":false,"in_trash":false,"type":"paragraph","paragraph":{{"rich_text":[{words}],"color":"default"}}}}}}"#,
                id(3, number)
            )
        })
        .collect();
    line("task", &id(3, number), number, &properties.join(","), &blocks.join(","))
}
