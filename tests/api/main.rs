//! What the program does, seen from outside: one binary, one module for each topic.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod alone;
mod app;
mod backup;
mod batch;
mod catalog;
mod cli;
mod compare;
mod compare_settled;
mod connections;
mod cutover;
mod database;
mod devices;
mod embedded;
mod errors;
mod export;
mod export_faults;
mod export_import;
mod export_stopped;
mod feed;
mod fold;
mod golden;
mod golden_reports;
mod guards;
mod hostile;
mod http;
mod http_client;
mod import_again;
mod import_api;
mod import_behind;
mod import_damaged;
mod import_decided;
mod import_interrupted;
mod import_later;
mod import_mapping;
mod import_mongo;
mod import_notion;
mod import_order;
mod import_prisma;
mod import_refused;
mod import_renamed;
mod import_rules;
mod import_same;
mod import_sqlite;
mod import_status;
mod import_tables;
mod import_workspace;
mod indexes;
mod interleaved;
mod large;
mod large_import;
mod layers;
mod leaving;
mod links;
mod live;
mod many;
mod merge;
mod merge_tags;
mod migrations;
mod moving;
mod notion;
mod oracle;
mod pages;
mod plans;
mod program;
mod push;
mod quick_add;
mod readme;
mod replay;
mod rollback;
mod schema;
mod search;
mod settings;
mod snooze;
mod tag;
mod tap;
mod task;
mod tokens;
mod triggers;
mod upkeep;
mod verify;
mod verify_tables;
mod wire;
