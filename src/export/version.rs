//! The versions of Notion's API that are spoken, and the words in which they differ.

use std::fmt;
use std::str::FromStr;

/// A version of Notion's API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// 2022-06-28: rows belong to databases.
    Databases,
    /// 2025-09-03: rows belong to data sources, of which a database may have several.
    #[default]
    DataSources,
}

impl Version {
    /// Its name, as Notion writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Databases => "2022-06-28",
            Self::DataSources => "2025-09-03",
        }
    }

    /// What has rows.
    pub(super) const fn object(self) -> &'static str {
        match self {
            Self::Databases => "database",
            Self::DataSources => "data_source",
        }
    }

    /// The path below which these are.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Databases => "/v1/databases",
            Self::DataSources => "/v1/data_sources",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let versions = [Self::DataSources, Self::Databases];
        let version = versions.into_iter().find(|version| version.as_str() == text.trim());
        version.ok_or_else(|| format!("{text:?} is neither 2025-09-03 nor 2022-06-28"))
    }
}
