//! `tomos export`: takes the owner's data out of where it is.

use super::signals::Signals;
use super::{Outcome, complain, print};
use crate::clock::Clock;
use crate::config;
use crate::export::pace::{SystemTimer, Timer};
use crate::export::{self, Choice, Options, Rate, Report, Step, Wanted};
use crate::import::snapshot::Kind;
use anyhow::Context;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How many signs wide the bar is.
const BAR: usize = 20;

pub(super) async fn run(command: config::Export) -> anyhow::Result<Outcome> {
    let config::Export::Notion(arguments) = command;
    let token = arguments.token.context(
        "NOTION_TOKEN is not set: make an integration at https://www.notion.so/my-integrations, \
         share your databases with it, and give its token in that variable",
    )?;
    let options = Options {
        url: arguments.notion_url,
        token,
        version: arguments.notion_version,
        rate: arguments.notion_rate,
        out: arguments.out,
        wanted: Wanted {
            tasks: arguments.tasks,
            projects: arguments.projects,
            tags: arguments.tags,
        },
    };
    let mut signals = Signals::listen()?;
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
    let running = export::run(&options, &clock, timer, choose, &mut progress);
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
    say(&report, &options.out)?;
    Ok(match report {
        Report { stopped: Some(_), .. } => Outcome::Resumable,
        Report { problems, .. } if !problems.is_empty() => Outcome::Findings,
        _ => Outcome::Done,
    })
}

fn say(report: &Report, out: &Path) -> io::Result<()> {
    let out = out.display();
    for problem in &report.problems {
        print(&format!("{problem}\n"))?;
    }
    let counts = report.counts.iter().map(|(kind, count)| match count {
        1 => format!("1 {kind}"),
        count => format!("{count} {kind}s"),
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    let counts = if counts.is_empty() { "nothing".to_owned() } else { counts };
    if let Some(why) = &report.stopped {
        complain(&format!("stopped on the way: {why}; the same command goes on from there"));
        return Ok(());
    }
    print(&format!("{counts}, in {out}; bring it in with: tomos import notion {out}\n"))
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
