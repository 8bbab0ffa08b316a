//! Connections: accepted, served with limits of time, and brought to an end in order.
//!
//! It is a loop of its own because axum's has no limit on slow headers.

use super::linger::Lingering;
use super::{Ending, State, Unfinished, router};
use axum::Extension;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{sleep, timeout};

/// How long requests that have begun are waited for at the end.
const END_PATIENCE: Duration = Duration::from_secs(10);

/// How long nothing is accepted after an accept that failed: the process may be out of files.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers requests until `shutdown` is over, then finishes those that have begun.
pub async fn serve(listener: TcpListener, state: State, shutdown: impl Future<Output = ()>) {
    let (held, mut all_finished) = mpsc::channel(1);
    let unfinished = Unfinished { _held: held };
    let patience = state.limits.read;
    let places = Arc::new(Semaphore::new(state.limits.connections));
    let (ending, ended) = watch::channel(false);
    let ended = Ending(ended);
    let app = router(Arc::new(state))
        .layer(Extension(unfinished.clone()))
        .layer(Extension(ended.clone()));
    let mut shutdown = pin!(shutdown);
    loop {
        let accepting = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepting => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = connection(stream, app.clone(), patience, ended.clone());
                let unfinished = unfinished.clone();
                tokio::spawn(async move {
                    connection.await;
                    drop((place, unfinished));
                });
            }
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                sleep(PAUSE).await;
            }
        }
    }
    drop((listener, app, unfinished));
    ending.send_replace(true);
    if timeout(END_PATIENCE, all_finished.recv()).await.is_err() {
        tracing::warn!("requests that did not finish in {END_PATIENCE:?} were cut off");
    }
}

/// Serves one client.
async fn connection(stream: TcpStream, app: Router, patience: Duration, ended: Ending) {
    let _ = stream.set_nodelay(true);
    // It is over when another protocol begins, too.
    let http = Arc::new(());
    let stream = TokioIo::new(Lingering::new(stream, Arc::downgrade(&http)));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(stream, TowerToHyperService::new(app))
        .with_upgrades();
    let mut serving = pin!(serving);
    let served = tokio::select! {
        served = &mut serving => served,
        () = ended.come() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        tracing::debug!("a connection ended: {error}");
    }
}
