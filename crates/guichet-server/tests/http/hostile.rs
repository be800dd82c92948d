//! Whoever means ill: large and slow bodies, paths that lead elsewhere, headers that carry more than they should, many
//! streams that nobody reads.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use guichet_server::Role;
use serde_json::json;

use crate::centre::{bearer, raw, served};

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_by_name_and_nothing_falls_over() {
    let served = served(Role::Supervisor).await;
    for (path, status, code) in [
        ("/api/v1/cases?light=pink", 422, "bad_request"),
        ("/api/v1/cases?light=red&colour=red", 422, "bad_request"),
        ("/api/v1/cases?limit=-1", 422, "bad_request"),
        ("/api/v1/cases?cursor=1&cursor=2", 422, "bad_request"),
        ("/api/v1/overview?at=soon", 422, "bad_request"),
        ("/api/v1/figures?figure=happiness", 422, "bad_request"),
        ("/api/v1/figures?in=2010-13", 422, "bad_request"),
        ("/api/v1/figures?where=department", 422, "bad_request"),
        ("/api/v1/figures/cases", 422, "bad_request"),
        (
            "/api/v1/cases/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            404,
            "no_such_case",
        ),
        ("/api/v1/cases/..%00", 422, "bad_request"),
        ("/api/v1/catalogue/../../etc/passwd", 404, "no_such_address"),
        ("/../../etc/passwd.txt", 404, "no_such_address"),
        ("/assets/../../Cargo.toml", 404, "no_such_address"),
        ("/assets/%2e%2e/index.html", 404, "no_such_address"),
        ("/api/v1/catalogue/nothing", 404, "no_such_item"),
        ("/api/v1/nothing", 404, "no_such_address"),
    ] {
        let refused = served.get(path, &[]).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (status, &json!(code)),
            "{path}: {}",
            refused.text()
        );
        assert!(
            refused
                .header("content-type")
                .unwrap()
                .starts_with("application/problem+json"),
            "{path}"
        );
        assert!(!refused.text().contains("root:"), "{path}");
    }
    let wrong = served.ask("PUT", "/api/v1/centre", &[], b"").await;
    assert_eq!(
        (wrong.status, &wrong.json()["code"]),
        (405, &json!("no_such_method"))
    );
    let chinese = served
        .get("/api/v1/cases/nobody", &[("Accept-Language", "zh-CN,zh;q=0.9")])
        .await;
    assert!(chinese.text().contains("没有办件 nobody"), "{}", chinese.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_that_keep_pages_to_themselves() {
    let served = served(Role::Supervisor).await;
    for path in [
        "/health",
        "/api/v1/centre",
        "/nothing",
        "/api/v1/catalogue/seal-filing/guide.html",
        "/metrics",
    ] {
        let answered = served.get(path, &[]).await;
        let policy = answered.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe-eval"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("script-src 'unsafe"), "{path}: {policy}");
        assert_eq!(
            answered.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(answered.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answered.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_or_no_json_is_refused() {
    let served = served(Role::Public).await;
    let token = bearer(&served.token(Role::Clerk, Some("s07"), Some("w04")));
    let large = vec![b' '; 3 * 1024 * 1024];
    let json_type = ("Content-Type", "application/json");
    let refused = served
        .ask(
            "POST",
            "/api/v1/commands",
            &[("Authorization", &token), json_type],
            &large,
        )
        .await;
    assert!(
        matches!(refused.status, 413 | 0),
        "{}: {}",
        refused.status,
        refused.text()
    );
    let refused = served
        .ask("POST", "/api/v1/session", &[json_type], &large[..10_000])
        .await;
    assert_eq!(refused.status, 413, "{}", refused.text());
    // A form on a page of somebody else's can send neither type nor body.
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let refused = served.ask("POST", "/api/v1/session", &[form], b"token=x").await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (415, &json!("no_json"))
    );
    let refused = served.ask("POST", "/api/v1/session", &[json_type], b"{").await;
    assert_eq!(refused.status, 422);
    let deep = "[".repeat(100_000);
    let refused = served
        .ask(
            "POST",
            "/api/v1/commands",
            &[("Authorization", &token), json_type],
            deep.as_bytes(),
        )
        .await;
    assert_eq!(refused.status, 422, "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_carry_lines_or_are_too_long_get_no_further() {
    let served = served(Role::Supervisor).await;
    let address = served.server.address();
    let answered = served.get("/api/v1/centre%0d%0aSet-Cookie:%20x=1", &[]).await;
    assert!(answered.header("set-cookie").is_none(), "{}", answered.head);
    let long = format!(
        "GET / HTTP/1.1\r\nHost: centre\r\nX: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    let refused = raw(address, long.into_bytes()).await;
    assert!(matches!(refused.status, 400 | 431), "{}", refused.head);
    for garbage in [
        &b"\x00\x01\x02\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\n",
    ] {
        let refused = raw(address, garbage.to_vec()).await;
        assert!(
            refused.status == 400 || refused.head.is_empty(),
            "{}",
            refused.head
        );
    }
    assert_eq!(served.get("/health", &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_dawdles_over_a_body_is_told_so_and_the_others_are_served() {
    let served = served(Role::Public).await;
    let address = served.server.address();
    let slow = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let request = "POST /api/v1/session HTTP/1.1\r\nHost: centre\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
        stream.write_all(request.as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut heard = [0; 64];
        let read = std::io::Read::read(&mut stream, &mut heard).unwrap();
        String::from_utf8_lossy(&heard[..read]).into_owned()
    });
    for _ in 0..5 {
        assert_eq!(served.get("/health", &[]).await.status, 200);
    }
    let heard = slow.await.unwrap();
    assert!(heard.starts_with("HTTP/1.1 408"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_streams_that_nobody_reads_keep_nobody_waiting() {
    let served = served(Role::Supervisor).await;
    let address = served.server.address();
    let idle = tokio::task::spawn_blocking(move || {
        let mut streams = Vec::new();
        for _ in 0..500 {
            let Ok(mut stream) = TcpStream::connect(address) else {
                continue;
            };
            if stream
                .write_all(b"GET /api/v1/stream HTTP/1.1\r\nHost: centre\r\n\r\n")
                .is_ok()
            {
                streams.push(stream);
            }
        }
        // As many again that never say what they want.
        for _ in 0..500 {
            if let Ok(stream) = TcpStream::connect(address) {
                streams.push(stream);
            }
        }
        streams
    })
    .await
    .unwrap();
    assert!(idle.len() > 900, "{} streams", idle.len());
    // The address has asked often by now, and may ask again in a moment.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let case = served.case().await;
    let began = Instant::now();
    assert_eq!(
        served.get(&format!("/api/v1/cases/{case}"), &[]).await.status,
        200
    );
    assert!(began.elapsed() < Duration::from_secs(10));
    let viewers = served.get("/api/v1/system", &[]).await.json()["viewers"]
        .as_i64()
        .unwrap();
    assert!(viewers >= 400, "{viewers}");
    drop(idle);
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if served.get("/api/v1/system", &[]).await.json()["viewers"] == 0 {
            return;
        }
    }
    panic!("streams that nobody reads are kept");
}
