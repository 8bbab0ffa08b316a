//! What is in the Notion of the tests.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) databases: Vec<Database>,
    /// The blocks in pages and blocks, by the id of these.
    pub(crate) children: BTreeMap<String, Vec<String>>,
}

/// A database with its one data source.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) title: String,
    pub(crate) is_shared: bool,
    /// Whether the search brings it.
    pub(crate) is_found: bool,
    /// Its properties as JSON, with their names, each after the other.
    pub(crate) schema: Vec<String>,
    pub(crate) pages: Vec<Page>,
}

/// A page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) id: String,
    pub(crate) created: String,
    edited: String,
    properties: String,
    /// The items of long values, by the property's id.
    pub(crate) long: BTreeMap<String, Vec<String>>,
    /// The page as it is, where nothing has to be made of it.
    raw: Option<String>,
}

pub(crate) fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// A run of a text.
pub(crate) fn run(text: &str) -> String {
    format!(r#"{{"type":"text","plain_text":"{text}"}}"#)
}

impl Page {
    /// A page that was made in the minute of its number.
    pub(crate) fn new(number: u32, title: &str) -> Self {
        let title = run(title);
        Self {
            id: uuid(number),
            created: format!(
                "2025-01-{:02}T{:02}:{:02}:00.000Z",
                1 + number / 1440 % 28,
                number / 60 % 24,
                number % 60
            ),
            edited: "2025-06-01T12:00:00.000Z".to_owned(),
            properties: format!(r#""Name":{{"id":"title","type":"title","title":[{title}]}}"#),
            long: BTreeMap::new(),
            raw: None,
        }
    }

    /// A page as it is in a file.
    pub(crate) fn raw(id: &str, created: &str, json: &str) -> Self {
        Self {
            id: id.to_owned(),
            created: created.to_owned(),
            raw: Some(json.to_owned()),
            ..Self::new(0, "")
        }
    }

    /// Lets every link that Notion cut have no more targets than those that are shown.
    pub(crate) fn long_links_as_shown(&mut self) {
        type Members<'a> = BTreeMap<String, &'a RawValue>;
        let Some(raw) = &self.raw else { return };
        let page: Members<'_> = serde_json::from_str(raw).unwrap();
        let properties: Members<'_> = serde_json::from_str(page["properties"].get()).unwrap();
        for property in properties.values() {
            let Ok(property) = serde_json::from_str::<Members<'_>>(property.get()) else {
                continue;
            };
            let word = |name: &str| property.get(name).map(|word| word.get().replace('"', ""));
            let (Some(id), Some(kind)) = (word("id"), word("type")) else { continue };
            let parts = property.get(&kind).map(|parts| parts.get()).unwrap_or_default();
            let parts: Vec<&RawValue> = serde_json::from_str(parts).unwrap_or_default();
            let item = |part: &&RawValue| format!(r#"{{"type":"{kind}","{kind}":{part}}}"#);
            self.long.insert(id, parts.iter().map(item).collect());
        }
    }

    /// Adds a property, as JSON with its name.
    pub(crate) fn with(mut self, property: &str) -> Self {
        self.properties.push(',');
        self.properties.push_str(property);
        self
    }

    /// Adds links; the page itself holds no more than 25 of them.
    pub(crate) fn linked(mut self, name: &str, id: &str, targets: &[u32]) -> Self {
        let link = |target: &u32| format!(r#"{{"id":"{}"}}"#, uuid(*target));
        let links: Vec<_> = targets.iter().map(link).collect();
        let item = |link: &String| {
            format!(
                r#"{{"object":"property_item","type":"relation","id":"{id}","relation":{link}}}"#
            )
        };
        self.long.insert(id.to_owned(), links.iter().map(item).collect());
        let shown = links[..links.len().min(25)].join(",");
        let has_more = links.len() > 25;
        self.with(&format!(
            r#""{name}":{{"id":"{id}","type":"relation","relation":[{shown}],"has_more":{has_more}}}"#
        ))
    }

    /// Adds a text of mentions, which Notion cuts after 25 without a word.
    pub(crate) fn mentioning(mut self, name: &str, id: &str, count: usize) -> Self {
        let runs: Vec<_> = (0..count)
            .map(|number| format!(r#"{{"type":"mention","plain_text":"@{number} "}}"#))
            .collect();
        let item = |run: &String| {
            format!(r#"{{"object":"property_item","type":"rich_text","rich_text":{run}}}"#)
        };
        self.long.insert(id.to_owned(), runs.iter().map(item).collect());
        let shown = runs[..count.min(25)].join(",");
        self.with(&format!(r#""{name}":{{"id":"{id}","type":"rich_text","rich_text":[{shown}]}}"#))
    }

    /// Puts one text in the place of another, as somebody who edits the page in that minute.
    pub(crate) fn edit(&mut self, before: &str, after: &str, minute: &str) {
        assert!(self.properties.contains(before), "{}", self.properties);
        self.properties = self.properties.replace(before, after);
        minute.clone_into(&mut self.edited);
    }

    pub(crate) fn json(&self, parent: &str) -> String {
        let Self { id, created, edited, properties, raw, .. } = self;
        if let Some(raw) = raw {
            return raw.clone();
        }
        format!(
            r#"{{"object":"page","id":"{id}","created_time":"{created}","last_edited_time":"{edited}","parent":{parent},"archived":false,"in_trash":false,"properties":{{{properties}}},"url":"https://www.notion.so/{}"}}"#,
            id.replace('-', "")
        )
    }
}

/// A block with a text.
pub(crate) fn block(number: u32, kind: &str, text: &str) -> String {
    made(number, kind, text, "", false)
}

/// A block in which others stand.
pub(crate) fn nested(number: u32, kind: &str, text: &str) -> String {
    made(number, kind, text, "", true)
}

pub(crate) fn todo(number: u32, text: &str, is_done: bool, has_children: bool) -> String {
    let checked = format!(r#","checked":{is_done}"#);
    made(number, "to_do", text, &checked, has_children)
}

fn made(number: u32, kind: &str, text: &str, more: &str, has_children: bool) -> String {
    let (id, run) = (uuid(number), run(text));
    format!(
        r#"{{"object":"block","id":"{id}","type":"{kind}","created_time":"2025-05-01T09:00:00.000Z","last_edited_time":"2025-05-02T10:00:00.000Z","has_children":{has_children},"in_trash":false,"{kind}":{{"rich_text":[{run}]{more}}}}}"#
    )
}

/// A status and its groups with their options, as a database says what they are.
pub(crate) fn status_schema(name: &str, id: &str, groups: [(&str, &[&str]); 3]) -> String {
    let of = |option: &str| format!("option-{option}");
    let options = groups
        .iter()
        .flat_map(|(_, options)| options.iter())
        .map(|option| format!(r#"{{"id":"{}","name":"{option}","color":"default"}}"#, of(option)));
    let written = groups.iter().map(|(group, options)| {
        let ids: Vec<_> = options.iter().map(|option| format!("\"{}\"", of(option))).collect();
        let ids = ids.join(",");
        format!(r#"{{"id":"group-{group}","name":"{group}","color":"gray","option_ids":[{ids}]}}"#)
    });
    let (options, groups) =
        (options.collect::<Vec<_>>().join(","), written.collect::<Vec<_>>().join(","));
    format!(
        r#""{name}":{{"id":"{id}","name":"{name}","type":"status","status":{{"options":[{options}],"groups":[{groups}]}}}}"#
    )
}

/// A status as it is on a page.
pub(crate) fn status(name: &str, id: &str, option: &str) -> String {
    format!(
        r#""{name}":{{"id":"{id}","type":"status","status":{{"id":"option-{option}","name":"{option}","color":"default"}}}}"#
    )
}

impl Database {
    pub(crate) fn new(number: u32, title: &str, pages: Vec<Page>) -> Self {
        let (is_shared, is_found) = (true, true);
        Self {
            id: uuid(number),
            source: uuid(number + 1),
            title: title.to_owned(),
            is_shared,
            is_found,
            schema: vec![
                r#""Name":{"id":"title","name":"Name","type":"title","title":{}}"#.to_owned(),
            ],
            pages,
        }
    }
}

impl World {
    /// Tasks, projects and tags with everything that is hard: long values, bodies, many pages.
    pub(crate) fn hard(tasks: u32) -> Self {
        let tags =
            (1..=30).map(|number| Page::new(2000 + number, &format!("tag {number}"))).collect();
        let projects =
            (1..=3).map(|number| Page::new(1000 + number, &format!("project {number}"))).collect();
        let mut pages: Vec<Page> = (1..=tasks)
            .map(|number| {
                let mut title = format!("task {number}");
                if number == 3 {
                    title.push_str(" \\ud83d");
                }
                Page::new(number, &title).linked("Project", "pr%3A1", &[1001 + number % 3])
            })
            .collect();
        let every_tag: Vec<u32> = (2001..=2030).collect();
        pages[0] = pages[0].clone().linked("Tags", "tg%7C", &every_tag);
        pages[1] = pages[1].clone().mentioning("Description", "de%3C", 130);
        let mut world = Self {
            databases: vec![
                Database::new(9000, "Tasks", pages),
                Database::new(9010, "Projects", projects),
                Database::new(9020, "Tags", tags),
                Database::new(9030, "Recipes", Vec::new()),
            ],
            children: BTreeMap::new(),
        };
        world.add_bodies();
        world
    }

    fn add_bodies(&mut self) {
        let mut long = Vec::new();
        for number in 0..120 {
            long.push(block(5000 + number, "paragraph", &format!("line {number}")));
        }
        self.children.insert(uuid(4), long);
        let body = [
            block(4001, "heading_2", "Plan"),
            nested(4002, "bulleted_list_item", "outside"),
            todo(4010, "call", true, false),
            todo(4011, "write", false, true),
        ];
        self.children.insert(uuid(5), body.to_vec());
        self.children.insert(uuid(4002), vec![block(4003, "bulleted_list_item", "inside")]);
        let inner = [block(4012, "paragraph", "with a pen"), todo(4013, "sign", false, false)];
        self.children.insert(uuid(4011), inner.to_vec());
    }

    /// A page by its number.
    pub(crate) fn page(&mut self, number: u32) -> &mut Page {
        let mut pages = self.databases.iter_mut().flat_map(|one| &mut one.pages);
        pages.find(|page| page.id == uuid(number)).unwrap()
    }

    /// Takes a page away, as the trash does it.
    pub(crate) fn remove(&mut self, number: u32) {
        for database in &mut self.databases {
            database.pages.retain(|page| page.id != uuid(number));
        }
    }

    /// A database by its title.
    pub(crate) fn database(&mut self, title: &str) -> &mut Database {
        self.databases.iter_mut().find(|one| one.title == title).unwrap()
    }
}
