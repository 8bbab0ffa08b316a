//! The declaration of an entity's fields: one line each, from which resolver, plan and SDL follow.

/// Declares how an entity is planned and resolved.
///
/// - `kept`: the columns that are fetched even where they are not selected;
/// - `one`, `many`, `pages`: relations, each by its [link](crate::query::link::Link);
/// - `values`: an expression beside the row's columns, of the moment;
/// - `planned`: whatever else the statement brings, as a plan;
/// - `fields`: resolvers that need the row alone.
macro_rules! entity {
    (
        $entity:ident in $table:ident, filter $filter:ident, order $order:ident {
            kept { $($kept:ident),+ }
            one { $( $(#[$one_meta:meta])* $one:ident: $one_type:ident by $one_link:expr, )* }
            many { $( $(#[$many_meta:meta])* $many:ident: $many_type:ident by $many_link:expr, )* }
            pages { $( $(#[$page_meta:meta])* $page:ident: $page_type:ident by $page_link:expr, )* }
            values { $( $(#[$value_meta:meta])* $value:ident: $value_type:ty = |$value_at:pat_param| $value_of:expr, )* }
            planned { $( $(#[$plan_meta:meta])* $planned:ident: $plan_type:ty = |$plan_parent:pat_param, $plan_field:pat_param, $plan_at:pat_param| $plan:expr, )* }
            fields { $($fields:tt)* }
        }
    ) => {
        impl $crate::query::entity::Entity for $entity {
            type Table = $table::table;
            type Filter = $filter;
            type Order = $order;
            const NAME: &'static str = stringify!($entity);
            const KEPT: &'static [&'static str] = &[$(stringify!($kept)),+];

            fn rows() -> $crate::query::plan::Rows<$table::table> {
                let columns = <Self as diesel::Selectable<diesel::pg::Pg>>::construct_selection();
                $crate::query::plan::Rows::new(
                    std::sync::Arc::new(columns),
                    std::sync::Arc::new($table::table),
                )
            }

            fn scoped(
                scope: $crate::query::entity::RecordScope,
            ) -> $crate::query::expr::Cond<$table::table> {
                use diesel::ExpressionMethods as _;
                use $crate::query::{entity::RecordScope, expr};
                match scope {
                    RecordScope::Live => expr::Expr::of($table::deleted_at.is_null()),
                    RecordScope::Trash => expr::Expr::of($table::deleted_at.is_not_null()),
                    RecordScope::All => expr::all(Vec::new()),
                }
            }

            fn with_id(
                id: $crate::query::expr::Expr<$table::table, diesel::sql_types::Nullable<diesel::sql_types::Uuid>>,
            ) -> $crate::query::expr::Cond<$table::table> {
                use diesel::{ExpressionMethods as _, NullableExpressionMethods as _};
                $crate::query::expr::Expr::of($table::id.nullable().eq(id))
            }

            fn sorting(
                keys: Vec<$crate::query::order::Sort<$table::table>>,
            ) -> $crate::query::order::Sorting<$table::table> {
                $crate::query::order::Sorting::new(keys, $table::id)
            }

            fn plan(
                field: &$crate::query::selection::Field,
                parent: &mut $crate::query::plan::Parent<$table::table>,
                moment: &$crate::moment::Moment,
            ) -> $crate::error::Result<Option<$crate::query::plan::Json>> {
                #[expect(unused_imports, reason = "not every entity has every kind of field")]
                use $crate::query::{entity::Entity as _, order::Order as _, plan::Json};
                let json = match field.name.as_str() {
                    $( stringify!($one) => {
                        let rows = $one_type::rows().filter($one_link.of(parent));
                        Json::One($one_type::record(rows, &field.sub, parent.inside(), moment)?)
                    } )*
                    $( stringify!($many) => {
                        $crate::query::page_lists::list::<_, $many_type>(&$many_link, field, parent, moment)?
                    } )*
                    $( stringify!($page) => {
                        let rows = $page_type::rows().filter($page_link.of(parent));
                        $page_type::page(field, rows, parent.inside(), moment)?
                    } )*
                    $( stringify!($value) => {
                        let $value_at = moment;
                        parent.value(field.slot, &$crate::query::expr::Expr::of($value_of))
                    } )*
                    $( stringify!($planned) => {
                        let ($plan_parent, $plan_field, $plan_at) = (&mut *parent, field, moment);
                        $plan
                    } )*
                    _ => return Ok(None),
                };
                Ok(Some(json))
            }
        }

        impl $crate::query::page_lists::Row for $entity {
            fn slots(&mut self) -> &mut $crate::query::statement::Slots {
                &mut self.slots
            }
        }

        #[async_graphql::ComplexObject]
        impl $entity {
            $( $(#[$one_meta])*
            async fn $one(&self, ctx: &async_graphql::Context<'_>) -> $crate::error::Result<Option<$one_type>> {
                self.slots.at(ctx)
            } )*
            $( $(#[$many_meta])*
            async fn $many(&self, ctx: &async_graphql::Context<'_>) -> $crate::error::Result<Vec<$many_type>> {
                self.slots.at(ctx)
            } )*
            $( $(#[$page_meta])*
            #[expect(clippy::too_many_arguments, reason = "GraphQL has no arguments by name and type")]
            async fn $page(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "Which ones; all where it is absent.")]
                filter: Option<<$page_type as $crate::query::entity::Entity>::Filter>,
                #[graphql(desc = "In which order, the first key first; ties are broken by id.")]
                order_by: Option<Vec<<$page_type as $crate::query::entity::Entity>::Order>>,
                #[graphql(desc = "How many from the start, or after the cursor: 50 unless said, 500 at most.")]
                first: Option<i32>,
                #[graphql(desc = "Only what comes after this cursor.")]
                after: Option<String>,
                #[graphql(desc = "How many from the end, or before the cursor.")]
                last: Option<i32>,
                #[graphql(desc = "Only what comes before this cursor.")]
                before: Option<String>,
            ) -> $crate::error::Result<$crate::query::page::Connection<$page_type>> {
                // The plan has read the arguments; here they only stand in the schema.
                let _ = (filter, order_by, first, after, last, before);
                self.slots.at(ctx)
            } )*
            $( $(#[$value_meta])*
            async fn $value(&self, ctx: &async_graphql::Context<'_>) -> $crate::error::Result<$value_type> {
                self.slots.at(ctx)
            } )*
            $( $(#[$plan_meta])*
            async fn $planned(&self, ctx: &async_graphql::Context<'_>) -> $crate::error::Result<$plan_type> {
                self.slots.at(ctx)
            } )*
            $($fields)*
        }
    };
}
pub(crate) use entity;

/// Declares the orders of an entity: each line is a name and its keys.
///
/// `order! { /// doc` `TaskOrder on tasks { /// doc` `Due = [tasks::due_date, tasks::due_at], } usually Due }`;
/// a line `Relevance = |search| [key]` needs a search in the filter.
macro_rules! order {
    (
        $(#[$meta:meta])* $name:ident on $table:ty {
            $( $(#[$line_meta:meta])* $variant:ident = $(|$search:ident|)? [ $($key:expr),+ ], )+
        } usually $usual:ident
    ) => {
        $(#[$meta])*
        #[derive(async_graphql::OneofObject, Clone, Copy, Debug)]
        pub enum $name {
            $( $(#[$line_meta])* $variant($crate::query::order::SortOrder), )+
        }

        impl $crate::query::order::Order<$table> for $name {
            fn keys(
                self,
                search: Option<&$crate::query::search::Search>,
            ) -> $crate::error::Result<Vec<$crate::query::order::Sort<$table>>> {
                let _ = search;
                Ok(match self {
                    $( Self::$variant(order) => {
                        $( let $search = $crate::query::search::needed(search)?; )?
                        vec![ $( $crate::query::order::Sort::by(stringify!($variant), $key, order), )+ ]
                    } )+
                })
            }

            fn usual() -> $crate::error::Result<Vec<$crate::query::order::Sort<$table>>> {
                Self::$usual($crate::query::order::SortOrder::Asc).keys(None)
            }
        }
    };
}
pub(crate) use order;

/// Declares the root fields of an entity: one record by its id, and the list of them.
macro_rules! roots {
    ($entity:ident in $query:ident { $(#[$one_meta:meta])* $one:ident, $(#[$list_meta:meta])* $list:ident }) => {
        /// The root fields of this entity.
        #[derive(Debug, Default)]
        pub struct $query;

        impl $query {
            /// The plan of a root field of this entity.
            pub(crate) fn plan(
                field: &$crate::query::selection::Field,
                moment: &$crate::moment::Moment,
            ) -> $crate::error::Result<Option<$crate::query::plan::Json>> {
                use $crate::query::{entity::{Entity as _, RecordScope}, plan::Json};
                if field.name == stringify!($one) {
                    let id: $crate::scalar::Id = field.argument("id")?;
                    let rows = $entity::rows().filter($entity::with_id($crate::query::expr::bound(id)));
                    return Ok(Some(Json::One($entity::record(rows, &field.sub, 1, moment)?)));
                }
                if field.name == stringify!($list) {
                    let scope: Option<RecordScope> = field.argument("scope")?;
                    let scope = $entity::scoped(scope.unwrap_or(RecordScope::Live));
                    let rows = $entity::rows().filter(scope);
                    return $entity::page(field, rows, 1, moment).map(Some);
                }
                Ok(None)
            }
        }

        #[async_graphql::Object]
        impl $query {
            $(#[$one_meta])*
            async fn $one(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The id; a record in the trash is found too.")] id: $crate::scalar::Id,
            ) -> Result<Option<$entity>, std::sync::Arc<$crate::error::Error>> {
                let _ = id;
                $crate::query::request::answer(ctx).await
            }

            $(#[$list_meta])*
            #[expect(clippy::too_many_arguments, reason = "GraphQL has no arguments by name and type")]
            async fn $list(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "Which ones; all where it is absent.")]
                filter: Option<<$entity as $crate::query::entity::Entity>::Filter>,
                #[graphql(desc = "In which order, the first key first; ties are broken by id.")]
                order_by: Option<Vec<<$entity as $crate::query::entity::Entity>::Order>>,
                #[graphql(desc = "Live records, those in the trash, or all.", default_with = "crate::query::entity::RecordScope::Live")]
                scope: $crate::query::entity::RecordScope,
                #[graphql(desc = "How many from the start, or after the cursor: 50 unless said, 500 at most.")]
                first: Option<i32>,
                #[graphql(desc = "Only what comes after this cursor.")]
                after: Option<String>,
                #[graphql(desc = "How many from the end, or before the cursor.")]
                last: Option<i32>,
                #[graphql(desc = "Only what comes before this cursor.")]
                before: Option<String>,
            ) -> Result<$crate::query::page::Connection<$entity>, std::sync::Arc<$crate::error::Error>> {
                let _ = (filter, order_by, scope, first, after, last, before);
                $crate::query::request::answer(ctx).await
            }
        }
    };
}
pub(crate) use roots;
