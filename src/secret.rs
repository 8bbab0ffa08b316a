//! Text that must not be seen: a token, or a URL with a password in it.
//!
//! It keeps a value out of logs and messages by accident; it does not keep it out of memory.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A secret, without the white space around it that pasting brings along.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.trim().to_owned())
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_trimmed_and_never_printed() {
        let secret = Secret::from(" tomos_abc\n");
        assert_eq!(secret.reveal(), "tomos_abc");
        assert!(!format!("{secret:?}").contains("abc"));
    }
}
