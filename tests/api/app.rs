//! The API in this process, on a database of its own and with a clock that stands still.

use crate::database::TestDatabase;
use crate::tap::Tap;
use async_graphql::{Request, Response, Variables};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::Arc;
use tomos::clock::Clock;
use tomos::graphql::{Api, Following};
use tomos::upkeep::Keep;
use tomos::viewer::{Scope, Viewer};

/// Now, in every test that does not say otherwise: a Tuesday, half past five in the afternoon in Sydney.
pub(crate) const NOW: &str = "2026-01-20T06:30:00Z";

fn request(document: &str, variables: Value) -> Request {
    Request::new(document).variables(Variables::from_json(variables))
}

fn viewer(zone: &str) -> Viewer {
    Viewer {
        token_name: "test".to_owned(),
        scopes: vec![Scope::Read, Scope::Write],
        named_zone: Some(zone.parse().unwrap()),
        owner_zone: chrono_tz::Tz::UTC,
        week_start: chrono::Weekday::Mon,
    }
}

/// The API on a database of its own.
pub(crate) struct App {
    pub(crate) tap: Tap,
    pub(crate) clock: Clock,
    pub(crate) database: Arc<TestDatabase>,
    api: Api,
}

impl App {
    /// On one connection, so that what is sent can be read in order.
    pub(crate) fn new() -> Self {
        Self::with_connections(1)
    }

    pub(crate) fn with_connections(connections: usize) -> Self {
        Self::on(Arc::new(TestDatabase::new()), connections)
    }

    /// On new connections to the same database.
    pub(crate) fn again(&self) -> Self {
        Self::on(Arc::clone(&self.database), 1)
    }

    fn on(database: Arc<TestDatabase>, connections: usize) -> Self {
        let tap = Tap::before(&database.url);
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let clock = Clock::fixed(now);
        let pool = tomos::db::pool(&tap.url, connections).unwrap();
        Self { tap, clock: clock.clone(), database, api: Api::new(pool, clock, Keep::default()) }
    }

    /// Runs SQL beside the API.
    pub(crate) async fn sql(&self, sql: &str) {
        let (client, connection) =
            tokio_postgres::connect(&self.database.url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    }

    /// The whole response to a document, asked in UTC.
    pub(crate) async fn respond(&self, document: &str, variables: Value) -> Value {
        self.respond_in("UTC", document, variables).await
    }

    /// The whole response to a document, asked in a zone.
    pub(crate) async fn respond_in(&self, zone: &str, document: &str, variables: Value) -> Value {
        serde_json::to_value(self.answer(zone, document, variables).await).unwrap()
    }

    /// The response to a request that names no zone, of an owner with these settings.
    pub(crate) async fn respond_to_owner(
        &self,
        owner_zone: &str,
        week_start: chrono::Weekday,
        document: &str,
    ) -> Value {
        let owner_zone = owner_zone.parse().unwrap();
        let viewer = Viewer { named_zone: None, owner_zone, week_start, ..viewer("UTC") };
        let response = self.api.answer(request(document, json!({})), viewer).await;
        serde_json::to_value(response).unwrap()
    }

    /// The response as it is written.
    pub(crate) async fn respond_as_text(&self, document: &str) -> String {
        serde_json::to_string(&self.answer("UTC", document, json!({})).await).unwrap()
    }

    async fn answer(&self, zone: &str, document: &str, variables: Value) -> Response {
        self.api.answer(request(document, variables), viewer(zone)).await
    }

    /// Has subscriptions told of what is committed, as long as the test runs.
    pub(crate) fn keep_telling(&self) {
        self.keep_telling_over(&self.database.url);
    }

    /// The same, where the database is listened to at this URL.
    pub(crate) fn keep_telling_over(&self, url: &str) {
        tokio::spawn(self.api.keep_telling(url.into()));
    }

    /// A subscription, with what it begins with; or the errors that refuse it.
    pub(crate) async fn subscribe(
        &self,
        zone: &'static str,
        document: &str,
        variables: Value,
    ) -> Result<(Option<Arc<str>>, Following), Response> {
        self.subscribe_in(move || zone, document, variables).await
    }

    /// The same, in a zone that may become another.
    pub(crate) async fn subscribe_in(
        &self,
        zone: impl Fn() -> &'static str + Send + Sync + 'static,
        document: &str,
        variables: Value,
    ) -> Result<(Option<Arc<str>>, Following), Response> {
        let asker = Box::new(move || Ok(viewer(zone())));
        self.api.subscribe(&request(document, variables), asker).await
    }

    /// The payload of a mutation with this input, `fields` selected of it.
    pub(crate) async fn mutate(&self, mutation: &str, input: Value, fields: &str) -> Value {
        let refers = ["complete", "reopen", "delete", "restore"];
        let kind = if refers.iter().any(|verb| mutation.starts_with(verb)) {
            "RecordRef".to_owned()
        } else {
            let (first, rest) = mutation.split_at(1);
            format!("{}{rest}Input", first.to_uppercase())
        };
        let document =
            format!("mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {fields} }} }}");
        let mut response = self.respond(&document, json!({ "input": input })).await;
        assert_eq!(response.get("errors"), None, "{document}");
        response["data"][mutation].take()
    }

    /// The data that answers a document; a top-level error fails the test.
    pub(crate) async fn query(&self, document: &str) -> Value {
        let mut response = self.respond(document, json!({})).await;
        assert_eq!(response.get("errors"), None, "{document}");
        response["data"].take()
    }
}
