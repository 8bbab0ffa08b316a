//! What was made of an original, as a hash: with another mapping, or another version of the program, the same
//! original may become something else.

use super::snapshot::{Origin, Project, Snapshot, Tag, Task, When};
use crate::entity::{EnergyLevel, TimeEstimate};
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

/// Notes of each record what was made of it, before anything is decided about its links.
pub(super) fn note(snapshot: &mut Snapshot) {
    for project in &mut snapshot.projects {
        project.origin.reading = of_project(project);
    }
    for tag in &mut snapshot.tags {
        tag.origin.reading = of_tag(tag);
    }
    for task in &mut snapshot.tasks {
        task.origin.reading = of_task(task);
    }
}

/// A hash over values, each with its length, so that no two lists of values are alike.
#[derive(Default)]
struct Reading(Sha256);

impl Reading {
    fn text(mut self, text: &str) -> Self {
        self.0.update(text.len().to_be_bytes());
        self.0.update(text);
        self
    }

    fn maybe(mut self, text: Option<&str>) -> Self {
        self.0.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or_default())
    }

    fn list<'t>(mut self, texts: impl ExactSizeIterator<Item = &'t str>) -> Self {
        self.0.update(texts.len().to_be_bytes());
        texts.fold(self, Self::text)
    }

    fn when(self, when: Option<When>) -> Self {
        let text = when.map(|when| match when {
            When::Day(day) => format!("day {day}"),
            When::At(instant) => format!("at {}", written(instant)),
            When::Local(local) => format!("local {local}"),
        });
        self.maybe(text.as_deref())
    }

    /// The times, as far as the source says them: else they are those of this import.
    fn times(self, origin: &Origin, created: DateTime<Utc>, updated: DateTime<Utc>) -> Self {
        let is_said = origin.edited_at.is_some();
        let created = (is_said || created != updated).then(|| written(created));
        self.maybe(created.as_deref()).maybe(is_said.then(|| written(updated)).as_deref())
    }

    fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

fn written(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn of_project(project: &Project) -> [u8; 32] {
    let Project { origin, title, description, status, color, icon, created_at, updated_at } =
        project;
    Reading::default()
        .text(title)
        .maybe(description.as_deref())
        .text(status.label())
        .maybe(color.as_deref())
        .maybe(icon.as_deref())
        .times(origin, *created_at, *updated_at)
        .end()
}

fn of_tag(tag: &Tag) -> [u8; 32] {
    let Tag { origin, name, color, created_at, updated_at } = tag;
    let reading = Reading::default().text(name).maybe(color.as_deref());
    reading.times(origin, *created_at, *updated_at).end()
}

fn of_task(task: &Task) -> [u8; 32] {
    let Task { origin, title, description, status, priority, due, scheduled, completed, .. } = task;
    let Task { energy, time_estimate, source, tag_names, tag_links, .. } = task;
    let Task { projects, parents, children, created_at, updated_at, .. } = task;
    let colors = tag_names.iter().map(|tag| tag.color.as_deref().unwrap_or_default());
    Reading::default()
        .text(title)
        .maybe(description.as_deref())
        .text(status.label())
        .text(priority.label())
        .when(*due)
        .when(*scheduled)
        .when(*completed)
        .maybe(energy.map(EnergyLevel::label))
        .maybe(time_estimate.map(TimeEstimate::label))
        .maybe(source.as_deref())
        .list(tag_names.iter().map(|tag| tag.name.as_str()))
        .list(colors)
        .list(tag_links.iter().map(String::as_str))
        .list(projects.iter().map(String::as_str))
        .list(parents.iter().map(String::as_str))
        .list(children.iter().map(String::as_str))
        .times(origin, *created_at, *updated_at)
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_elsewhere_is_another_reading() {
        let one = Reading::default().text("ab").text("c").end();
        assert_ne!(one, Reading::default().text("a").text("bc").end());
        let empty = Reading::default().maybe(None).end();
        assert_ne!(empty, Reading::default().maybe(Some("")).end());
        let lists = |first: &[&'static str], second: &[&'static str]| {
            Reading::default().list(first.iter().copied()).list(second.iter().copied()).end()
        };
        assert_ne!(lists(&["a"], &[]), lists(&[], &["a"]));
    }
}
