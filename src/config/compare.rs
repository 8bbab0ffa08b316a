//! What `tomos compare` is told.

use super::NotionAccess;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Compare what is in use in both systems.
#[derive(Clone, Debug, Subcommand)]
pub enum Compare {
    /// Compare Notion as it is now with the database: exit 0 where nothing differs, 1 where anything does; 2 where
    /// it could not be done, 3 where a watch had to end.
    Notion(CompareNotion),
}

/// Compare Notion as it is now with the database: exit 0 where nothing differs, 1 where anything does; 2 where it
/// could not be done, 3 where a watch had to end.
///
/// A look lists every page, a request for each hundred (20,000 pages: 200 requests, a good minute), for only the
/// list tells what is gone; then each page that changed since the last look is read, a few requests each.
/// What was made, changed and removed there and here since the import is named, with the fields. A body that
/// was changed without Notion noting it, as other programs can, is seen by a new export and `verify` alone.
#[derive(Clone, Debug, Args)]
pub struct CompareNotion {
    /// Where the export is kept that each look brings up to date; one is made where there is none
    /// [default: notion-export in the data directory].
    #[arg(long, value_name = "DIR")]
    pub export: Option<PathBuf>,
    /// Look again and again, until it is told to stop (Ctrl-C): every 30s, 5m, 1h; 5m where nothing is said.
    #[arg(long, value_name = "EVERY", num_args = 0..=1, default_missing_value = "5m", value_parser = every)]
    pub watch: Option<Duration>,
    /// Bring over what was made or changed there and not changed here, as an import. What was changed on both
    /// sides stays as it is here; what is gone there stays here.
    #[arg(long)]
    pub apply: bool,
    /// A property that the last import understood and that is not there any longer: apply without it. It can be
    /// given more than once.
    #[arg(long, value_name = "NAME", requires = "apply")]
    pub without: Vec<String>,
    /// What the properties became (TOML): the one with which they were imported; without it that is inferred.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Where each look is written as JSON, whole.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// How Notion is asked.
    #[command(flatten)]
    pub access: NotionAccess,
}

/// A time between two looks: a number and its unit.
fn every(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no time such as 30s, 5m or 1h");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(wrong()),
    };
    let number: Option<u64> = text.strip_suffix(unit).and_then(|number| number.parse().ok());
    let number = number.filter(|number| (1..=10_000).contains(number)).ok_or_else(wrong)?;
    Ok(Duration::from_secs(number * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_has_a_period() {
        assert_eq!(every("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(every("5m"), Ok(Duration::from_mins(5)));
        assert_eq!(every("1h"), Ok(Duration::from_hours(1)));
        for wrong in ["", "m", "0s", "-1s", "5", "5 m", "1d", "1.5h", "99999999h"] {
            assert!(every(wrong).is_err(), "{wrong}");
        }
    }
}
