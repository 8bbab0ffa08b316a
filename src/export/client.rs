//! Questions to Notion over HTTP, asked again as long as there is hope.
//!
//! The token goes to the one host that was named, over TLS, and nowhere else: no redirect is followed.

mod answer;

use super::fault::Fault;
use super::pace::{Pace, Timer};
use crate::secret::Secret;
use answer::{Failure, Passing};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Notion gives up after 60 seconds itself.
const TIMEOUT: Duration = Duration::from_secs(75);
/// For how long a question is repeated: an outage is waited for, a wrong address is not.
const PATIENCE: Duration = Duration::from_mins(15);
const PATIENCE_AT_FIRST: Duration = Duration::from_secs(10);
/// Whoever is there takes a connection sooner.
const CONNECT: Duration = Duration::from_secs(5);
/// How often an answer is asked for again that contradicts itself.
const CONTRADICTIONS: u32 = 5;
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Who is to wait longer than this can as well come back later.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// How many questions are asked at once: enough for the rate while answers take five seconds.
const AT_ONCE: usize = 16;
/// A hundred pages are some megabytes at most.
const LARGEST: usize = 64 * 1024 * 1024;

/// Asks Notion.
pub(super) struct Client {
    http: Http<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: String,
    authorization: HeaderValue,
    version: &'static str,
    pace: Pace,
    timer: Arc<dyn Timer>,
    has_answered: AtomicBool,
    places: Semaphore,
}

impl Client {
    /// A client for `base`. The error says what is wrong with the address or the token.
    pub(super) fn new(
        base: &str,
        token: &Secret,
        version: &'static str,
        rate: f64,
        timer: Arc<dyn Timer>,
    ) -> anyhow::Result<Self> {
        let base = base.trim().trim_end_matches('/').to_owned();
        check(&base)?;
        let authorization = HeaderValue::from_str(&format!("Bearer {}", token.reveal()));
        let Ok(mut authorization) = authorization else {
            anyhow::bail!("NOTION_TOKEN holds letters that no token has; copy it again");
        };
        authorization.set_sensitive(true);
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http();
        let connector = connector.enable_http1().wrap_connector(http);
        Ok(Self {
            http: Http::builder(TokioExecutor::new()).build(connector),
            base,
            authorization,
            version,
            pace: Pace::new(rate),
            timer,
            has_answered: AtomicBool::new(false),
            places: Semaphore::new(AT_ONCE),
        })
    }

    /// What stands at a path, as JSON.
    pub(super) async fn get(&self, path: &str) -> Result<String, Fault> {
        self.ask(Method::GET, path, "").await
    }

    /// The answer to a question that is too long for a path; it changes nothing either.
    pub(super) async fn post(&self, path: &str, body: &str) -> Result<String, Fault> {
        self.ask(Method::POST, path, body).await
    }

    async fn ask(&self, method: Method, path: &str, body: &str) -> Result<String, Fault> {
        let mut first_failure = None;
        let (mut failures, mut contradictions) = (0, 0);
        loop {
            let place = self.places.acquire().await;
            self.pace.turn(&*self.timer).await;
            let answer = self.once(&method, path, body).await;
            drop(place);
            let passing = match answer {
                Ok(answer) => {
                    self.has_answered.store(true, Ordering::Relaxed);
                    self.pace.went_well();
                    return Ok(answer);
                }
                Err(Failure::Lasting(fault)) => return Err(self.located(fault)),
                Err(Failure::Passing(passing)) => passing,
            };
            tracing::info!(path, failures, why = passing.why, "Notion is asked again");
            let now = self.timer.now();
            let since = *first_failure.get_or_insert(now);
            if passing.is_answer {
                self.has_answered.store(true, Ordering::Relaxed);
            }
            let patience = if self.has_answered.load(Ordering::Relaxed) {
                PATIENCE
            } else {
                PATIENCE_AT_FIRST
            };
            failures += 1;
            contradictions += u32::from(passing.is_contradiction);
            if contradictions > CONTRADICTIONS {
                return Err(Fault::Strange(passing.why));
            }
            let pause = pause(failures, self.timer.chance());
            let next = passing.retry_after.map_or(now + pause, |_| now);
            if next.saturating_sub(since) > patience {
                return Err(self.located(Fault::Unreachable(passing.why)));
            }
            if let Some(wait) = passing.retry_after {
                if wait > LONGEST_WAIT {
                    return Err(Fault::Busy(wait.as_secs()));
                }
                self.pace.close(now, wait);
            } else {
                if passing.is_limit {
                    self.pace.close(now, pause);
                }
                self.timer.until(now + pause).await;
            }
        }
    }

    /// Names the address, where that may be what is wrong: nothing ever answered there as Notion does.
    pub(super) fn located(&self, fault: Fault) -> Fault {
        let located = |said: &str| format!("{said}; asked was {}, see NOTION_URL", self.base);
        match fault {
            Fault::Unreachable(why) if !self.has_answered.load(Ordering::Relaxed) => {
                Fault::Unreachable(located(&why))
            }
            Fault::Strange(why) => Fault::Strange(located(&why)),
            other => other,
        }
    }

    async fn once(&self, method: &Method, path: &str, body: &str) -> Result<String, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(AUTHORIZATION, self.authorization.clone())
            .header("notion-version", self.version)
            .header(USER_AGENT, concat!("tomos/", env!("CARGO_PKG_VERSION")))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
            .map_err(|error| Failure::Lasting(Fault::Strange(error.to_string())))?;
        let answering = async {
            let answer = self.http.request(request).await.map_err(|error| {
                // The error's own words are few; the causes say what happened.
                let first = std::error::Error::source(&error);
                let causes = std::iter::successors(first, |cause| cause.source());
                let causes: Vec<_> = causes.map(ToString::to_string).collect();
                let none = causes.is_empty();
                Passing::cut(if none { error.to_string() } else { causes.join(": ") })
            })?;
            let (head, body) = answer.into_parts();
            let retry_after = head.headers.get(RETRY_AFTER).and_then(|it| it.to_str().ok());
            let retry_after = retry_after.and_then(|seconds| seconds.trim().parse().ok());
            let body = Limited::new(body, LARGEST).collect().await;
            let body = body.map_err(|error| Passing::cut(error.to_string()))?.to_bytes();
            answer::read(head.status, retry_after.map(Duration::from_secs), &body)
        };
        match tokio::time::timeout(TIMEOUT, answering).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(Passing::cut("no answer within 75 seconds".to_owned()).into()),
        }
    }
}

/// Longer from time to time, and never the same for two.
fn pause(failures: u32, chance: f64) -> Duration {
    let longest = Duration::from_secs(1 << failures.min(6)).min(LONGEST_PAUSE);
    longest.mul_f64(0.5 + chance / 2.0)
}

/// Whether the token may be sent there.
fn check(base: &str) -> anyhow::Result<()> {
    let Ok(uri) = base.parse::<Uri>() else {
        anyhow::bail!("{base:?} is no URL such as https://api.notion.com");
    };
    let host = uri.host().unwrap_or_default();
    let is_here = ["127.0.0.1", "localhost", "[::1]"].contains(&host);
    match uri.scheme_str() {
        Some("https") if !host.is_empty() => Ok(()),
        Some("http") if is_here => Ok(()),
        Some("http") => {
            anyhow::bail!("{base} is not encrypted: the token is sent only to https://…")
        }
        _ => anyhow::bail!("{base:?} is no URL such as https://api.notion.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_differ_by_chance() {
        let pauses: Vec<_> = (1..9).map(|failures| pause(failures, 1.0).as_secs()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(pause(1, 0.0), Duration::from_secs(1));
    }

    #[test]
    fn the_token_goes_over_tls_or_stays_on_this_machine() {
        for good in ["https://api.notion.com", "http://127.0.0.1:8000", "http://[::1]:1"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in
            ["http://api.notion.com", "http://127.0.0.1.example.org", "ftp://x", "notion", ""]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
