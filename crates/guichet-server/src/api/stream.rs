//! What goes on, as server-sent events; and the log, page by page.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use guichet_audit::source::Source as _;
use guichet_audit::source::port::Port;
use guichet_core::actor::Actor;
use guichet_core::id::{Position, Revision};
use guichet_core::time::Timestamp;
use serde::Serialize;
use tokio::sync::{mpsc, watch};

use crate::call::{Answer, Call, blocking, json, typed};
use crate::live::{Line, Summary};
use crate::metrics::Viewer;
use crate::problem::{Both, Problem};
use crate::scope::Caller;
use crate::server::Shared;

/// How often a stream says that it is still there.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

/// How many events one message tells at most; of more it says how many.
const LINES_MAX: usize = 40;

/// How many streams there may be, and of one address.
const VIEWERS_MAX: i64 = 2_000;

/// How many messages wait for somebody who does not read: the next one tells what the ones between would have.
const WAITING_MAX: usize = 2;

/// A message, as `docs/http.md` describes it.
#[derive(Serialize)]
struct Message {
    /// The events told are of the places from here, up to `at`.
    from: Position,
    at: Position,
    #[serde(flatten)]
    summary: Summary,
    lag: u64,
    events: Vec<Line>,
    /// How many events of those places are not told.
    more: u64,
}

pub(crate) async fn stream(call: Call) -> Answer {
    if call.server.metrics.viewers() >= VIEWERS_MAX {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_viewers",
            Both::new(
                "实时连接已满，请稍后再试",
                "too many streams are open; try again later",
            ),
        )
        .retry_after(ALIVE_EVERY.as_secs()));
    }
    let last = call
        .headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok());
    let from = match last {
        Some(last) => Some(last.parse::<u64>().map_err(|_| {
            Problem::bad_request(Both::new(
                "Last-Event-ID 应为位置",
                "`Last-Event-ID` is no position: expected a number such as 120",
            ))
        })?),
        None => call.one("from")?,
    };
    let (sender, messages) = mpsc::channel(WAITING_MAX);
    let viewer = call.server.metrics.viewer();
    tokio::spawn(follow(
        call.server,
        call.caller,
        from.map(Position),
        sender,
        viewer,
    ));
    let body = Body::from_stream(Messages(messages));
    let mut response = typed("text/event-stream", "no-store", body);
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// The messages of a stream as its body.
struct Messages(mpsc::Receiver<Bytes>);

impl futures_core::Stream for Messages {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|message| message.map(Ok))
    }
}

/// Tells one who follows what changes, until they go or the server ends.
async fn follow(
    server: Arc<Shared>,
    caller: Caller,
    from: Option<Position>,
    sender: mpsc::Sender<Bytes>,
    viewer: Viewer,
) {
    let mut shown = server.live.watch();
    let mut ending = server.ending.clone();
    let mut told = from;
    let mut name = "hello";
    if until(server.live.read(), &mut ending, &sender).await.is_none() {
        return;
    }
    loop {
        shown.borrow_and_update();
        let (message, at) = message(&server, &caller, name, told);
        // Waits for one who reads slowly: what changes meanwhile is told in one message.
        if sender.send(message).await.is_err() {
            break;
        }
        (told, name) = (Some(at), "moved");
        match until(shown.changed(), &mut ending, &sender).await {
            Some(Ok(())) => {}
            Some(Err(_)) | None => break,
        }
    }
    drop(viewer);
}

/// Waits for something, and says meanwhile that the stream is still there; nothing where the server ends, which it says, or
/// nobody follows any more.
async fn until<T>(
    awaited: impl Future<Output = T>,
    ending: &mut watch::Receiver<bool>,
    sender: &mpsc::Sender<Bytes>,
) -> Option<T> {
    tokio::pin!(awaited);
    loop {
        tokio::select! {
            came = &mut awaited => return Some(came),
            () = ended(ending) => {
                // One who has gone needs no farewell.
                let _ = sender.send(Bytes::from_static(b"event: bye\ndata: {}\n\n")).await;
                return None;
            }
            () = tokio::time::sleep(ALIVE_EVERY) => {
                if sender.send(Bytes::from_static(b": alive\n\n")).await.is_err() {
                    return None;
                }
            }
            () = sender.closed() => return None,
        }
    }
}

/// Waits for the end of the server; the guard of the value that tells it is let go of at once.
async fn ended(ending: &mut watch::Receiver<bool>) {
    // Its sender goes with the server.
    let _ = ending.wait_for(|ending| *ending).await;
}

fn message(server: &Shared, caller: &Caller, name: &str, told: Option<Position>) -> (Bytes, Position) {
    let now = server.live.now();
    let at = now.board.at();
    // A log that is shorter than what somebody saw is another one: they begin anew.
    let from = told.filter(|told| *told <= at).unwrap_or(at);
    let (mut events, more) = server.live.reading().lines(from..at, LINES_MAX);
    for line in &mut events {
        if !caller.sees_case_of(line) {
            line.case = None;
        }
    }
    let message = Message {
        from,
        at,
        summary: Summary::of(&now.view),
        lag: server.live.lag(),
        events,
        more,
    };
    let data = serde_json::to_string(&message).unwrap_or_default();
    (
        Bytes::from(format!("event: {name}\nid: {at}\ndata: {data}\n\n")),
        at,
    )
}

/// How many records a page has where nobody says, and at most.
const PAGE: usize = 100;
const PAGE_MAX: usize = 1_000;

/// A page of the log, as `schemas/events-page.v1.schema.json` describes it.
#[derive(Serialize)]
struct Page {
    version: u16,
    end: Position,
    events: Vec<Event>,
    next: Option<Position>,
}

#[derive(Serialize)]
struct Event {
    position: Position,
    stream: String,
    revision: Revision,
    kind: &'static str,
    recorded_at: Timestamp,
    occurred_at: Timestamp,
    actor: Actor,
}

pub(crate) async fn events(call: Call) -> Answer {
    let from = Position(call.one("from")?.unwrap_or_default());
    let limit = call.limit(PAGE, PAGE_MAX)?;
    let page = blocking(move || {
        let source = Port::new(Arc::clone(call.server.live.engine().log()));
        let mut events = Vec::new();
        for recorded in source.records(from).take(limit) {
            let recorded = recorded?;
            events.push(Event {
                position: recorded.position,
                stream: recorded.stream.to_string(),
                revision: recorded.revision,
                kind: recorded.event.kind(),
                recorded_at: recorded.recorded_at,
                occurred_at: recorded.occurred_at,
                actor: recorded.actor,
            });
        }
        let end = source.end();
        let next = events.last().map(|last| last.position.next());
        Ok(Page {
            version: 1,
            end,
            events,
            next: next.filter(|next| *next < end),
        })
    })
    .await?;
    json(&page)
}
