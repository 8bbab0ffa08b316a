//! A hundred thousand tasks, and what the database says of the statements that read them.

use crate::app::App;
use serde_json::Value;

/// An API on 100,000 tasks, 500 projects and 200 tags.
pub(crate) async fn large() -> App {
    let app = App::new();
    app.sql(include_str!("../fixtures/large.sql")).await;
    // Not in one transaction with the rest. While the log of a commit is not written, its pages are not
    // called visible to all, and what an index tells is looked up in them.
    let client = crate::migrations::client(&app.database.url).await;
    let left = "SELECT count(*) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relallvisible < relpages";
    loop {
        client.batch_execute("VACUUM (FREEZE, ANALYZE)").await.unwrap();
        if client.query_one(left, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            return app;
        }
    }
}

impl App {
    /// The same data, where each statement comes with its plan; the settings are the database's.
    pub(crate) async fn explaining(&self, settings: &[&str]) -> Self {
        let name = self.database.url.rsplit('/').next().unwrap();
        let usual = [
            "session_preload_libraries = 'auto_explain'",
            "auto_explain.log_min_duration = 0",
            "client_min_messages = log",
        ];
        for setting in usual.iter().chain(settings) {
            self.sql(&format!("ALTER DATABASE {name} SET {setting}")).await;
        }
        self.again()
    }

    /// The plan of the statement that answers a document, in Sydney.
    pub(crate) async fn explained(&self, document: &str, variables: &Value) -> Explained {
        self.tap.take_notices().await;
        let response = self.respond_in("Australia/Sydney", document, variables.clone()).await;
        assert_eq!(response.get("errors"), None, "{document}");
        let notices = self.tap.take_notices().await;
        let plans = notices.iter().filter_map(|notice| Explained::read(notice));
        // What a new connection asks first is shorter.
        plans.max_by(|one, other| one.milliseconds.total_cmp(&other.milliseconds)).unwrap()
    }
}

/// A plan, and how long it took.
pub(crate) struct Explained {
    pub(crate) milliseconds: f64,
    pub(crate) plan: String,
}

impl Explained {
    /// `duration: 1.234 ms  plan:`, the statement, and its plan.
    fn read(notice: &str) -> Option<Self> {
        let (milliseconds, plan) = notice.strip_prefix("duration: ")?.split_once(" ms")?;
        Some(Self { milliseconds: milliseconds.parse().unwrap(), plan: plan.to_owned() })
    }
}
