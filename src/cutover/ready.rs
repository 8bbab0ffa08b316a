//! What imports, comparisons and tokens tell.

use super::backup::Marks;
use super::{Verdict, ago, in_words};
use crate::clock::Clock;
use crate::error::Result;
use crate::import::comparisons::{Comparison, ComparisonKind};
use crate::import::runs::{ImportState, Run};
use crate::tables::{import_runs, settings};
use crate::token::{self, Token};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// The system that is left.
const SOURCE: &str = "notion";

/// How old the last look may be.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// The token that the program makes for itself.
const LOCAL: &str = "local";

/// What happened so far.
pub(super) struct Past {
    /// The id of the feed.
    feed: Uuid,
    last_import: Option<Run>,
    last_verify: Option<Comparison>,
    /// The looks at both systems, the last one first.
    looks: Vec<Comparison>,
    tokens: Vec<Token>,
}

impl Past {
    pub(super) async fn read(connection: &mut AsyncPgConnection, clock: &Clock) -> Result<Self> {
        let last_import = import_runs::table
            .filter(import_runs::source.eq(SOURCE))
            .filter(import_runs::state.ne(ImportState::RolledBack))
            .order(import_runs::id.desc())
            .select(Run::as_select())
            .first(connection)
            .await
            .optional()?;
        let verified = Comparison::list(connection, ComparisonKind::Verify, SOURCE).await?;
        let tokens = token::list(connection).await?;
        let works = |token: &Token| token.name != LOCAL && !token.has_expired(clock.now());
        Ok(Self {
            feed: settings::table.select(settings::feed_id).first(connection).await?,
            last_import,
            last_verify: verified.into_iter().next(),
            looks: Comparison::list(connection, ComparisonKind::Compare, SOURCE).await?,
            tokens: tokens.into_iter().filter(works).collect(),
        })
    }

    /// By what a backup is known to have all this.
    pub(super) fn marks(&self) -> Marks {
        let run = self.last_import.as_ref();
        Marks {
            feed: self.feed,
            run: run.map(|run| run.id),
            imported_at: run.and_then(|run| run.finished_at),
        }
    }

    /// Whether what came is what was there.
    pub(super) fn verified(&self, now: DateTime<Utc>) -> Verdict {
        const NAME: &str = "verified";
        let verify = "tomos verify notion EXPORT (the directory that the import named)";
        let Some(run) = &self.last_import else {
            return Verdict::fails(NAME, "nothing was imported", "tomos import notion");
        };
        if run.state != ImportState::Done {
            let found =
                format!("import {} did not come to its end, or was partly taken back", run.id);
            return Verdict::fails(NAME, found, "tomos import notion, then verify");
        }
        let Some(verified) = &self.last_verify else {
            return Verdict::fails(NAME, "what came was never compared with its source", verify);
        };
        let when = ago(verified.finished_at, now);
        if run.finished_at.is_some_and(|end| verified.started_at < end) {
            let found = format!("import {} came behind the last comparison, {when}", run.id);
            return Verdict::fails(NAME, found, verify);
        }
        if verified.outstanding > 0 {
            let found = format!(
                "{when} {} differences were found that no edit accounts for",
                verified.outstanding
            );
            return Verdict::fails(NAME, found, format!("{verify} names them"));
        }
        let found = match verified.differing {
            0 => format!("{when}, nothing differed"),
            _ => format!("{when}, nothing differed but by edits made since"),
        };
        Verdict::holds(NAME, found)
    }

    /// Whether nothing came up there for some time.
    pub(super) fn quiet(&self, now: DateTime<Utc>, wanted: TimeDelta) -> Verdict {
        const NAME: &str = "no drift";
        let watch = "tomos compare notion --watch --apply, until nothing comes any longer";
        let Some(last) = self.looks.as_slice().first() else {
            return Verdict::fails(NAME, "both systems were never compared", watch);
        };
        let when = ago(last.finished_at, now);
        if last.outstanding > 0 {
            let records = if last.outstanding == 1 { "record" } else { "records" };
            let found =
                format!("{when}, {} {records} had in Notion what is not here", last.outstanding);
            return Verdict::fails(NAME, found, "tomos compare notion --apply, and look again");
        }
        if now - last.finished_at > FRESH {
            let found = format!("the last look was {when}");
            return Verdict::fails(NAME, found, "tomos compare notion");
        }
        let clean = self.looks.iter().take_while(|look| look.outstanding == 0);
        let since = clean.last().map_or(last.started_at, |look| look.started_at);
        let found = format!("nothing came up in Notion for {}", in_words(now - since));
        if now - since < wanted {
            let next = format!("wait until it is {}, and look again", in_words(wanted));
            return Verdict::fails(NAME, found, next);
        }
        Verdict::holds(NAME, found)
    }

    /// Whether a device can ask.
    pub(super) fn tokens(&self, now: DateTime<Utc>) -> Verdict {
        const NAME: &str = "tokens";
        if self.tokens.is_empty() {
            let next = "tomos token create --name phone, for each device";
            return Verdict::fails(NAME, "no device has a token", next);
        }
        let names = self.tokens.iter().map(|token| match token.last_used_at {
            Some(used) => format!("{} (used {})", token.name, ago(used, now)),
            None => format!("{} (never used)", token.name),
        });
        Verdict::holds(NAME, names.collect::<Vec<_>>().join(", "))
    }
}
