//! Subscriptions: what is committed is heard, by all, in order, without a gap.

mod client;
mod feed;
mod list;
mod parts;
mod pooled;
mod socket;

use crate::app::App;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tomos::graphql::Following;

/// How long is waited for what has to come.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A subscriber, with what it has heard and not taken yet.
pub(crate) struct Subscriber {
    heard: VecDeque<Arc<str>>,
    following: Following,
}

impl Subscriber {
    pub(crate) async fn new(app: &App, document: &str, variables: Value) -> Self {
        Self::in_zone(app, "UTC", document, variables).await
    }

    async fn in_zone(app: &App, zone: &'static str, document: &str, variables: Value) -> Self {
        Self::begun(app.subscribe(zone, document, variables).await)
    }

    fn begun(begun: Result<(Option<Arc<str>>, Following), async_graphql::Response>) -> Self {
        let (first, following) = begun.unwrap_or_else(|refused| panic!("{:?}", refused.errors));
        Self { heard: first.into_iter().collect(), following }
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Value {
        let text = if let Some(text) = self.heard.pop_front() {
            text
        } else {
            let next = tokio::time::timeout(PATIENCE, self.following.next()).await;
            next.expect("an event").expect("no end").expect("no error")
        };
        let event: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(event.get("errors"), None, "{event}");
        event["data"].as_object().unwrap().values().next().unwrap().clone()
    }
}

/// The errors with which a subscription is refused.
async fn refused(app: &App, document: &str, variables: Value) -> Value {
    let refused = app.subscribe("UTC", document, variables).await.unwrap_err();
    json!(refused.errors)
}
