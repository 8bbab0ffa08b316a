//! The words of our enums: as a mapping writes them, and as other systems say them.

use crate::entity::{EnergyLevel, ProjectStatus, TaskPriority, TaskStatus, TimeEstimate};

/// A value that a word means.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// What such a word is called.
    const WHAT: &'static str;
    /// Our own words.
    const NAMES: &'static [(&'static str, Self)];
    /// What others say, in small letters with blanks between the words.
    const OTHERS: &'static [(&'static str, Self)];

    /// The value that one of our words names.
    fn named(word: &str) -> Option<Self> {
        find(Self::NAMES, word)
    }

    /// The value that any word means.
    fn meant(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase().replace(['_', '-'], " ");
        let ours = word.replace(' ', "_").to_uppercase();
        Self::named(&ours).or_else(|| find(Self::OTHERS, &word))
    }

    /// Our word for it.
    fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, value)| *value == self);
        found.map_or("", |(name, _)| name)
    }
}

fn find<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(one, _)| *one == word).map(|(_, value)| *value)
}

impl Word for TaskStatus {
    const WHAT: &'static str = "status of a task";
    const NAMES: &'static [(&'static str, Self)] = &[
        ("INBOX", Self::Inbox),
        ("TODO", Self::Todo),
        ("IN_PROGRESS", Self::InProgress),
        ("BLOCKED", Self::Blocked),
        ("DONE", Self::Done),
        ("CANCELLED", Self::Cancelled),
    ];
    const OTHERS: &'static [(&'static str, Self)] = &[
        ("to do", Self::Todo),
        ("not started", Self::Todo),
        ("open", Self::Todo),
        ("doing", Self::InProgress),
        ("started", Self::InProgress),
        ("completed", Self::Done),
        ("complete", Self::Done),
        ("resolved", Self::Done),
        ("closed", Self::Done),
        ("canceled", Self::Cancelled),
    ];
}

impl Word for TaskPriority {
    const WHAT: &'static str = "priority";
    const NAMES: &'static [(&'static str, Self)] = &[
        ("LOW", Self::Low),
        ("MEDIUM", Self::Medium),
        ("HIGH", Self::High),
        ("URGENT", Self::Urgent),
    ];
    const OTHERS: &'static [(&'static str, Self)] = &[
        ("someday", Self::Low),
        ("normal", Self::Medium),
        ("important", Self::High),
        ("critical", Self::Urgent),
    ];
}

impl Word for EnergyLevel {
    const WHAT: &'static str = "energy";
    const NAMES: &'static [(&'static str, Self)] =
        &[("LOW", Self::Low), ("MEDIUM", Self::Medium), ("HIGH", Self::High)];
    const OTHERS: &'static [(&'static str, Self)] = &[];
}

impl Word for TimeEstimate {
    const WHAT: &'static str = "time estimate";
    const NAMES: &'static [(&'static str, Self)] =
        &[("QUICK", Self::Quick), ("SHORT", Self::Short), ("LONG", Self::Long)];
    const OTHERS: &'static [(&'static str, Self)] = &[];
}

impl Word for ProjectStatus {
    const WHAT: &'static str = "status of a project";
    const NAMES: &'static [(&'static str, Self)] =
        &[("ACTIVE", Self::Active), ("COMPLETED", Self::Completed), ("ARCHIVED", Self::Archived)];
    const OTHERS: &'static [(&'static str, Self)] =
        &[("open", Self::Active), ("done", Self::Completed), ("complete", Self::Completed)];
}
