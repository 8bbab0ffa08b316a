//! How Notion is asked: the same for every command that does.

use crate::export::Version;
use crate::secret::Secret;
use clap::Args;

/// How Notion is asked, and for what.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Notion")]
pub struct NotionAccess {
    /// The integration's token; better given in the variable, which nobody else sees.
    #[arg(
        long = "notion-token",
        env = "NOTION_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub token: Option<Secret>,
    /// The database with the tasks, by id, address or title [default: the one whose title says so].
    #[arg(long, value_name = "ID|TITLE")]
    pub tasks: Option<String>,
    /// The database with the projects [default: the one whose title says so, if any].
    #[arg(long, value_name = "ID|TITLE")]
    pub projects: Option<String>,
    /// The database with the tags [default: the one whose title says so, if any].
    #[arg(long, value_name = "ID|TITLE")]
    pub tags: Option<String>,
    /// Where Notion's API is.
    #[arg(long, env = "NOTION_URL", value_name = "URL", default_value = "https://api.notion.com")]
    pub notion_url: String,
    /// The version of Notion's API: 2025-09-03 or 2022-06-28 [default: the newer].
    #[arg(long, env = "NOTION_VERSION", value_name = "VERSION")]
    pub notion_version: Option<Version>,
    /// How many requests are sent in a second; Notion allows three on average.
    #[arg(long, env = "NOTION_RATE", value_name = "NUMBER", value_parser = rate, default_value = "2.9")]
    pub notion_rate: f64,
}

impl NotionAccess {
    /// Whether databases are named.
    #[must_use]
    pub fn names_databases(&self) -> bool {
        [&self.tasks, &self.projects, &self.tags].into_iter().any(Option::is_some)
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.trim().parse().ok().filter(|rate| *rate > 0.0);
    rate.ok_or_else(|| format!("{text:?} is no number above 0"))
}

#[cfg(test)]
mod tests {
    use crate::config::{Command, Config, Export};

    #[test]
    fn notion_is_asked_no_more_than_it_allows_and_hardly_less() {
        let line = ["tomos", "export", "notion"];
        let config = Config::of(line.map(Into::into), |_| None).unwrap();
        let Command::Export(Export::Notion(export)) = config.command_or_serve() else {
            panic!("another command was read");
        };
        let rate = export.access.notion_rate;
        assert!((3.0 * 0.95..=3.0).contains(&rate), "{rate}");
    }
}
