//! Who may ask what: each role against each route, and who sees which case.

use crate::centre::{Served, bearer, served};
use axum::http::Method;
use guichet_server::{Right, Role, Server, routes};
use serde_json::json;

/// What each role may, in the order of the roles: public, dashboard, clerk, handler, head of a department, supervisor.
const TABLE: &[(&str, Right, [bool; 6])] = &[
    ("public", Right::Public, [true; 6]),
    ("sums", Right::Sums, [false, true, true, true, true, true]),
    ("cases", Right::Cases, [false, false, true, true, true, true]),
    ("act", Right::Act, [false, false, true, true, true, false]),
    (
        "findings",
        Right::Findings,
        [false, false, false, false, true, true],
    ),
    ("log", Right::Log, [false, false, false, false, false, true]),
];

/// What each route takes, written down a second time: a route whose right is changed by mistake fails here.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/health", "public"),
    ("GET", "/health/ready", "public"),
    ("GET", "/metrics", "sums"),
    ("GET", "/api/v1/openapi.json", "public"),
    ("GET", "/api/v1/centre", "public"),
    ("GET", "/api/v1/words", "public"),
    ("GET", "/api/v1/session", "public"),
    ("POST", "/api/v1/session", "public"),
    ("DELETE", "/api/v1/session", "public"),
    ("GET", "/api/v1/catalogue", "public"),
    ("GET", "/api/v1/catalogue/{procedure}", "public"),
    ("GET", "/api/v1/catalogue/{procedure}/flow.svg", "public"),
    ("GET", "/api/v1/catalogue/{procedure}/guide.html", "public"),
    ("GET", "/api/v1/public/screen", "public"),
    ("POST", "/api/v1/public/status", "public"),
    ("GET", "/api/v1/overview", "sums"),
    ("GET", "/api/v1/figures", "sums"),
    ("GET", "/api/v1/process", "sums"),
    ("GET", "/api/v1/history", "sums"),
    ("GET", "/api/v1/stream", "sums"),
    ("GET", "/api/v1/system", "sums"),
    ("GET", "/api/v1/cases", "cases"),
    ("GET", "/api/v1/cases/{case}", "cases"),
    ("GET", "/api/v1/cases/{case}/timeline", "cases"),
    ("GET", "/api/v1/cases/{case}/explain", "cases"),
    ("GET", "/api/v1/cases/{case}/held", "cases"),
    ("GET", "/api/v1/cases/{case}/receipt", "act"),
    ("GET", "/api/v1/figures/cases", "cases"),
    ("GET", "/api/v1/findings", "findings"),
    ("GET", "/api/v1/events", "log"),
    ("POST", "/api/v1/commands", "act"),
];

#[test]
fn every_route_stands_in_the_table_with_its_right() {
    let found: Vec<_> = routes()
        .iter()
        .map(|route| (route.method.clone(), route.path, route.right))
        .collect();
    let written: Vec<_> = ROUTES
        .iter()
        .map(|(method, path, right)| {
            let right = TABLE.iter().find(|(name, ..)| name == right).unwrap().1;
            (method.parse::<Method>().unwrap(), *path, right)
        })
        .collect();
    assert_eq!(found, written);
}

#[test]
fn a_role_has_the_rights_of_the_table() {
    for (name, right, may) in TABLE {
        for (role, may) in Role::ALL.into_iter().zip(may) {
            assert_eq!(role.has(*right), *may, "{role}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_gets_from_each_route_what_its_rights_say() {
    let served = served(Role::Public).await;
    let case = served.case().await;
    let tokens = [
        (Role::Public, None),
        (Role::Dashboard, Some(served.token(Role::Dashboard, None, None))),
        (
            Role::Clerk,
            Some(served.token(Role::Clerk, Some("s07"), Some("w04"))),
        ),
        (
            Role::Handler,
            Some(served.token(Role::Handler, Some("s07"), None)),
        ),
        (
            Role::DepartmentHead,
            Some(served.token(Role::DepartmentHead, Some("s08"), None)),
        ),
        (Role::Supervisor, Some(served.token(Role::Supervisor, None, None))),
    ];
    for (method, path, right) in ROUTES {
        // A stream does not end by itself; it has tests of its own.
        if *path == "/api/v1/stream" {
            continue;
        }
        let asked = path
            .replace("{case}", case.as_str())
            .replace("{procedure}", "seal-filing");
        let asked = if *path == "/api/v1/figures/cases" {
            format!("{asked}?figure=received")
        } else {
            asked
        };
        for (role, token) in &tokens {
            let header = token.as_deref().map(bearer);
            let headers: Vec<(&str, &str)> = header
                .iter()
                .map(|header| ("Authorization", header.as_str()))
                .collect();
            let answered = served.ask(method, &asked, &headers, b"").await;
            let may = TABLE.iter().find(|(name, ..)| name == right).unwrap();
            let may = may.2[Role::ALL.iter().position(|known| known == role).unwrap()];
            let refused = matches!(answered.status, 401 | 403);
            assert_eq!(!refused, may, "{role} {method} {path}: {}", answered.text());
            assert!(
                answered.status < 500,
                "{role} {method} {path}: {}",
                answered.text()
            );
            if refused {
                let code = if token.is_none() {
                    "not_signed_in"
                } else {
                    "role_not_allowed"
                };
                assert_eq!(answered.json()["code"], code, "{role} {method} {path}");
            }
        }
    }
    let refused = std::fs::read_to_string(served.dir.path().join("refused.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = refused
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        lines
            .iter()
            .any(|line| line["role"] == "dashboard" && line["path"] == "/api/v1/cases"),
        "{refused}"
    );
    for (_, token) in &tokens {
        assert!(
            token.as_ref().is_none_or(|token| !refused.contains(token)),
            "no token is written down"
        );
    }
    served.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_sees_the_cases_of_the_window_and_nobody_elses() {
    let served = served(Role::Supervisor).await;
    let case = served.case().await;
    let own = bearer(&served.token(Role::Clerk, Some("s07"), Some("w04")));
    let other = bearer(&served.token(Role::Clerk, Some("s05"), Some("w03")));
    let path = format!("/api/v1/cases/{case}");
    assert_eq!(served.get(&path, &[("Authorization", &own)]).await.status, 200);
    let refused = served.get(&path, &[("Authorization", &other)]).await;
    let absent = served
        .get("/api/v1/cases/nobody", &[("Authorization", &other)])
        .await;
    assert_eq!((refused.status, absent.status), (404, 404));
    assert_eq!(
        refused.json()["code"],
        absent.json()["code"],
        "what one may not see is as if it were not there"
    );
    let list = served
        .get("/api/v1/cases", &[("Authorization", &own)])
        .await
        .json();
    assert_eq!(list["total"], 1);
    let list = served
        .get("/api/v1/cases", &[("Authorization", &other)])
        .await
        .json();
    assert_eq!((&list["total"], &list["cases"]), (&json!(0), &json!([])));
    // A figure is the centre's; the cases behind it are one's own.
    let behind = served
        .get(
            "/api/v1/figures/cases?figure=received",
            &[("Authorization", &other)],
        )
        .await
        .json();
    assert_eq!((&behind["total"], &behind["yours"]), (&json!(1), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_or_made_up_is_none() {
    let served = served(Role::Public).await;
    let token = served.token(Role::Supervisor, None, None);
    let header = bearer(&token);
    assert_eq!(
        served
            .get("/api/v1/events", &[("Authorization", &header)])
            .await
            .status,
        200
    );
    let signed_in = served
        .post("/api/v1/session", &[], &json!({ "token": token }))
        .await;
    assert_eq!(
        (signed_in.status, &signed_in.json()["role"]),
        (200, &json!("supervisor"))
    );
    let cookie = signed_in.header("set-cookie").unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap().to_owned();
    assert_eq!(
        served.get("/api/v1/events", &[("Cookie", &cookie)]).await.status,
        200
    );
    guichet_server::Access::open(served.dir.path())
        .unwrap()
        .revoke("supervisor-")
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    for header in [
        ("Authorization", header.as_str()),
        ("Cookie", cookie.as_str()),
        ("Authorization", "Bearer x"),
    ] {
        let refused = served.get("/api/v1/events", &[header]).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (401, &json!("bad_token")),
            "{header:?}"
        );
    }
    // Whoever guesses is soon slowed down, and nobody else is.
    let mut slowed = false;
    for _ in 0..12 {
        slowed |= served
            .get("/api/v1/events", &[("Authorization", "Bearer guess")])
            .await
            .status
            == 429;
    }
    assert!(slowed);
    assert_eq!(served.get("/api/v1/centre", &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_listen_where_others_can_reach_it_without_tokens() {
    let (engine, _) = guichet::testkit::centre().await;
    let dir = tempfile::tempdir().unwrap();
    let open = |visitors| guichet_server::Settings {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..crate::centre::settings(&dir, visitors)
    };
    let refused = Server::start(engine.clone(), open(Role::Public))
        .await
        .err()
        .unwrap();
    assert!(refused.to_string().contains("there is no token"), "{refused}");
    let refused = Server::start(engine, open(Role::Supervisor)).await.err().unwrap();
    assert!(
        refused.to_string().contains("no more than the public"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_everybody_has_their_own_address_and_nobody_the_rights_of_this_machine() {
    // Given a server that was told of the proxy before it.
    let (engine, time) = guichet::testkit::centre().await;
    let dir = tempfile::tempdir().unwrap();
    let told = |visitors| guichet_server::Settings {
        proxies: vec!["127.0.0.1".parse().unwrap()],
        ..crate::centre::settings(&dir, visitors)
    };
    let refused = Server::start(engine.clone(), told(Role::Supervisor)).await.err();
    assert!(refused.unwrap().to_string().contains("no more than the public"));
    let started = Server::start(engine.clone(), told(Role::Public)).await;
    let served = Served {
        engine,
        time,
        server: started.unwrap(),
        dir,
    };
    // When one guesses through it, that one is slowed down, and the next is not.
    let guess = ("Authorization", "Bearer guess");
    let mut answers = Vec::new();
    for _ in 0..12 {
        let answered = served
            .get(
                "/api/v1/events",
                &[guess, ("X-Forwarded-For", "192.0.2.1, 198.51.100.7")],
            )
            .await;
        answers.push(answered.status);
    }
    assert!(answers.contains(&429), "{answers:?}");
    let other = ("X-Forwarded-For", "198.51.100.7, 198.51.100.8");
    assert_eq!(served.get("/api/v1/events", &[guess, other]).await.status, 401);
    let written = std::fs::read_to_string(served.dir.path().join("refused.jsonl")).unwrap();
    assert!(written.contains("\"from\":\"198.51.100.7\""), "{written}");
    assert!(!written.contains("192.0.2.1"), "{written}");
    // Then a cookie goes back by HTTPS alone where it came by HTTPS.
    let token = json!({ "token": served.token(Role::Supervisor, None, None) });
    for (protocol, secure) in [("https", true), ("http", false)] {
        let signed_in = served
            .post("/api/v1/session", &[("X-Forwarded-Proto", protocol)], &token)
            .await;
        let cookie = signed_in.header("set-cookie").unwrap();
        assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_visitors_of_this_machine_may_see_is_not_for_those_behind_a_proxy_that_nobody_named() {
    let served = served(Role::Supervisor).await;
    assert_eq!(served.get("/api/v1/overview", &[]).await.status, 200);
    for header in [
        ("X-Forwarded-For", "198.51.100.7"),
        ("Forwarded", "for=198.51.100.7"),
    ] {
        assert_eq!(
            served.get("/api/v1/overview", &[header]).await.status,
            401,
            "{header:?}"
        );
    }
}
