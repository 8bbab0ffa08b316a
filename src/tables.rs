//! The tables of the database as Diesel sees them, in the form that `diesel print-schema` gives;
//! a test compares them with the migrated database. Never edited without a migration.

/// The enum types of the database.
pub mod sql_types {
    /// `task_status`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "task_status"))]
    pub struct TaskStatus;

    /// `task_priority`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "task_priority"))]
    pub struct TaskPriority;

    /// `energy_level`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "energy_level"))]
    pub struct EnergyLevel;

    /// `time_estimate`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "time_estimate"))]
    pub struct TimeEstimate;

    /// `project_status`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "project_status"))]
    pub struct ProjectStatus;

    /// `record_type`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "record_type"))]
    pub struct RecordType;

    /// `change_op`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "change_op"))]
    pub struct ChangeOp;

    /// `import_state`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "import_state"))]
    pub struct ImportState;

    /// `comparison_kind`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "comparison_kind"))]
    pub struct ComparisonKind;

    /// `token_scope`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "token_scope"))]
    pub struct TokenScope;

    /// `weekday`
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "weekday"))]
    pub struct Weekday;

    /// `tsvector`: words with their places and weights.
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsvector"))]
    pub struct Tsvector;

    /// `xid8`: a transaction id that never wraps.
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(oid = 5069, array_oid = 271))]
    pub struct Xid8;

    /// `pg_snapshot`: which transactions are visible.
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(oid = 5038, array_oid = 5039))]
    pub struct PgSnapshot;
}

diesel::table! {
    use diesel::sql_types::{Date, Int4, Nullable, Text, Timestamptz, Uuid};
    use super::sql_types::{EnergyLevel, TaskPriority, TaskStatus, TimeEstimate, Xid8};

    /// One thing to do.
    tasks (id) {
        id -> Uuid,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        trashed_with -> Nullable<Uuid>,
        title -> Text,
        description -> Nullable<Text>,
        status -> TaskStatus,
        priority -> TaskPriority,
        due_date -> Nullable<Date>,
        due_at -> Nullable<Timestamptz>,
        scheduled_date -> Nullable<Date>,
        snoozed_until -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        energy -> Nullable<EnergyLevel>,
        time_estimate -> Nullable<TimeEstimate>,
        source -> Nullable<Text>,
        position -> Text,
        project_id -> Nullable<Uuid>,
        parent_id -> Nullable<Uuid>,
        changed_in -> Xid8,
    }
}

diesel::table! {
    use diesel::sql_types::{Int4, Nullable, Text, Timestamptz, Uuid};
    use super::sql_types::{ProjectStatus, Xid8};

    /// A container of tasks.
    projects (id) {
        id -> Uuid,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        title -> Text,
        description -> Nullable<Text>,
        status -> ProjectStatus,
        color -> Nullable<Text>,
        icon -> Nullable<Text>,
        changed_in -> Xid8,
        sort_title -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Int4, Nullable, Text, Timestamptz, Uuid};
    use super::sql_types::Xid8;

    /// A word put on tasks.
    tags (id) {
        id -> Uuid,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        name -> Text,
        key -> Text,
        prefix -> Nullable<Text>,
        label -> Text,
        color -> Nullable<Text>,
        changed_in -> Xid8,
        sort_name -> Text,
    }
}

diesel::table! {
    /// Which tag is on which task.
    task_tags (task_id, tag_id) {
        task_id -> Uuid,
        tag_id -> Uuid,
        task_live -> Bool,
        task_open -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Array, Int4, Int8, Text, Timestamptz, Uuid};
    use super::sql_types::{ChangeOp, RecordType, Xid8};

    /// The change feed.
    changes (seq) {
        seq -> Int8,
        xid -> Xid8,
        record_type -> RecordType,
        record_id -> Uuid,
        version -> Int4,
        fields -> Array<Text>,
        op -> ChangeOp,
        at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Bytea, Int4, Nullable, Text, Timestamptz, Uuid};
    use super::sql_types::RecordType;

    /// Where an imported record came from, and the whole original.
    external_refs (source, external_id) {
        source -> Text,
        external_id -> Text,
        record_type -> RecordType,
        record_id -> Uuid,
        url -> Nullable<Text>,
        original -> Bytea,
        original_hash -> Bytea,
        imported_at -> Timestamptz,
        imported_version -> Int4,
        reading_hash -> Nullable<Bytea>,
        decisions -> Nullable<Text>,
        is_settled -> Bool,
        edited_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::sql_types::RecordType;

    /// Links of imported tasks to records that were not there.
    missing_links (source, external_id, record_type, target) {
        source -> Text,
        external_id -> Text,
        record_type -> RecordType,
        target -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Int4, Text, Timestamptz};
    use super::sql_types::ComparisonKind;

    /// Comparisons of what is kept elsewhere with what is here.
    comparisons (id) {
        id -> Int4,
        kind -> ComparisonKind,
        source -> Text,
        started_at -> Timestamptz,
        finished_at -> Timestamptz,
        differing -> Int4,
        outstanding -> Int4,
    }
}

diesel::table! {
    use diesel::sql_types::{Text, Timestamptz};
    use super::sql_types::RecordType;

    /// The properties that imports understood.
    known_properties (source, record_type, property_id) {
        source -> Text,
        record_type -> RecordType,
        property_id -> Text,
        name -> Text,
        understood_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::{Array, Bytea, Int4, Nullable, Text, Timestamptz};
    use super::sql_types::ImportState;

    /// The imports that there were.
    import_runs (id) {
        id -> Int4,
        source -> Text,
        files -> Array<Text>,
        digest -> Bytea,
        state -> ImportState,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        created -> Int4,
        updated -> Int4,
        unchanged -> Int4,
        kept -> Int4,
        rejected -> Int4,
        tags_by_name -> Int4,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Int4, Jsonb, Nullable, Text, Uuid};
    use super::sql_types::RecordType;

    /// What each import wrote, and what was there before.
    import_writes (run_id, external_id) {
        run_id -> Int4,
        external_id -> Text,
        record_type -> RecordType,
        record_id -> Uuid,
        is_new -> Bool,
        version -> Int4,
        before -> Nullable<Jsonb>,
    }
}

diesel::table! {
    use diesel::sql_types::{Array, Bytea, Json, Nullable, Text, Timestamptz, Uuid};
    use super::sql_types::Xid8;

    /// What came of writes that may be sent again.
    outcomes (key, scope) {
        key -> Uuid,
        scope -> Text,
        mutation -> Text,
        input_hash -> Bytea,
        record_ids -> Array<Uuid>,
        merged_fields -> Array<Text>,
        conflicting_fields -> Array<Text>,
        at -> Timestamptz,
        done_in -> Xid8,
        recognised -> Nullable<Json>,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Nullable, Text, Uuid};
    use super::sql_types::{PgSnapshot, Weekday, Xid8};

    /// The owner's settings and the feed's identity: one row.
    settings (singleton) {
        singleton -> Bool,
        time_zone -> Text,
        week_start -> Weekday,
        feed_id -> Uuid,
        written_in -> Xid8,
        feed_pruned -> Nullable<PgSnapshot>,
        home -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Array, Bytea, Nullable, Text, Timestamptz, Uuid};
    use super::sql_types::TokenScope;

    /// Who may ask; only the hash of a token is kept.
    tokens (id) {
        id -> Uuid,
        name -> Text,
        hash -> Bytea,
        scopes -> Array<TokenScope>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Text, Uuid};
    use super::sql_types::{RecordType, Tsvector};

    /// What each record is found by; triggers keep it.
    search_documents (record_id, record_type) {
        record_type -> RecordType,
        record_id -> Uuid,
        live -> Bool,
        name -> Text,
        words -> Tsvector,
    }
}

diesel::joinable!(import_writes -> import_runs (run_id));
diesel::joinable!(task_tags -> tags (tag_id));
diesel::joinable!(task_tags -> tasks (task_id));
diesel::joinable!(tasks -> projects (project_id));

diesel::allow_tables_to_appear_in_same_query!(
    changes,
    comparisons,
    external_refs,
    import_runs,
    import_writes,
    known_properties,
    missing_links,
    outcomes,
    projects,
    search_documents,
    settings,
    tags,
    task_tags,
    tasks,
    tokens,
);
