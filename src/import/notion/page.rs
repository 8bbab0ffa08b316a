//! One page of Notion and its properties: finding them by name and type, and reading their values.
//!
//! What the values mean is in `meaning.rs`; nothing here refuses a page.

use super::known::{Known, Properties};
use super::schema::Group;
use super::value;
use super::value::{Choice, Dates, Members, Mended, Run, Target, Wide, says_something};
use crate::import::finding::{Finding, Severity};
use crate::import::snapshot::{Kind, When};
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
    name: String,
    kind: String,
    value: &'a RawValue,
    is_cut: bool,
    is_whole: bool,
    is_taken: bool,
}

/// A property that was taken.
struct Taken<'a> {
    id: String,
    name: String,
    kind: String,
    value: &'a RawValue,
}

/// An option with the name it has on the page.
pub(super) struct Named {
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
        let mut page = Self { kind, id, members, properties: Vec::new(), known, seen, findings };
        for (name, raw) in &properties.0 {
            let property: Members<'a> = serde_json::from_str(raw.get()).unwrap_or_default();
            let kind = property.text("type").unwrap_or_default();
            let id = property.text("id").unwrap_or_default();
            page.seen.see(page.kind, &id, name);
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
            let name = page.known.names.of(page.kind, &id).unwrap_or(name).to_owned();
            page.properties.push(Property {
                id,
                name,
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

    /// Takes the first property with one of these names and types that says something, else the first.
    fn take(&mut self, names: &[&str], kinds: &[&str]) -> Option<Taken<'a>> {
        let fits = |property: &Property<'a>| {
            let name = property.name.trim().to_lowercase();
            let is_named = names.is_empty() || names.contains(&name.as_str());
            !property.is_taken && is_named && kinds.contains(&property.kind.as_str())
        };
        let speaks = |one: &Property<'a>| fits(one) && says_something(&one.kind, one.value);
        let place = self.properties.iter().position(speaks);
        let place = place.or_else(|| self.properties.iter().position(fits))?;
        let property = self.properties.get_mut(place)?;
        property.is_taken = true;
        if !names.is_empty() {
            self.seen.understand(self.kind, &property.id);
        }
        let Property { id, name, kind, value, .. } = &*property;
        Some(Taken { id: id.clone(), name: name.clone(), kind: kind.clone(), value })
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
        let taken = self.take(&[], &["title"]);
        let runs: Option<(String, Vec<Run>)> = taken
            .and_then(|Taken { name, value, .. }| Some((name.clone(), self.read(&name, value)?)));
        let Some((name, runs)) = runs else {
            return String::new();
        };
        self.doubt(&name, &runs);
        self.text_of(&name, value::plain_text(&runs))
    }

    /// A rich text as Markdown; nothing where it is blank.
    pub(super) fn markdown(&mut self, names: &[&str]) -> Option<String> {
        let Taken { name, value, .. } = self.take(names, &["rich_text"])?;
        let runs: Vec<Run> = self.read(&name, value)?;
        self.doubt(&name, &runs);
        let text = self.text_of(&name, value::markdown(&runs));
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// The options of a select, a status or a multi-select, or the text that stands in their place.
    pub(super) fn options(&mut self, names: &[&str]) -> (String, Vec<Named>) {
        let kinds = ["select", "status", "multi_select", "rich_text"];
        let Some(Taken { id, name, kind, value }) = self.take(names, &kinds) else {
            return Default::default();
        };
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
            Named { group: schema.group(of, &id, &option, &text), name: text, color }
        });
        let options: Vec<_> = options.filter(|option| !option.name.trim().is_empty()).collect();
        (name, options)
    }

    /// The one option of a property that should have one.
    pub(super) fn option(&mut self, names: &[&str]) -> Option<(String, Named)> {
        let (name, options) = self.options(names);
        let mut options = options.into_iter();
        let first = options.next()?;
        for further in options {
            let reason = "there is room for one value; the first was taken";
            self.warn("extra_value", &name, &further.name, reason);
        }
        Some((name, first))
    }

    /// Whether a box is ticked; nothing where there is no box.
    pub(super) fn is_ticked(&mut self, names: &[&str]) -> Option<bool> {
        let Taken { value, .. } = self.take(names, &["checkbox"])?;
        Some(value.get() == "true")
    }

    /// The pages that a relation names, each in one spelling.
    pub(super) fn relation(&mut self, names: &[&str]) -> Vec<String> {
        let mut ids = Vec::new();
        while let Some(Taken { name, value, .. }) = self.take(names, &["relation"]) {
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
    pub(super) fn dates(&mut self, names: &[&str]) -> (String, Option<When>, Option<When>) {
        let Some(Taken { name, value, .. }) = self.take(names, &["date"]) else {
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
        const MIRRORS: [&str; 3] = ["sub-tasks", "subtasks", "sub-items"];
        const OF_THE_PAGE: [&str; 2] = ["created_time", "last_edited_time"];
        for property in std::mem::take(&mut self.properties) {
            let is_mirror = MIRRORS.contains(&property.name.trim().to_lowercase().as_str());
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
    Some(instant.to_utc().trunc_subsecs(3))
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
