//! One page of Notion and its properties: finding them by name and type, and reading their values.
//!
//! What the values mean is in `meaning.rs`; nothing here refuses a page.

use super::known::{Known, Properties};
use super::names::{self, plain};
use super::schema::Group;
use super::value;
use super::value::{Choice, Dates, Members, Mended, Run, Target, Wide, says_something};
use crate::import::finding::{Finding, Severity};
use crate::import::mapping::MappedTable;
use crate::import::mapping::words::Word;
use crate::import::snapshot::{Kind, When};
use crate::moment::bounds;
use chrono::{DateTime, SubsecRound, Utc};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A page whose properties are taken one by one; what is left over has no column.
pub(super) struct Page<'a, 'f> {
    pub(super) kind: Kind,
    pub(super) id: String,
    members: Members<'a>,
    properties: Vec<Property<'a>>,
    known: &'f Known,
    seen: &'f mut Properties,
    findings: &'f mut Vec<Finding>,
}

/// What goes with every page of a file.
pub(super) struct Beside<'f> {
    pub(super) known: &'f Known,
    /// The properties that pages have.
    pub(super) seen: &'f mut Properties,
    pub(super) findings: &'f mut Vec<Finding>,
}

struct Property<'a> {
    id: String,
    /// What it is called now.
    now: String,
    /// What it was called when it was understood.
    name: String,
    plain: String,
    kind: String,
    value: &'a RawValue,
    is_cut: bool,
    is_whole: bool,
    is_taken: bool,
}

impl<'a> Property<'a> {
    fn taken(&mut self) -> Taken<'a> {
        self.is_taken = true;
        let Property { id, name, kind, value, .. } = &*self;
        Taken {
            id: id.clone(),
            name: name.clone(),
            now: self.now.clone(),
            kind: kind.clone(),
            value,
        }
    }
}

/// A property that was taken.
struct Taken<'a> {
    id: String,
    name: String,
    now: String,
    kind: String,
    value: &'a RawValue,
}

/// The fields of whose words a mapping says what they mean.
const LISTED: [&str; 4] = ["status", "priority", "energy", "time_estimate"];

/// An option with the name it has on the page.
pub(super) struct Chosen {
    pub(super) name: String,
    pub(super) color: Option<String>,
    /// What its group is in Notion, where that is known.
    pub(super) group: Option<Group>,
}

impl<'a, 'f> Page<'a, 'f> {
    pub(super) fn new(
        kind: Kind,
        id: String,
        members: Members<'a>,
        properties: &Members<'a>,
        whole: &BTreeMap<String, &'a RawValue>,
        beside: Beside<'f>,
    ) -> Self {
        let Beside { known, seen, findings } = beside;
        seen.count(kind);
        let mut page = Self { kind, id, members, properties: Vec::new(), known, seen, findings };
        for (name, raw) in &properties.0 {
            let property: Members<'a> = serde_json::from_str(raw.get()).unwrap_or_default();
            let kind = property.text("type").unwrap_or_default();
            let id = property.text("id").unwrap_or_default();
            page.seen.see(page.kind, &id, name, &kind);
            let Some(value) = property.get(&kind) else {
                if kind.is_empty() {
                    let reason = "the property could not be read";
                    page.warn("malformed_property", name, "", reason);
                }
                continue;
            };
            // Where the file holds the whole value, the page's own part of it is not looked at.
            let fetched = whole.get(&id).copied();
            let is_whole = fetched.is_some();
            let value = fetched.unwrap_or(value);
            let is_cut = property.is_true("has_more") && !is_whole;
            // Whatever it is called by now: it means what it meant.
            let (now, name) = (name.clone(), page.known.names.of(page.kind, &id).unwrap_or(name));
            page.properties.push(Property {
                id,
                now,
                plain: plain(name),
                name: name.to_owned(),
                kind,
                value,
                is_cut,
                is_whole,
                is_taken: false,
            });
        }
        page
    }

    pub(super) fn member(&self, name: &str) -> Option<&'a RawValue> {
        self.members.get(name)
    }

    pub(super) fn warn(&mut self, code: &'static str, property: &str, value: &str, reason: &str) {
        self.find(Severity::Warning, code, property, value, reason);
    }

    /// Says what is known without being wrong.
    pub(super) fn inform(&mut self, code: &'static str, property: &str, value: &str, reason: &str) {
        self.find(Severity::Information, code, property, value, reason);
    }

    fn find(
        &mut self,
        severity: Severity,
        code: &'static str,
        property: &str,
        value: &str,
        reason: &str,
    ) {
        let finding = Finding::new(severity, self.kind, &self.id, code, reason);
        self.findings.push(finding.at(property, value));
    }

    /// The places of the properties of these types that feed a field: as the mapping says, else by their names.
    fn places(&self, field: &str, types: &[&str]) -> Vec<usize> {
        let places = if let Some(table) = self.mapped() {
            self.mapped_places(table, field)
        } else {
            let all = self.properties.iter();
            let all = all.map(|it| (it.plain.as_str(), Some(it.kind.as_str())));
            let field = names::of(self.kind, field);
            field.map(|field| names::places(field, types, &all)).unwrap_or_default()
        };
        let is_of_type = |place: &usize| {
            self.properties.get(*place).is_some_and(|it| types.contains(&it.kind.as_str()))
        };
        places.into_iter().filter(is_of_type).collect()
    }

    /// What the mapping says of pages of this kind.
    fn mapped(&self) -> Option<&'f MappedTable> {
        self.known.mapping.as_ref()?.of(self.kind)
    }

    /// The places of the properties that a mapping names, in its order.
    fn mapped_places(&self, table: &MappedTable, field: &str) -> Vec<usize> {
        let place = |column: &String| {
            let id = table.ids.get(column);
            let by_id = id.and_then(|id| self.properties.iter().position(|it| it.id == *id));
            by_id.or_else(|| {
                let is_it = |it: &Property<'_>| it.now == *column || it.name == *column;
                self.properties.iter().position(is_it)
            })
        };
        table.columns(field).iter().filter_map(place).collect()
    }

    /// Takes the first property of these types that feeds a field and says something, else the first.
    fn take(&mut self, field: &str, types: &[&str]) -> Option<Taken<'a>> {
        let places = self.places(field, types);
        for property in places.iter().filter_map(|place| self.properties.get(*place)) {
            let seen = self.seen.see(self.kind, &property.id, &property.now, &property.kind);
            seen.is_understood = true;
        }
        let free = |place: &&usize| self.properties.get(**place).is_some_and(|it| !it.is_taken);
        let speaks = |place: &&usize| {
            self.properties.get(**place).is_some_and(|it| says_something(&it.kind, it.value))
        };
        let place = places.iter().filter(free).find(speaks);
        let place = place.or_else(|| places.iter().find(free))?;
        Some(self.properties.get_mut(*place)?.taken())
    }

    /// What a word means, where the mapping says it.
    pub(super) fn said<W: Word>(&self, field: &str, word: &str) -> Option<W> {
        self.mapped()?.said(field, word)
    }

    fn read<T: DeserializeOwned>(&mut self, name: &str, value: &RawValue) -> Option<T> {
        let read = serde_json::from_str(value.get());
        if read.is_err() {
            let reason = "the value could not be read and was left out";
            self.warn("malformed_property", name, value.get(), reason);
        }
        read.ok()
    }

    /// Reports what a text lost on the way.
    fn text_of(&mut self, property: &str, mended: Mended) -> String {
        if mended.nuls > 0 {
            self.warn("nul", property, "", "NUL characters were dropped");
        }
        if mended.lone_surrogates > 0 {
            let reason = "halves of characters became U+FFFD";
            self.warn("lone_surrogate", property, "", reason);
        }
        mended.text
    }

    /// Reports a text that the source may have cut.
    fn doubt(&mut self, property: &str, runs: &[Run]) {
        let is_it = |one: &Property<'_>| one.is_whole && one.name == property;
        if value::may_be_cut(runs) && !self.properties.iter().any(is_it) {
            let reason =
                "Notion cuts a text after 25 mentions without a word: what follows may be missing";
            self.warn("text_truncated", property, "", reason);
        }
    }

    /// The title: the property of that type, whatever its name.
    pub(super) fn title(&mut self) -> String {
        let mut all = self.properties.iter_mut();
        let taken = all.find(|property| property.kind == "title").map(Property::taken);
        let runs: Option<(String, Vec<Run>)> = taken
            .and_then(|Taken { name, value, .. }| Some((name.clone(), self.read(&name, value)?)));
        let Some((name, runs)) = runs else {
            return String::new();
        };
        self.doubt(&name, &runs);
        self.text_of(&name, value::plain_text(&runs))
    }

    /// A rich text as Markdown; nothing where it is blank.
    pub(super) fn markdown(&mut self, field: &str) -> Option<String> {
        let Taken { name, value, .. } = self.take(field, &["rich_text"])?;
        let runs: Vec<Run> = self.read(&name, value)?;
        self.doubt(&name, &runs);
        let text = self.text_of(&name, value::markdown(&runs));
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// The options of a select, a status or a multi-select, or the text that stands in their place.
    pub(super) fn options(&mut self, field: &str) -> (String, Vec<Chosen>) {
        self.next_options(field).unwrap_or_default()
    }

    /// The same of the next property that feeds the field; nothing where there is no other.
    pub(super) fn next_options(&mut self, field: &str) -> Option<(String, Vec<Chosen>)> {
        let Taken { id, name, now, kind, value } = self.take(field, names::OPTIONS)?;
        let mut options = Vec::new();
        if kind == "rich_text" {
            let runs: Vec<Run> = self.read(&name, value).unwrap_or_default();
            options.push((value::plain_text(&runs), None, String::new()));
        } else {
            let choices: Vec<Choice> = match kind.as_str() {
                "multi_select" => self.read(&name, value).unwrap_or_default(),
                _ => self.read(&name, value).into_iter().collect(),
            };
            options.extend(choices.into_iter().map(|it| (it.name(), it.color, it.id)));
        }
        let (schema, of) = (&self.known.schema, self.kind);
        let options = options.into_iter().map(|(text, color, option)| {
            let text = self.text_of(&name, text);
            Chosen { group: schema.group(of, &id, &option, &text), name: text, color }
        });
        let options: Vec<_> = options.filter(|option| !option.name.trim().is_empty()).collect();
        if LISTED.contains(&field) && kind != "rich_text" {
            let words = options.iter().map(|option| option.name.trim().to_owned());
            self.seen.see(self.kind, &id, &now, &kind).words.extend(words);
        }
        Some((name, options))
    }

    /// The one option of a property that should have one.
    pub(super) fn option(&mut self, field: &str) -> Option<(String, Chosen)> {
        let (name, options) = self.options(field);
        let mut options = options.into_iter();
        let first = options.next()?;
        for further in options {
            let reason = "there is room for one value; the first was taken";
            self.warn("extra_value", &name, &further.name, reason);
        }
        Some((name, first))
    }

    /// Whether a box is ticked; nothing where there is no box.
    pub(super) fn is_ticked(&mut self, field: &str) -> Option<bool> {
        let Taken { value, .. } = self.take(field, &["checkbox"])?;
        Some(value.get() == "true")
    }

    /// The pages that a relation names, each in one spelling.
    pub(super) fn relation(&mut self, field: &str) -> Vec<String> {
        let mut ids = Vec::new();
        while let Some(Taken { name, value, .. }) = self.take(field, &["relation"]) {
            let targets: Vec<Target> = self.read(&name, value).unwrap_or_default();
            for target in targets {
                match page_id(&target.id) {
                    Some(id) if ids.contains(&id) => {}
                    Some(id) => ids.push(id),
                    None => {
                        let reason = "the link's target is no page id; it was left out";
                        self.warn("malformed_property", &name, &target.id, reason);
                    }
                }
            }
        }
        ids
    }

    /// The start and the end of a date.
    pub(super) fn dates(&mut self, field: &str) -> (String, Option<When>, Option<When>) {
        let Some(Taken { name, value, .. }) = self.take(field, &["date"]) else {
            return Default::default();
        };
        let Some(dates) = self.read::<Dates>(&name, value) else {
            return (name, None, None);
        };
        if !dates.zone_is_known() {
            let zone = dates.time_zone.clone().unwrap_or_default();
            let reason = "the time zone is unknown; yours was taken";
            self.warn("unknown_time_zone", &name, &zone, reason);
        }
        let mut when = |text: &Option<String>| {
            let text = text.as_deref()?;
            let when = dates.when(text);
            if when.is_none() {
                let reason = "it is no date; it was left out";
                self.warn("malformed_date", &name, text, reason);
            }
            when
        };
        let (start, end) = (when(&dates.start), when(&dates.end));
        (name, start, end)
    }

    /// An instant of the page itself; nothing where it is missing or unreadable.
    pub(super) fn instant(&self, member: &str) -> Option<DateTime<Utc>> {
        instant(&self.members, member)
    }

    /// Reports the relations that the source cut, and names what has no column.
    pub(super) fn finish(mut self) {
        const OF_THE_PAGE: [&str; 2] = ["created_time", "last_edited_time"];
        let mirrors = self.places("subtasks", &["relation"]);
        for (place, property) in std::mem::take(&mut self.properties).into_iter().enumerate() {
            let is_mirror = mirrors.contains(&place);
            if property.is_cut && !is_mirror {
                let reason =
                    "the file holds only the first of its links; the rest is in Notion alone";
                self.warn("relation_truncated", &property.name, "", reason);
            }
            let is_kept = property.is_taken || OF_THE_PAGE.contains(&property.kind.as_str());
            if !is_kept && says_something(&property.kind, property.value) {
                let reason = "there is no column for it; it is kept in the original";
                self.inform("no_column", &property.name, "", reason);
            }
        }
    }
}

/// An instant that a page says of itself.
pub(super) fn instant(members: &Members<'_>, member: &str) -> Option<DateTime<Utc>> {
    let text = members.text(member)?;
    let instant = DateTime::parse_from_rfc3339(text.trim()).ok()?;
    let instant = instant.to_utc().trunc_subsecs(3);
    bounds::is_instant(instant).then_some(instant)
}

/// The id of a page in one spelling: 32 hex digits. With and without dashes it is the same page.
pub(crate) fn page_id(text: &str) -> Option<String> {
    let id: String = text.trim().chars().filter(|&letter| letter != '-').collect();
    let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| id.to_ascii_lowercase())
}

/// The text of a JSON string.
pub(super) fn string(value: &RawValue) -> Option<String> {
    let text: Wide = serde_json::from_str(value.get()).ok()?;
    Some(text.mended().text)
}
