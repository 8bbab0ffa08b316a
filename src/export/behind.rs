//! What stays in Notion of the pages of an export, told when it is whole.

use super::journal::Lines;
use crate::import::notion::{Behind, lines_of_behind};
use std::io;
use std::path::Path;

/// What there is to say of a file of pages, a line each.
pub(super) fn lines(pages: &Path) -> io::Result<Vec<String>> {
    let mut behind = Vec::new();
    let mut lines = Lines::of(pages)?;
    while let Some(line) = lines.next()? {
        behind.extend(Behind::of_line(&line));
    }
    Ok(lines_of_behind(&behind))
}
