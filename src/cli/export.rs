//! `tomos export`: takes the owner's data out of where it is.

use super::notion::{self, Fetch};
use super::signals::Signals;
use super::{Outcome, complain, print};
use crate::config;
use crate::export::Report;
use std::io;
use std::path::Path;

pub(super) async fn run(command: config::Export) -> anyhow::Result<Outcome> {
    let config::Export::Notion(arguments) = command;
    let options = notion::options(arguments.access, arguments.out)?;
    let mut signals = Signals::listen()?;
    let report = notion::fetch(&options, Fetch::New, &mut signals).await?;
    say(&report, &options.out)?;
    Ok(match report {
        Report { stopped: Some(_), .. } => Outcome::Resumable,
        Report { problems, behind, .. } if !(problems.is_empty() && behind.is_empty()) => {
            Outcome::Findings
        }
        _ => Outcome::Done,
    })
}

fn say(report: &Report, out: &Path) -> io::Result<()> {
    print(&report.choice())?;
    for problem in report.problems.iter().chain(&report.behind) {
        print(&format!("{problem}\n"))?;
    }
    if let Some(why) = &report.stopped {
        complain(&format!("stopped on the way: {why}; the same command goes on from there"));
        return Ok(());
    }
    let (counts, out) = (notion::counts(report), out.display());
    print(&format!("{counts}, in {out}; bring it in with: tomos import notion {out}\n"))
}
