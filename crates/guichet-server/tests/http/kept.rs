//! What many ask for at once is made once, and is still only theirs who may see as much.

use std::io::Read as _;

use flate2::read::GzDecoder;
use guichet::testkit;
use guichet_server::{Role, Server};
use serde_json::{Value, json};

use crate::centre::{Served, bearer, served, settings};

const OVERVIEW: &str = "/api/v1/overview";

/// The queue of the window at which the test kit's applications come in.
fn queue(overview: &Value) -> &Value {
    let windows = overview["windows"].as_array().unwrap();
    &windows.iter().find(|window| window["window"] == "w04").unwrap()["queue"]
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_see_less_are_never_given_what_was_made_for_those_who_see_more() {
    let served = served(Role::Supervisor).await;
    let case = served.case().await;
    let seen = json!([case]);
    let askers = [
        (Role::Supervisor, None, None, &seen),
        (Role::Dashboard, None, None, &Value::Array(Vec::new())),
        (Role::Clerk, Some("s07"), Some("w04"), &seen),
        (Role::Clerk, Some("s05"), Some("w03"), &Value::Array(Vec::new())),
    ];
    let askers = askers.map(|(role, person, window, sees)| {
        let token = bearer(&served.token(role, person, window));
        (role, token, sees)
    });
    let there_and_back = askers.iter().chain(askers.iter().rev());
    for (role, token, sees) in there_and_back {
        let overview = served.get(OVERVIEW, &[("Authorization", token)]).await.json();
        assert_eq!(queue(&overview), *sees, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_or_compressed_it_is_the_same_answer() {
    let served = served(Role::Supervisor).await;
    served.case().await;
    for path in [
        OVERVIEW,
        "/api/v1/figures?figure=received",
        "/api/v1/public/screen",
    ] {
        let plain = served.get(path, &[]).await;
        assert_eq!(plain.header("content-encoding"), None);
        for _ in 0..2 {
            let zipped = served.get(path, &[("Accept-Encoding", "br, gzip")]).await;
            assert_eq!(zipped.header("content-encoding"), Some("gzip"), "{path}");
            assert_eq!(zipped.header("vary"), Some("accept-encoding"), "{path}");
            let mut text = String::new();
            GzDecoder::new(zipped.body.as_slice())
                .read_to_string(&mut text)
                .unwrap();
            assert_eq!(text, plain.text(), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_tells_the_first_twenty_of_its_queue_and_how_many_there_are() {
    let served = served(Role::Supervisor).await;
    for _ in 0..25 {
        let submitted = served.engine.submit(testkit::application()).await.unwrap();
        submitted.accepted().unwrap();
    }
    served.shown().await;
    let overview = served.get(OVERVIEW, &[]).await.json();
    assert_eq!(queue(&overview).as_array().unwrap().len(), 20);
    let windows = overview["windows"].as_array().unwrap();
    assert!(windows.iter().any(|window| window["open"] == 25), "{overview}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_begins_over_a_log_shows_no_sums_of_a_part_of_it() {
    let before = served(Role::Supervisor).await;
    before.case().await;
    let Served {
        engine,
        time,
        server,
        dir,
    } = before;
    server.stop().await;
    for _ in 0..5 {
        let again = Server::start(engine.clone(), settings(&dir, Role::Supervisor))
            .await
            .unwrap();
        let again = Served {
            engine: engine.clone(),
            time: time.clone(),
            server: again,
            dir: tempfile::tempdir().unwrap(),
        };
        let overview = again.get(OVERVIEW, &[]).await.json();
        assert_eq!(
            (&overview["at"], &overview["totals"]["received"]),
            (&json!(engine.head().0), &json!(1))
        );
        let list = again.get("/api/v1/cases", &[]).await.json();
        assert_eq!(list["total"], 1);
        again.server.stop().await;
    }
}
