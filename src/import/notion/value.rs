//! The values of a Notion page, as Notion's API writes them; nothing here knows what they mean to us.
//!
//! Texts are read as bytes: Notion cuts long texts into runs, a cut may go through a surrogate pair,
//! and a lone surrogate is nothing that a `String` can hold.

use crate::import::snapshot::When;
use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound};
use chrono_tz::Tz;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// A JSON string, lone surrogates included (three bytes each, as UTF-8 would write them).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wide(Vec<u8>);

/// A text, and what had to be done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mended {
    pub(crate) text: String,
    /// NULs that were dropped.
    pub(crate) nuls: usize,
    /// Lone surrogates that became U+FFFD.
    pub(crate) lone_surrogates: usize,
}

impl<'de> Deserialize<'de> for Wide {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Wide;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Wide, E> {
                Ok(Wide(bytes.to_vec()))
            }
            fn visit_str<E>(self, text: &str) -> Result<Wide, E> {
                Ok(Wide(text.as_bytes().to_vec()))
            }
            // `deserialize_bytes` takes lists of numbers too: they are no text.
            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Wide, A::Error> {
                Err(serde::de::Error::custom("a list where a text was expected"))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

impl Wide {
    /// The text of several runs, joined before anything else is done to them.
    pub(super) fn joined<'a>(runs: impl IntoIterator<Item = &'a Self>) -> Mended {
        let mut bytes = Vec::new();
        for run in runs {
            bytes.extend_from_slice(&run.0);
        }
        mend(&bytes)
    }

    pub(crate) fn mended(&self) -> Mended {
        mend(&self.0)
    }
}

/// Drops NULs, puts surrogate pairs together, and turns what is left of them into U+FFFD.
fn mend(mut bytes: &[u8]) -> Mended {
    let mut mended = Mended::default();
    loop {
        let (good, rest) = match std::str::from_utf8(bytes) {
            Ok(good) => (good, None),
            Err(error) => {
                let (good, rest) = bytes.split_at(error.valid_up_to());
                (std::str::from_utf8(good).unwrap_or_default(), Some(rest))
            }
        };
        mended.nuls += good.matches('\0').count();
        mended.text.extend(good.chars().filter(|&letter| letter != '\0'));
        match rest {
            None => return mended,
            Some(&[0xED, a @ 0xA0..=0xAF, b, 0xED, c @ 0xB0..=0xBF, d, ref rest @ ..]) => {
                let high = (u32::from(a & 0x0F) << 6) | u32::from(b & 0x3F);
                let low = (u32::from(c & 0x0F) << 6) | u32::from(d & 0x3F);
                let letter = char::from_u32(0x1_0000 + (high << 10) + low);
                mended.text.push(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
                bytes = rest;
            }
            Some(rest) => {
                mended.lone_surrogates += 1;
                mended.text.push(char::REPLACEMENT_CHARACTER);
                let is_surrogate = matches!(rest, [0xED, 0xA0..=0xBF, _, ..]);
                bytes = rest.get(if is_surrogate { 3 } else { 1 }..).unwrap_or_default();
            }
        }
    }
}

/// The members of a JSON object in their order, unread.
#[derive(Debug, Default)]
pub(crate) struct Members<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Wide, &'de RawValue>()? {
                    members.push((name.mended().text, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'a> Members<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().find(|(member, _)| member == name);
        found.map(|(_, value)| *value).filter(|value| value.get() != "null")
    }

    /// The members of an object; none where it is no object.
    pub(crate) fn of(object: &'a RawValue) -> Self {
        serde_json::from_str(object.get()).unwrap_or_default()
    }

    /// The members of a member.
    pub(crate) fn inner(&self, name: &str) -> Self {
        self.get(name).map(Self::of).unwrap_or_default()
    }

    /// A member that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text: Wide = serde_json::from_str(self.get(name)?.get()).ok()?;
        Some(text.mended().text)
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.get() == "true")
    }
}

/// A run of a rich text.
#[derive(Debug, Deserialize)]
pub(crate) struct Run {
    #[serde(rename = "type")]
    kind: Option<String>,
    plain_text: Option<Wide>,
    text: Option<Content>,
    href: Option<Wide>,
    #[serde(default)]
    annotations: Annotations,
}

#[derive(Debug, Deserialize)]
struct Content {
    content: Option<Wide>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "Notion's words")]
struct Annotations {
    bold: bool,
    italic: bool,
    strikethrough: bool,
    code: bool,
}

impl Run {
    fn wide(&self) -> Option<&Wide> {
        let written = || self.text.as_ref()?.content.as_ref();
        self.plain_text.as_ref().or_else(written)
    }

    fn looks_like(&self, other: &Self) -> bool {
        self.annotations == other.annotations && self.href == other.href
    }

    /// A text in the Markdown of this run's looks. Nothing is escaped: what the owner typed stays.
    fn dressed(&self, text: &str) -> String {
        let Annotations { bold, italic, strikethrough, code } = self.annotations;
        let inner = text.trim();
        if inner.is_empty() {
            return text.to_owned();
        }
        // Markdown has no marks that begin or end with a blank.
        let (before, rest) = text.split_once(inner).unwrap_or_default();
        let mut dressed = inner.to_owned();
        for (is_on, mark) in [(code, "`"), (italic, "*"), (bold, "**"), (strikethrough, "~~")] {
            if is_on {
                dressed = format!("{mark}{dressed}{mark}");
            }
        }
        if let Some(href) = &self.href {
            dressed = format!("[{dressed}]({})", href.mended().text);
        }
        format!("{before}{dressed}{rest}")
    }
}

/// Whether Notion may have cut the text: it stops after 25 mentions, and does not say so.
pub(super) fn may_be_cut(runs: &[Run]) -> bool {
    const MENTIONS: usize = 25;
    let mentions = runs.iter().filter(|run| run.kind.as_deref() == Some("mention"));
    mentions.count() >= MENTIONS
}

/// The text of a title or a rich text, without its looks.
pub(crate) fn plain_text(runs: &[Run]) -> Mended {
    Wide::joined(runs.iter().filter_map(Run::wide))
}

/// A rich text as Markdown.
pub(crate) fn markdown(runs: &[Run]) -> Mended {
    let mut whole = Mended::default();
    for alike in runs.chunk_by(Run::looks_like) {
        let part = plain_text(alike);
        whole.nuls += part.nuls;
        whole.lone_surrogates += part.lone_surrogates;
        if let Some(run) = alike.first() {
            whole.text.push_str(&run.dressed(&part.text));
        }
    }
    whole
}

/// An option of a select, a status or a multi-select.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    pub(super) id: String,
    name: Option<Wide>,
    pub(super) color: Option<String>,
}

impl Choice {
    pub(super) fn name(&self) -> Mended {
        self.name.as_ref().map(Wide::mended).unwrap_or_default()
    }
}

/// A page that a relation names.
#[derive(Debug, Deserialize)]
pub(super) struct Target {
    pub(super) id: String,
}

/// A date, or a range of two.
#[derive(Debug, Deserialize)]
pub(super) struct Dates {
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    pub(super) time_zone: Option<String>,
}

impl Dates {
    /// What one of the two says; nothing where it is no date.
    pub(super) fn when(&self, text: &str) -> Option<When> {
        self.any_when(text.trim()).filter(|when| when.is_in_calendar())
    }

    fn any_when(&self, text: &str) -> Option<When> {
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Some(When::Day(day));
        }
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(When::At(instant.to_utc().trunc_subsecs(3)));
        }
        let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
        let local = formats
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?
            .trunc_subsecs(3);
        let local = When::Local(local).is_in_calendar().then_some(local)?;
        let zone = self.time_zone.as_deref().and_then(|zone| zone.parse::<Tz>().ok());
        Some(zone.map_or(When::Local(local), |zone| {
            When::At(crate::import::snapshot::instant_of(local, zone))
        }))
    }

    /// Whether the zone that is named is one that we know.
    pub(super) fn zone_is_known(&self) -> bool {
        let zone = self.time_zone.as_deref();
        zone.is_none_or(|zone| zone.parse::<Tz>().is_ok())
    }
}

/// Whether a value says anything: null, an empty list and an unticked box do not.
pub(super) fn says_something(kind: &str, value: &RawValue) -> bool {
    let text = value.get();
    if matches!(text, "null" | "[]" | "{}" | "\"\"" | "false") {
        return false;
    }
    if !matches!(kind, "formula" | "rollup") {
        return true;
    }
    let Ok(members) = serde_json::from_str::<Members<'_>>(text) else {
        return true;
    };
    let inner = members.text("type").unwrap_or_default();
    members.get(&inner).is_some_and(|value| says_something("", value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(json: &str) -> Mended {
        plain_text(&serde_json::from_str::<Vec<Run>>(json).unwrap())
    }

    #[test]
    fn a_surrogate_pair_that_was_cut_through_is_put_together() {
        let json = r#"[{"plain_text":"a\ud83d"},{"plain_text":"\ude00b"}]"#;
        assert_eq!(runs(json).text, "a😀b");
        assert_eq!(runs(json).lone_surrogates, 0);
    }

    #[test]
    fn lone_surrogates_are_replaced_and_nuls_dropped() {
        let mended = runs(r#"[{"plain_text":"a\ud83d \u0000\ude00"}]"#);
        let expected =
            Mended { text: "a\u{FFFD} \u{FFFD}".to_owned(), nuls: 1, lone_surrogates: 2 };
        assert_eq!(mended, expected);
    }

    #[test]
    fn looks_become_markdown() {
        let json = r#"[
            {"plain_text":"see ","annotations":{"bold":true}},
            {"plain_text":"the ","href":"https://x.test"},
            {"plain_text":"spec","href":"https://x.test"},
            {"plain_text":"!","annotations":{"code":true,"bold":true}}]"#;
        let runs: Vec<Run> = serde_json::from_str(json).unwrap();
        assert_eq!(markdown(&runs).text, "**see** [the spec](https://x.test)**`!`**");
    }

    #[test]
    fn a_date_is_a_day_an_instant_or_a_time_of_the_owner() {
        let mut dates = Dates { start: None, end: None, time_zone: None };
        let day = When::Day("2026-04-05".parse().unwrap());
        assert_eq!(dates.when("2026-04-05"), Some(day));
        let at = When::At("2026-04-14T03:30:00Z".parse().unwrap());
        assert_eq!(dates.when("2026-04-14T13:30:00.000+10:00"), Some(at));
        let local = When::Local("2026-04-14T13:30:00".parse().unwrap());
        assert_eq!(dates.when("2026-04-14T13:30:00"), Some(local));
        dates.time_zone = Some("Australia/Sydney".to_owned());
        assert_eq!(dates.when("2026-04-14T13:30:00"), Some(at));
        for text in
            ["next week", "0000-12-31", "+10000-01-01", "0001-01-01T01:00:00Z", "9999-12-31T12:00"]
        {
            assert_eq!(dates.when(text), None, "{text}");
        }
    }
}
