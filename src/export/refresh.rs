//! Bringing an export up to date: all pages are listed anew, and those that changed are read anew.
//!
//! The list brings each page with its properties, so that it tells what changed, what is new and what
//! is gone, for a request each hundred pages; the times of the last edits alone would tell nothing of what is gone.
//! It is made in a directory within, which is thrown away where it did not come to its end: the export is what
//! it was, or is the new one.

use super::details::Pages;
use super::folder::{self, Folder, LISTING, Manifest, PAGES};
use super::kept::Kept;
use super::pace::Timer;
use super::pages::Listing;
use super::search::Taken;
use super::{Choice, Client, Options, Report, Step, behind, explained, fits, schema};
use crate::clock::Clock;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// The directory in which it is made.
const NEXT: &str = "next";

/// Makes an export, goes on with one, or brings one up to date. The error means that nothing was done.
pub async fn up_to_date(
    options: &Options,
    clock: &Clock,
    timer: Arc<dyn Timer>,
    choose: Choice<'_>,
    progress: &mut dyn FnMut(Step<'_>),
) -> anyhow::Result<Report> {
    if !folder::is_finished(&options.out)? {
        // One that was begun earlier is brought up to date there.
        return super::run(options, clock, timer, choose, progress).await;
    }
    refresh(options, clock, timer, progress).await
}

/// Brings a finished export up to date.
pub(super) async fn refresh(
    options: &Options,
    clock: &Clock,
    timer: Arc<dyn Timer>,
    progress: &mut dyn FnMut(Step<'_>),
) -> anyhow::Result<Report> {
    let (folder, earlier) = Folder::open(&options.out)?;
    let Some(earlier) = earlier else {
        anyhow::bail!("the export in {} was taken away at this moment", options.out.display());
    };
    let version = fits(options, &earlier)?;
    let client = Client::new(&options.url, &options.token, version.as_str(), options.rate, timer)?;
    let taken = Taken { databases: earlier.databases.clone(), left_out: earlier.left_out.clone() };
    let mut manifest = Manifest::begin(version, taken, clock.now());
    let refreshing = async {
        let next = Next::begin(&folder)?;
        let mut listing = Listing::open(&next.0.join(LISTING))?;
        for database in &mut manifest.databases {
            let Some(kind) = database.kind() else { continue };
            listing.complete(&client, version, kind, database, progress).await?;
            database.properties = schema::of(&client, version, &database.id).await?;
        }
        let mut report = Report::of(&manifest);
        let mut pages = Pages::open(&next.0.join(PAGES), &mut report)?;
        let kept = Kept::open(&folder.pages(&earlier), earlier.begun)?;
        pages.complete(&client, &listing, Some(&kept), &mut report, progress).await?;
        manifest.finished = Some(clock.now());
        manifest.counts.clone_from(&report.counts);
        manifest.with_problems = pages.with_problems;
        folder.replace(&next.0.join(PAGES), &earlier, &mut manifest)?;
        folder.remove_listing()?;
        report.behind = behind::lines(&folder.pages(&manifest))?;
        anyhow::Ok(report)
    };
    refreshing.await.map_err(|error| explained(error, &options.out))
}

/// The directory in which the new pages are gathered; it goes with whoever made it.
struct Next(PathBuf);

impl Next {
    fn begin(folder: &Folder) -> io::Result<Self> {
        let next = Self(folder.file(NEXT));
        next.remove()?;
        folder::make_private(&next.0)?;
        Ok(next)
    }

    fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Next {
    fn drop(&mut self) {
        // What stays is taken away the next time.
        let _ = self.remove();
    }
}
