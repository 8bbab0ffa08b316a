//! What a database of Notion says of its properties: their names and types, and into which groups a status falls.

use super::value::Members;
use crate::entity::{ProjectStatus, TaskStatus};
use crate::import::snapshot::Kind;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A property of a database.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Property {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    /// Those of a status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    options: Vec<Choice>,
}

/// An option of a status.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct Choice {
    id: String,
    name: String,
    /// What the group is that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Group>,
}

/// The groups of a status, of which there are always these three.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Group {
    ToDo,
    InProgress,
    Complete,
}

impl Group {
    /// Groups come in this order, by whatever name the owner's language has for them.
    const ALL: [Self; 3] = [Self::ToDo, Self::InProgress, Self::Complete];

    fn named(name: &str) -> Option<Self> {
        match name.trim().to_lowercase().as_str() {
            "to-do" | "to do" | "todo" => Some(Self::ToDo),
            "in progress" => Some(Self::InProgress),
            "complete" => Some(Self::Complete),
            _ => None,
        }
    }

    /// What Notion calls it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::ToDo => "To-do",
            Self::InProgress => "In progress",
            Self::Complete => "Complete",
        }
    }

    pub(super) const fn of_task(self) -> TaskStatus {
        match self {
            Self::ToDo => TaskStatus::Todo,
            Self::InProgress => TaskStatus::InProgress,
            Self::Complete => TaskStatus::Done,
        }
    }

    pub(super) const fn of_project(self) -> ProjectStatus {
        match self {
            Self::ToDo | Self::InProgress => ProjectStatus::Active,
            Self::Complete => ProjectStatus::Completed,
        }
    }
}

/// A group as Notion writes it.
#[derive(Deserialize)]
struct Written {
    name: String,
    #[serde(default)]
    option_ids: Vec<String>,
}

impl Property {
    /// The properties of a database or a data source as Notion's API gives it; none where it says nothing of them.
    pub(crate) fn all(object: &RawValue) -> Vec<Self> {
        let properties = Members::of(object).inner("properties");
        let read = |(name, raw): &(String, &RawValue)| {
            let property = Members::of(raw);
            let kind = property.text("type")?;
            let options =
                if kind == "status" { options(&property.inner("status")) } else { Vec::new() };
            Some(Self { id: property.text("id")?, name: name.clone(), kind, options })
        };
        properties.0.iter().filter_map(read).collect()
    }
}

impl Property {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    /// The options of a status, each with its group.
    pub(super) fn options(&self) -> impl Iterator<Item = (&str, Option<Group>)> {
        self.options.iter().map(|option| (option.name.as_str(), option.group))
    }
}

fn options(status: &Members<'_>) -> Vec<Choice> {
    let list = |name| status.get(name).map_or("[]", RawValue::get);
    let options: Vec<&RawValue> = serde_json::from_str(list("options")).unwrap_or_default();
    let groups: Vec<Written> = serde_json::from_str(list("groups")).unwrap_or_default();
    let is_usual = groups.len() == Group::ALL.len();
    let group_of = |id: &String| {
        let place = groups.iter().position(|group| group.option_ids.contains(id))?;
        let named = Group::named(&groups.get(place)?.name);
        named.or_else(|| Group::ALL.get(place).copied().filter(|_| is_usual))
    };
    let read = |raw: &&RawValue| {
        let option = Members::of(raw);
        let id = option.text("id")?;
        Some(Choice { group: group_of(&id), name: option.text("name")?, id })
    };
    options.iter().filter_map(read).collect()
}

/// What the databases of a source say of their properties.
#[derive(Clone, Debug, Default)]
pub struct Schema(BTreeMap<Kind, Vec<Property>>);

impl Schema {
    /// Adds what a database says.
    pub fn add(&mut self, kind: Kind, properties: impl IntoIterator<Item = Property>) {
        self.0.entry(kind).or_default().extend(properties);
    }

    /// Adds what other databases say.
    pub fn extend(&mut self, other: Self) {
        for (kind, properties) in other.0 {
            self.add(kind, properties);
        }
    }

    /// Each property with its kind, its id and its name.
    pub(super) fn all(&self) -> impl Iterator<Item = (Kind, &str, &str)> {
        self.0
            .iter()
            .flat_map(|(kind, all)| all.iter().map(|it| (*kind, it.id.as_str(), it.name.as_str())))
    }

    /// The properties of a kind.
    pub(super) fn of(&self, kind: Kind) -> &[Property] {
        self.0.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// The group of a status: of the option with this id, else of that with this name.
    pub(super) fn group(
        &self,
        kind: Kind,
        property: &str,
        option: &str,
        name: &str,
    ) -> Option<Group> {
        let of_kind = || self.0.get(&kind).into_iter().flatten();
        let options = || of_kind().filter(|it| it.id == property).flat_map(|it| &it.options);
        let by_id = options().find(|it| it.id == option);
        by_id.or_else(|| options().find(|it| it.name.trim() == name.trim()))?.group
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(groups: &str) -> Schema {
        let json = format!(
            r#"{{"properties":{{"Stand":{{"id":"s%3A","type":"status","status":{{
                "options":[{{"id":"a","name":"Offen","color":"gray"}},{{"id":"b","name":"Wartet"}},
                           {{"id":"c","name":"Erledigt"}},{{"id":"d","name":"Lost"}}],
                "groups":[{groups}]}}}},"Name":{{"id":"title","type":"title","title":{{}}}}}}}}"#
        );
        let raw: &RawValue = serde_json::from_str(&json).unwrap();
        let mut schema = Schema::default();
        schema.add(Kind::Task, Property::all(raw));
        // It is the same after it was written and read.
        let written = serde_json::to_string(&schema.0[&Kind::Task]).unwrap();
        let read: Vec<Property> = serde_json::from_str(&written).unwrap();
        assert_eq!(read, schema.0[&Kind::Task]);
        schema
    }

    #[test]
    fn a_group_is_known_by_its_name_and_in_other_languages_by_its_place() {
        for names in [["To-do", "In progress", "Complete"], ["Offen", "In Arbeit", "Fertig"]] {
            let groups = names.iter().zip(["a", "b", "c"]);
            let groups = groups
                .map(|(name, option)| {
                    format!(
                        r#"{{"id":"g","name":"{name}","color":"red","option_ids":["{option}"]}}"#
                    )
                })
                .collect::<Vec<_>>();
            let schema = read(&groups.join(","));
            let group = |id, name| schema.group(Kind::Task, "s%3A", id, name);
            assert_eq!(group("b", ""), Some(Group::InProgress));
            assert_eq!(group("", "Erledigt"), Some(Group::Complete));
            assert_eq!(group("d", "Lost"), None);
            assert_eq!(schema.group(Kind::Project, "s%3A", "b", "Wartet"), None);
        }
    }

    #[test]
    fn a_group_that_nobody_knows_decides_nothing() {
        let schema = read(r#"{"name":"Somewhere","option_ids":["a","b"]}"#);
        assert_eq!(schema.group(Kind::Task, "s%3A", "a", "Offen"), None);
    }
}
