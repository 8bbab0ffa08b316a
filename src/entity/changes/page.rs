//! The SQL of one page of the feed: which records it holds, and in which snapshot.

use super::Wanted;
use crate::feed::cursor::{Place, Snapshot, Xid};
use crate::feed::{
    RecordType, pg_current_snapshot, pg_snapshot_xmax, pg_visible_in_snapshot, settled_snapshot,
    snapshot_covers,
};
use crate::query::enumeration::literally_one_of;
use crate::query::expr::{Cond, Expr, Sql, all, always};
use crate::query::page::limit;
use crate::query::plan::{Boxed, Child, Json, push_slots};
use crate::tables::sql_types::{PgSnapshot, Xid8};
use crate::tables::{changes, projects, settings, tags, tasks};
use diesel::dsl::{AsExprOf, exists, not};
use diesel::expression::{AppearsOnTable, TypedExpressionType, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{BigInt, Bool, Nullable};
use std::sync::Arc;
use uuid::Uuid;

diesel::table! {
    use diesel::sql_types::{Bool, Int8, Uuid};
    use crate::tables::sql_types::{PgSnapshot, Xid8};

    /// On what the page stands: one row, made by its statement.
    ground (feed) {
        /// The feed's id.
        feed -> Uuid,
        /// The snapshot that the client knows.
        known -> PgSnapshot,
        /// The snapshot that the pages of the answer share.
        target -> PgSnapshot,
        /// The change where the page before ended.
        xid -> Xid8,
        /// Its number.
        seq -> Int8,
        /// Whether the cursor is of no use any more.
        reset -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Int4, Int8, Nullable, Timestamptz, Uuid};
    use crate::tables::sql_types::{RecordType, Xid8};

    /// The records of the page, made by its statement.
    taken (id) {
        /// The record.
        id -> Uuid,
        /// Its kind.
        kind -> RecordType,
        /// The change that the page is about.
        xid -> Xid8,
        /// Its number.
        seq -> Int8,
        /// The version after it.
        version -> Int4,
        /// When it was.
        at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(ground, changes);

/// A page: the records in it, and what else its answer says.
pub(super) struct Page {
    ground: Sql,
    rows: Sql,
    words: &'static Words,
    limit: u32,
    first: i64,
    /// Whether more has changed since a target of before.
    newer: Option<Sql>,
    children: Vec<Child>,
}

/// What tells the two sorts of pages apart.
struct Words {
    /// The columns of its rows.
    columns: &'static str,
    order: &'static str,
    /// The name and the key of its last row, where the answer goes on behind it.
    last: &'static str,
    key: &'static str,
}

const OF_CHANGES: Words = Words {
    columns: "id, kind, xid, seq, version, at",
    order: "xid, seq",
    last: "change",
    key: "xid, seq",
};

const OF_RECORDS: Words =
    Words { columns: "id, kind", order: "kind DESC, id", last: "record", key: "kind, id" };

impl Page {
    pub(super) fn new(wanted: &Wanted, children: Vec<Child>) -> Self {
        // There is always a limit above the largest page.
        let limit = limit(wanted.first).unwrap_or(wanted.first + 1);
        let place = wanted.place();
        let (rows, words): (Sql, _) = match place {
            None => (Arc::new(Live::of(wanted, None, limit)), &OF_RECORDS),
            Some(Place::Loading { last, .. }) => {
                (Arc::new(Live::of(wanted, Some(*last), limit)), &OF_RECORDS)
            }
            Some(Place::Since(_) | Place::Within { .. }) => (changed(wanted), &OF_CHANGES),
        };
        let newer = place.and_then(Place::target).map(|target| newer(wanted, target));
        let (ground, first) = (ground(wanted), i64::from(wanted.first));
        Self { ground, rows, words, limit, first, newer, children }
    }

    /// The JSON of the page, which may bring so many records.
    pub(super) fn json(self, cost: u64) -> Json {
        Json::Other(Boxed(Arc::new(self)), cost)
    }
}

impl QueryFragment<Pg> for Page {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Words { columns, order, last, key } = self.words;
        out.push_sql("(WITH ground (feed, known, target, xid, seq, reset) AS MATERIALIZED (");
        self.ground.walk_ast(out.reborrow())?;
        out.push_sql(&format!(
            "), page ({columns}, n) AS MATERIALIZED (SELECT *, row_number() OVER (ORDER BY {order}) FROM ("
        ));
        self.rows.walk_ast(out.reborrow())?;
        out.push_sql(&format!(
            " ORDER BY {order} LIMIT {}) AS found ({columns})), \
            taken AS MATERIALIZED (SELECT * FROM page WHERE n <= ",
            self.limit
        ));
        out.push_bind_param::<BigInt, _>(&self.first)?;
        out.push_sql(") SELECT json_build_object('feed', feed, 'target', target, 'reset', reset, ");
        out.push_sql("'found', (SELECT count(*) FROM page)");
        out.push_sql(&format!(", '{last}', (SELECT json_build_array({key}) FROM page WHERE n = "));
        out.push_bind_param::<BigInt, _>(&self.first)?;
        out.push_sql(")");
        if let Some(newer) = &self.newer {
            out.push_sql(", 'newer', ");
            newer.walk_ast(out.reborrow())?;
        }
        out.push_sql(", 'slots', ");
        push_slots(&self.children, &mut out)?;
        out.push_sql(") FROM ground)");
        Ok(())
    }
}

/// On what the page stands. What the cursor says is looked up here instead of being sent to each place:
/// the planner cannot see it then, and plans once for all cursors.
fn ground(wanted: &Wanted) -> Sql {
    let nothing = (Xid::default(), -1);
    let Some(cursor) = &wanted.since else {
        // Who loads everything knows nothing, and nobody asks for that: its place is filled at no cost.
        let now = (settings::feed_id, pg_current_snapshot(), settled_snapshot());
        let reset = Said(false.into_sql::<Bool>(), "::boolean");
        return Arc::new(settings::table.select((now, after(nothing), reset)));
    };
    let said =
        |snapshot: &Snapshot| Said(snapshot.clone().into_sql::<PgSnapshot>(), "::pg_snapshot");
    let base = || said(cursor.place.base());
    // Of another feed, of a time that this server has not reached, or older than what is kept.
    let lost: Cond<settings::table> = Expr::of(
        settings::feed_id
            .ne(cursor.feed)
            .or(pg_snapshot_xmax(pg_current_snapshot()).lt(cursor.place.newest()))
            .nullable()
            .or(not(snapshot_covers(base(), settings::feed_pruned))),
    );
    let last = after(match &cursor.place {
        Place::Since(then) => (then.xmin, -1),
        Place::Within { last, .. } => *last,
        Place::Loading { .. } => nothing,
    });
    match cursor.place.target() {
        None => {
            let from = (settings::feed_id, base(), settled_snapshot());
            Arc::new(settings::table.select((from, last, lost.sure())))
        }
        Some(target) => {
            let from = (settings::feed_id, base(), said(target));
            Arc::new(settings::table.select((from, last, lost.sure())))
        }
    }
}

/// A change as two columns.
fn after((xid, seq): (Xid, i64)) -> (SaidAs<Xid, Xid8>, SaidAs<i64, BigInt>) {
    (Said(xid.into_sql::<Xid8>(), "::xid8"), Said(seq.into_sql::<BigInt>(), "::bigint"))
}

type SaidAs<V, ST> = Said<AsExprOf<V, ST>>;

/// A value whose type is said: in a list of columns nothing else tells it.
#[derive(Clone, Copy, Debug, diesel::query_builder::QueryId)]
struct Said<E>(E, &'static str);

impl<E: Expression> Expression for Said<E>
where
    E::SqlType: TypedExpressionType,
{
    type SqlType = E::SqlType;
}
impl<E: AppearsOnTable<T>, T> AppearsOnTable<T> for Said<E> where E::SqlType: TypedExpressionType {}
impl<E: AppearsOnTable<T>, T> SelectableExpression<T> for Said<E> where
    E::SqlType: TypedExpressionType
{
}
impl<E, G> ValidGrouping<G> for Said<E> {
    type IsAggregate = is_aggregate::Never;
}
impl<E: QueryFragment<Pg>> QueryFragment<Pg> for Said<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(self.1);
        Ok(())
    }
}

/// The snapshot that the client knows.
#[diesel::dsl::auto_type(no_type_alias)]
fn known() -> _ {
    ground::table.select(ground::known).single_value()
}

/// The snapshot that the answer's pages share.
#[diesel::dsl::auto_type(no_type_alias)]
fn target() -> _ {
    ground::table.select(ground::target).single_value()
}

/// Changes that the target sees and the client does not know, of each record the last; after the change
/// where the page before ended.
fn changed(wanted: &Wanted) -> Sql {
    diesel::alias!(changes as later: Later);
    // Transactions of one record follow each other as its locks let them, and so do these numbers; those
    // of the transactions do not.
    let later_ones = later
        .filter(later.field(changes::record_id).eq(changes::record_id))
        .filter(later.field(changes::record_type).eq(changes::record_type))
        .filter(later.field(changes::seq).gt(changes::seq))
        .filter(not(pg_visible_in_snapshot(later.field(changes::xid), known())))
        .filter(pg_visible_in_snapshot(later.field(changes::xid), target()));
    let condition: Cond<changes::table> = all(vec![
        Expr::of(ground::table.select(not(ground::reset)).single_value()),
        Expr::trusted(Arc::new(After)),
        Expr::of(not(pg_visible_in_snapshot(changes::xid, known()))),
        Expr::of(pg_visible_in_snapshot(changes::xid, target())),
        of_types(wanted),
        Expr::of(not(exists(later_ones))),
    ]);
    let columns = (
        (changes::record_id, changes::record_type),
        (changes::xid, changes::seq, changes::version, changes::at),
    );
    Arc::new(changes::table.filter(condition).select(columns))
}

/// Whether anything changed since the target of an answer that began a while ago: the first change in
/// the order of the index, for where there is none the whole table would be read else.
fn newer(wanted: &Wanted, target: &Snapshot) -> Sql {
    let unseen = target.clone().into_sql::<Nullable<PgSnapshot>>();
    let since = changes::table
        .filter(changes::xid.ge(target.xmin))
        .filter(not(pg_visible_in_snapshot(changes::xid, unseen)))
        .filter(of_types(wanted));
    let first = since.order((changes::xid, changes::seq)).select(true.into_sql::<Bool>());
    Arc::new(first.single_value())
}

/// Changes of the kinds that are wanted.
fn of_types(wanted: &Wanted) -> Cond<changes::table> {
    if wanted.types == RecordType::ALL {
        return always();
    }
    literally_one_of(&Expr::of(changes::record_type), wanted.types.iter().copied())
}

/// Behind the last change of the page before: a row comparison, from which an index starts.
struct After;

impl QueryFragment<Pg> for After {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(");
        changes::xid.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        changes::seq.walk_ast(out.reborrow())?;
        out.push_sql(") > (SELECT xid, seq FROM ground)");
        Ok(())
    }
}

/// The ids of live records of several kinds, each of them in the order of its ids.
struct Live {
    kinds: Vec<Sql>,
    limit: u32,
    /// Whether it goes on behind a page: one whose cursor is of no use brings nothing.
    goes_on: bool,
}

impl Live {
    /// Those that are wanted, behind the last one of the page before.
    fn of(wanted: &Wanted, last: Option<(RecordType, Uuid)>, limit: u32) -> Self {
        let kinds = wanted.types.iter().copied().filter_map(|kind| {
            let after = match last {
                Some((done, _)) if kind > done => return None,
                Some((at, id)) if kind == at => Some(id),
                _ => None,
            };
            Some(Self::ids(kind, after))
        });
        Self { kinds: kinds.collect(), limit, goes_on: last.is_some() }
    }

    fn ids(kind: RecordType, after: Option<Uuid>) -> Sql {
        /// The same three lines for each table.
        macro_rules! ids {
            ($table:ident) => {{
                let after = after.map_or_else(always, |id| Expr::of($table::id.gt(id)));
                let live: Cond<$table::table> = Expr::of($table::deleted_at.is_null());
                let kind = Kind(kind);
                Arc::new($table::table.filter(all(vec![live, after])).select(($table::id, kind)))
            }};
        }
        match kind {
            RecordType::Task => ids!(tasks),
            RecordType::Project => ids!(projects),
            RecordType::Tag => ids!(tags),
        }
    }
}

impl QueryFragment<Pg> for Live {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT * FROM (");
        for (index, ids) in self.kinds.iter().enumerate() {
            out.push_sql(if index == 0 { "(" } else { " UNION ALL (" });
            ids.walk_ast(out.reborrow())?;
            out.push_sql(&format!(" ORDER BY id LIMIT {})", self.limit));
        }
        out.push_sql(") AS live (id, kind)");
        if self.goes_on {
            out.push_sql(" WHERE NOT (SELECT reset FROM ground)");
        }
        Ok(())
    }
}

/// `ANY (the ids of the page's records of a kind)`: an index finds them, however few or many they are.
pub(super) fn records<T>(kind: RecordType) -> Expr<T, Nullable<diesel::sql_types::Uuid>> {
    let ids = taken::table.filter(taken::kind.eq(Kind(kind))).select(taken::id);
    Expr::trusted(Arc::new(Any(ids)))
}

struct Any<Q>(Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Any<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("ANY(ARRAY(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql("))");
        Ok(())
    }
}

/// The kind of a record, written into the statement.
#[derive(Clone, Copy, Debug, diesel::query_builder::QueryId)]
pub(super) struct Kind(pub(super) RecordType);

impl Expression for Kind {
    type SqlType = crate::tables::sql_types::RecordType;
}
impl<T> AppearsOnTable<T> for Kind {}
impl<T> SelectableExpression<T> for Kind {}
impl<G> ValidGrouping<G> for Kind {
    type IsAggregate = is_aggregate::Never;
}
impl QueryFragment<Pg> for Kind {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&format!("'{}'::record_type", self.0.label()));
        Ok(())
    }
}
