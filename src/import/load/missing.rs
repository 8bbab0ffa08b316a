//! Links of tasks to what was not there when they were imported: remembered, and made when it comes.

use super::original::Written;
use super::{Loader, Manager};
use crate::error::Result;
use crate::import::decided::Decided;
use crate::import::finding::{Finding, Severity};
use crate::import::kind::label;
use crate::import::snapshot::Kind;
use crate::query::enumeration::Label;
use crate::tables::{external_refs, missing_links, sql_types, task_tags, tasks};
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, TransactionManager};
use uuid::Uuid;

/// How many links are made in one transaction.
const BATCH: usize = 500;

/// A link whose two ends are here now.
struct Found {
    /// The task, there and here.
    external_id: String,
    task: Uuid,
    /// What it names, there and here.
    kind: Kind,
    page: String,
    target: Uuid,
}

impl Loader<'_> {
    /// Remembers what these tasks miss, and nothing that they missed before.
    pub(super) async fn remember_missing(&mut self, written: &[Written<'_>]) -> Result<()> {
        let ids = written.iter().map(|one| one.origin.external_id.as_str());
        let of_these = missing_links::table
            .filter(missing_links::source.eq(self.source))
            .filter(missing_links::external_id.eq_any(ids));
        diesel::delete(of_these).execute(self.connection).await?;
        let rows: Vec<_> = written
            .iter()
            .flat_map(|one| one.missing.iter().map(|link| (&one.origin.external_id, link)))
            .map(|(id, (kind, page))| {
                (
                    missing_links::source.eq(self.source),
                    missing_links::external_id.eq(id),
                    missing_links::record_type.eq(label(*kind)),
                    missing_links::target.eq(page),
                )
            })
            .collect();
        // 65,535 values fit into a statement.
        for rows in rows.chunks(10_000) {
            diesel::insert_into(missing_links::table)
                .values(rows)
                .on_conflict_do_nothing()
                .execute(self.connection)
                .await?;
        }
        Ok(())
    }

    /// Makes the links whose targets have come, also those of tasks that did not come again.
    pub(super) async fn link_found(&mut self) -> Result<()> {
        let found = self.found().await?;
        for batch in found.chunks(BATCH) {
            self.go_on()?;
            let mark = self.mark();
            if let Err(error) = self.link(batch).await {
                self.reset(mark);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn found(&mut self) -> Result<Vec<Found>> {
        let mut rows: Vec<(String, Kind, String)> = Vec::new();
        for kind in [Kind::Project, Kind::Tag, Kind::Task] {
            let missing: Vec<(String, String)> = missing_links::table
                .filter(missing_links::source.eq(self.source))
                .filter(missing_links::record_type.eq(label(kind)))
                .select((missing_links::external_id, missing_links::target))
                .order((missing_links::external_id, missing_links::target))
                .load(self.connection)
                .await?;
            rows.extend(missing.into_iter().map(|(id, page)| (id, kind, page)));
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let here = self.imported().await?.ids;
        let found = rows.into_iter().filter_map(|(external_id, kind, page)| {
            let task = *here.get(&(Kind::Task, external_id.clone()))?;
            let target = *here.get(&(kind, page.clone()))?;
            Some(Found { external_id, task, kind, page, target })
        });
        Ok(found.collect())
    }

    async fn link(&mut self, batch: &[Found]) -> Result<()> {
        Manager::begin_transaction(self.connection).await?;
        let tasks: Vec<_> = batch.iter().map(|one| (one.external_id.as_str(), one.task)).collect();
        let images = self.images(Kind::Task, &tasks).await?;
        for found in batch {
            let before = self.version(found.task).await?;
            let mark = self.begin().await?;
            let made = self.make(found).await;
            let (severity, code, reason) = match self.end(mark, made).await? {
                Ok(true) => (
                    Severity::Information,
                    "link_found",
                    "what it names has come; they are linked".to_owned(),
                ),
                Ok(false) => (
                    Severity::Information,
                    "link_taken",
                    "what it names has come, but it has another here; that one was kept".to_owned(),
                ),
                Err(refusal) => (
                    Severity::Warning,
                    "link_refused",
                    format!("what it names is here, but {}; they are not linked", refusal.message),
                ),
            };
            self.report_link(found, severity, code, reason);
            self.forget(found, before).await?;
            if code == "link_refused" && found.kind == Kind::Task {
                self.note_refused(found).await?;
            }
        }
        self.note_linked(&tasks, images).await?;
        Manager::commit_transaction(self.connection).await?;
        Ok(())
    }

    /// Makes a link; false where the task has another in its place.
    async fn make(&mut self, found: &Found) -> QueryResult<bool> {
        // It names the time that the record has: the source says when it was changed, and it was not.
        let task = tasks::table.find(found.task);
        let time = tasks::updated_at.eq(tasks::updated_at);
        let made = match found.kind {
            Kind::Project => {
                diesel::update(task.filter(tasks::project_id.is_null()))
                    .set((tasks::project_id.eq(found.target), time))
                    .execute(self.connection)
                    .await?
            }
            Kind::Task => {
                diesel::update(task.filter(tasks::parent_id.is_null()))
                    .set((tasks::parent_id.eq(found.target), time))
                    .execute(self.connection)
                    .await?
            }
            Kind::Tag => {
                diesel::update(task).set(time).execute(self.connection).await?;
                let link = (task_tags::task_id.eq(found.task), task_tags::tag_id.eq(found.target));
                diesel::insert_into(task_tags::table)
                    .values(link)
                    .on_conflict_do_nothing()
                    .execute(self.connection)
                    .await?;
                1
            }
        };
        Ok(made > 0)
    }

    async fn version(&mut self, task: Uuid) -> QueryResult<i32> {
        tasks::table.find(task).select(tasks::version).first(self.connection).await
    }

    /// The link is settled. Where the task was as it was imported, it still counts as that.
    async fn forget(&mut self, found: &Found, before: i32) -> Result<()> {
        let kind: Label<sql_types::RecordType> = label(found.kind);
        let settled = missing_links::table
            .filter(missing_links::source.eq(self.source))
            .filter(missing_links::external_id.eq(&found.external_id))
            .filter(missing_links::record_type.eq(kind))
            .filter(missing_links::target.eq(&found.page));
        diesel::delete(settled).execute(self.connection).await?;
        let after = self.version(found.task).await?;
        let unchanged = external_refs::table
            .filter(external_refs::source.eq(self.source))
            .filter(external_refs::external_id.eq(&found.external_id))
            .filter(external_refs::imported_version.eq(before));
        diesel::update(unchanged)
            .set(external_refs::imported_version.eq(after))
            .execute(self.connection)
            .await?;
        Ok(())
    }

    /// The task stands alone: where a later file gives it the parent again, that is tried again.
    async fn note_refused(&mut self, found: &Found) -> Result<()> {
        let reference = external_refs::table.find((self.source, &found.external_id));
        let kept = reference.select(external_refs::decisions);
        let kept: Option<String> = kept.first(self.connection).await?;
        let decided = Decided::read(kept.as_deref()).map(Decided::without_parent);
        diesel::update(reference)
            .set(external_refs::decisions.eq(decided.map(|decided| String::from(decided.json()))))
            .execute(self.connection)
            .await?;
        Ok(())
    }

    fn report_link(
        &mut self,
        found: &Found,
        severity: Severity,
        code: &'static str,
        reason: String,
    ) {
        let finding = Finding::new(severity, Kind::Task, &found.external_id, code, reason);
        self.loaded.findings.push(finding.at(&found.kind.to_string(), ""));
    }
}
