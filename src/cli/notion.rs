//! Asking Notion, for every command that does: what is shown meanwhile, and how it is stopped.

use super::signals::Signals;
use crate::clock::Clock;
use crate::config::NotionAccess;
use crate::export::pace::{SystemTimer, Timer};
use crate::export::{self, Choice, Options, Rate, Report, Step, Wanted};
use crate::import::snapshot::Kind;
use anyhow::Context;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How many signs wide the bar is.
const BAR: usize = 20;

/// What is wanted of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fetch {
    /// A new one, or the rest of one.
    New,
    /// One that holds what Notion holds now.
    UpToDate,
}

/// What the owner said of Notion.
pub(super) fn options(access: NotionAccess, out: PathBuf) -> anyhow::Result<Options> {
    let token = access.token.context(
        "NOTION_TOKEN is not set: make an integration at https://www.notion.so/my-integrations, \
         share your databases with it, and give its token in that variable",
    )?;
    Ok(Options {
        url: access.notion_url,
        token,
        version: access.notion_version,
        rate: access.notion_rate,
        out,
        wanted: Wanted { tasks: access.tasks, projects: access.projects, tags: access.tags },
    })
}

/// Makes what is above a directory of ours.
pub(super) fn prepare(directory: &Path) -> anyhow::Result<()> {
    let Some(above) = directory.parent() else {
        return Ok(());
    };
    std::fs::create_dir_all(above).with_context(|| format!("{} cannot be made", above.display()))
}

/// Fetches what is in Notion, until it is told to stop.
pub(super) async fn fetch(
    options: &Options,
    fetch: Fetch,
    signals: &mut Signals,
) -> anyhow::Result<Report> {
    let timer = Arc::new(SystemTimer::start());
    let is_watched = io::stderr().is_terminal();
    let mut bar = Bar { timer: Arc::clone(&timer), rate: Rate::default(), width: 0 };
    let mut progress = |step: Step<'_>| {
        if is_watched {
            bar.show(step);
        }
    };
    let mut choose = |kind: Kind, titles: &[String]| ask(kind, titles);
    let is_asked = is_watched && io::stdin().is_terminal();
    let choose: Choice<'_> = if is_asked { Some(&mut choose) } else { None };
    let clock = Clock::system();
    let running = async {
        match fetch {
            Fetch::New => export::run(options, &clock, timer, choose, &mut progress).await,
            Fetch::UpToDate => {
                export::up_to_date(options, &clock, timer, choose, &mut progress).await
            }
        }
    };
    let report = tokio::select! {
        report = running => report?,
        () = signals.next() => {
            // What is done is on disk.
            anyhow::ensure!(options.out.exists(), "told to stop before anything was done");
            let stopped = Some("it was told to stop".to_owned());
            Report { stopped, ..Report::default() }
        }
    };
    if is_watched {
        let _ = writeln!(io::stderr());
    }
    Ok(report)
}

/// How much there is, in words.
pub(super) fn counts(report: &Report) -> String {
    let counts = report.counts.iter().map(|(kind, count)| match count {
        1 => format!("1 {kind}"),
        count => format!("{count} {kind}s"),
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    if counts.is_empty() { "nothing".to_owned() } else { counts }
}

/// Asks which of some databases holds the records of a kind.
fn ask(kind: Kind, titles: &[String]) -> anyhow::Result<Option<usize>> {
    let mut output = io::stderr().lock();
    let plural = kind.plural();
    writeln!(output, "Which database holds your {plural}?")?;
    for (place, title) in titles.iter().enumerate() {
        writeln!(output, "{:>4}  {title}", place + 1)?;
    }
    loop {
        write!(output, "Its number, or nothing for none: ")?;
        output.flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(None);
        }
        let number: Option<usize> = line.trim().parse().ok();
        match number.and_then(|number| number.checked_sub(1)) {
            Some(place) if place < titles.len() => return Ok(Some(place)),
            _ => {}
        }
    }
}

/// One line that is written over.
struct Bar {
    timer: Arc<SystemTimer>,
    rate: Rate,
    width: usize,
}

impl Bar {
    fn show(&mut self, step: Step<'_>) {
        if let Step::Reading { done, .. } = step {
            self.rate.note(self.timer.now(), done);
        }
        let text = in_a_line(step, &self.rate);
        let end = if matches!(step, Step::Taking { .. }) { "\n" } else { "" };
        // What was longer before is wiped out. Nobody sees it that it fails.
        let _ = write!(io::stderr(), "\r{text:<width$}{end}", width = self.width);
        self.width = text.chars().count();
    }
}

/// What there is to see of a step.
fn in_a_line(step: Step<'_>, rate: &Rate) -> String {
    match step {
        Step::Taking { kind, title } => format!("{kind}s: the database {title:?}"),
        Step::Listing { kind, found } => format!("{}: {found} found", kind.plural()),
        Step::Reading { done, all } => {
            let full = "#".repeat(done * BAR / all.max(1));
            let mut parts = vec![format!("[{full:.<BAR$}] {done} of {all} pages")];
            parts.extend(rate.each_second().map(|rate| format!("{rate:.1} a second")));
            let left = rate.left(all.saturating_sub(done));
            parts.extend(left.map(|left| format!("{} left", in_words(left))));
            parts.join(", ")
        }
    }
}

/// A time as one says it.
fn in_words(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_shows_the_rate_and_the_time_that_is_left() {
        let mut rate = Rate::default();
        let begun = in_a_line(Step::Reading { done: 0, all: 0 }, &rate);
        assert_eq!(begun, "[....................] 0 of 0 pages");
        rate.note(Duration::ZERO, 0);
        rate.note(Duration::from_secs(10), 28);
        for (all, expected) in [
            (112, "[#####...............] 28 of 112 pages, 2.8 a second, 30 s left"),
            (20_188, "[....................] 28 of 20188 pages, 2.8 a second, 2 h 0 min left"),
        ] {
            assert_eq!(in_a_line(Step::Reading { done: 28, all }, &rate), expected);
        }
        let taking = in_a_line(Step::Taking { kind: "task", title: "My tasks" }, &rate);
        assert_eq!(taking, "tasks: the database \"My tasks\"");
    }
}
