//! GraphQL over WebSocket: how a socket is opened, kept and closed.
//!
//! What is said over it is `graphql-transport-ws`, in [`conversation`].

mod conversation;

use super::accept::Media;
use super::reply::Refusal;
use super::{Ending, Limits, RequestId, SENDING, Shared};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use conversation::Conversation;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

/// The protocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// The headers with which some clients sign in, instead of the first message.
const SIGN_IN: [header::HeaderName; 2] =
    [header::AUTHORIZATION, header::HeaderName::from_static("time-zone")];

/// How long a client may take to sign in, at most.
const GREETING: Duration = Duration::from_secs(10);

/// How long a client may take to say goodbye.
const PARTING: Duration = Duration::from_secs(2);

/// Bytes that are set aside for each direction of a socket; larger messages get more while they last.
const BUFFER: usize = 2 * 1024;

/// How many bytes the reason of a close may have.
const LONGEST_REASON: usize = 123;

/// Places for sockets.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Semaphore>);

impl Places {
    pub(super) fn of(limits: &Limits) -> Self {
        Self(Arc::new(Semaphore::new(limits.connections)))
    }
}

/// Why a socket is closed.
struct Close(u16, Cow<'static, str>);

impl Close {
    const GONE: Self = Self(1000, Cow::Borrowed("Goodbye"));
    const GOING_AWAY: Self = Self(1001, Cow::Borrowed("The service ends"));
    const UNREADABLE: Self =
        Self(1002, Cow::Borrowed("Messages are UTF-8 text of no more than --max-body"));
    const UNREAD: Self = Self(1013, Cow::Borrowed("Nothing was read for too long: resume"));
    const SILENT: Self = Self(1011, Cow::Borrowed("No answer to a ping"));
    const UNAUTHORIZED: Self = Self(4401, Cow::Borrowed("Unauthorized"));
    const NO_PROTOCOL: Self = Self(4406, Cow::Borrowed("Subprotocol not acceptable"));
    const TOO_LATE: Self = Self(4408, Cow::Borrowed("Connection initialisation timeout"));

    fn invalid(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(4400, reason.into())
    }

    fn message(self) -> Message {
        let end = self.1.floor_char_boundary(LONGEST_REASON);
        let reason = self.1.get(..end).unwrap_or_default().into();
        Message::Close(Some(CloseFrame { code: self.0, reason }))
    }
}

/// Opens a socket where one is asked for, else lets the request on.
pub(super) async fn or_else(state: Shared, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let upgrade = headers.get(header::UPGRADE).and_then(|it| it.to_str().ok());
    let is_socket = upgrade.is_some_and(|it| it.eq_ignore_ascii_case("websocket"));
    if is_socket && request.method() == Method::GET {
        open(state, request).await
    } else {
        next.run(request).await
    }
}

/// Opens a socket.
pub(super) async fn open(state: Shared, request: Request) -> Response {
    let (mut parts, _body) = request.into_parts();
    let extensions = &parts.extensions;
    let id = extensions.get::<RequestId>().copied();
    let (ending, unfinished) = (extensions.get::<Ending>().cloned(), extensions.get().cloned());
    let place =
        extensions.get::<Places>().and_then(|it| Arc::clone(&it.0).try_acquire_owned().ok());
    let refuse = |status, message: &str| {
        let id = id.unwrap_or_else(|| RequestId(state.clock.new_id()));
        Refusal::new(status, message).send(Media::Json, id)
    };
    let Some(place) = place else {
        return refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "there are too many sockets: try again later",
        );
    };
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return refuse(rejection.status(), &rejection.body_text()),
    };
    let most = state.limits.body;
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .max_message_size(most)
        .max_frame_size(most)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER);
    let signed: HeaderMap = SIGN_IN
        .into_iter()
        .filter_map(|name| parts.headers.remove(&name).map(|value| (name, value)))
        .collect();
    upgrade.on_upgrade(move |socket| async move {
        let conversation = Conversation::new(state.0, signed, unfinished.clone());
        keep(socket, conversation, ending).await;
        drop((place, unfinished));
    })
}

/// Talks until there is a reason to stop, and says which.
async fn keep(mut socket: WebSocket, mut conversation: Conversation, ending: Option<Ending>) {
    let end = async {
        match ending {
            Some(ending) => ending.come().await,
            None => std::future::pending().await,
        }
    };
    let close = if socket.protocol().is_none() {
        Close::NO_PROTOCOL
    } else {
        tokio::select! {
            close = talk(&mut socket, &mut conversation) => close,
            () = end => Close::GOING_AWAY,
        }
    };
    let unread = close.0 == Close::UNREAD.0;
    // Its subscriptions need not wait for a slow goodbye.
    drop(conversation);
    let parting = async {
        // Where the client has closed first, its goodbye is answered while reading.
        let _ = socket.send(close.message()).await;
        // What it still sends is read: a socket that is closed over it would lose the goodbye.
        while let Some(Ok(_)) = socket.recv().await {}
    };
    // What was sent already comes before the goodbye.
    let patience = if unread { SENDING } else { PARTING };
    let _ = timeout(patience, parting).await;
}

/// Talks with a client.
async fn talk(socket: &mut WebSocket, conversation: &mut Conversation) -> Close {
    let patience = conversation.patience();
    let greeting = sleep_until(Instant::now() + patience.min(GREETING));
    let mut greeting = std::pin::pin!(greeting);
    let mut pings = interval_at(Instant::now() + patience, patience);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        let (end, is_signed_in) = (conversation.end_of_session(), conversation.is_signed_in());
        let reply = tokio::select! {
            message = socket.recv() => {
                heard = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) => match conversation.hear(&text) {
                        Ok(reply) => reply.map(|text| Message::Text(text.into())),
                        Err(close) => return close,
                    },
                    Some(Ok(Message::Binary(_))) => {
                        return Close::invalid("messages are text");
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
                    Some(Ok(Message::Close(_))) | None => return Close::GONE,
                    // Nobody hears this where the connection broke.
                    Some(Err(_)) => return Close::UNREADABLE,
                }
            }
            Some(text) = conversation.next() => Some(Message::Text(text.into())),
            _ = pings.tick() => {
                if heard.elapsed() > patience * 2 {
                    return Close::SILENT;
                }
                Some(Message::Ping(axum::body::Bytes::new()))
            }
            () = end => return Close::UNAUTHORIZED,
            () = &mut greeting, if !is_signed_in => return Close::TOO_LATE,
        };
        if let Some(message) = reply {
            match timeout(SENDING, socket.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Close::GONE,
                Err(_elapsed) => return Close::UNREAD,
            }
        }
    }
}
