//! What goes on, as server-sent events: from where somebody left off, without gaps, and to an orderly end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use guichet::testkit;
use guichet_server::{Role, Server};
use serde_json::Value;

use crate::centre::{Served, served, settings};

/// One who follows.
struct Follower(BufReader<TcpStream>);

/// One message: its name, its id, what it says.
type Message = (String, Option<u64>, Value);

impl Follower {
    fn begin(served: &Served, last: Option<u64>) -> Self {
        let mut stream = TcpStream::connect(served.server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let last = last.map_or_else(String::new, |last| format!("Last-Event-ID: {last}\r\n"));
        write!(
            stream,
            "GET /api/v1/stream HTTP/1.1\r\nHost: centre\r\n{last}\r\n"
        )
        .unwrap();
        Self(BufReader::new(stream))
    }

    fn next(&mut self) -> Option<Message> {
        let (mut name, mut id, mut data) = (None, None, None);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            if let Some(text) = line.strip_prefix("event: ") {
                name = Some(text.to_owned());
            } else if let Some(text) = line.strip_prefix("id: ") {
                id = text.parse().ok();
            } else if let Some(text) = line.strip_prefix("data: ") {
                data = serde_json::from_str(text).ok();
            }
            if let (Some(name), Some(data)) = (&name, &data) {
                return Some((name.clone(), id, Value::clone(data)));
            }
        }
    }
}

async fn following<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_is_told_what_happened_meanwhile() {
    let served = served(Role::Supervisor).await;
    let case = served.case().await;
    let mut follower = Follower::begin(&served, None);
    let (mut follower, hello) = following(move || {
        let hello = follower.next();
        (follower, hello)
    })
    .await;
    let (name, id, data) = hello.unwrap();
    assert_eq!((name.as_str(), id), ("hello", Some(served.engine.head().0)));
    assert_eq!(data["totals"]["received"], 1);
    served
        .engine
        .accept(&case, &testkit::clerk())
        .await
        .unwrap()
        .accepted()
        .unwrap();
    let moved = following(move || follower.next()).await.unwrap();
    let (name, at, data) = moved;
    assert_eq!((name.as_str(), at), ("moved", Some(served.engine.head().0)));
    assert_eq!(data["from"].as_u64(), id, "it goes on where the last one ended");
    let kinds: Vec<_> = data["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"case.accepted"), "{data}");
    // Gone, and back with the last id that was seen: the same once more, however it was cut into messages.
    let mut again = Follower::begin(&served, id);
    let (name, at_again, told) = following(move || again.next()).await.unwrap();
    assert_eq!((name.as_str(), at_again), ("hello", at));
    assert_eq!((&told["from"], &told["events"]), (&data["from"], &data["events"]));
    assert_eq!(told["more"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_server_starts_anew() {
    let before = served(Role::Supervisor).await;
    let case = before.case().await;
    let mut follower = Follower::begin(&before, None);
    let (mut follower, hello) = following(move || {
        let hello = follower.next();
        (follower, hello)
    })
    .await;
    let seen = hello.unwrap().1;
    let Served {
        engine,
        time,
        server,
        dir,
    } = before;
    server.stop().await;
    let (end, after_end) = following(move || (follower.next(), follower.next())).await;
    assert_eq!(end.map(|(name, ..)| name).as_deref(), Some("bye"));
    assert_eq!(after_end, None);
    engine
        .accept(&case, &testkit::clerk())
        .await
        .unwrap()
        .accepted()
        .unwrap();
    let server = Server::start(engine.clone(), settings(&dir, Role::Supervisor))
        .await
        .unwrap();
    let after = Served {
        engine,
        time,
        server,
        dir,
    };
    after.shown().await;
    let mut follower = Follower::begin(&after, seen);
    let (_, at, data) = following(move || follower.next()).await.unwrap();
    assert_eq!(data["from"].as_u64(), seen);
    let told =
        u64::try_from(data["events"].as_array().unwrap().len()).unwrap() + data["more"].as_u64().unwrap();
    assert_eq!(told, at.unwrap() - seen.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_sees_sums_is_told_of_no_case() {
    let served = served(Role::Dashboard).await;
    served.case().await;
    let mut follower = Follower::begin(&served, Some(0));
    let (_, _, data) = following(move || follower.next()).await.unwrap();
    let events = data["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["kind"] == "case.submitted"));
    assert!(events.iter().all(|event| event["case"].is_null()), "{data}");
    assert!(
        data["more"].as_u64().unwrap() > 0,
        "the catalogue's events are counted, not told"
    );
}
