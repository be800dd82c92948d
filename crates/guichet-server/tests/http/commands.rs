//! Commands over HTTP: in one's own name, once, and on what one has seen.

use guichet_server::Role;
use serde_json::{Value, json};

use crate::centre::{Served, bearer, served};

fn actor() -> Value {
    json!({ "person": "s07", "role": "clerk", "window": "w04" })
}

fn accept(id: &str, case: &str) -> Value {
    json!({ "id": id, "case": case, "actor": actor(), "command": { "accept": {} } })
}

fn clerk(served: &Served) -> String {
    bearer(&served.token(Role::Clerk, Some("s07"), Some("w04")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_answered_once_and_the_same_again() {
    let served = served(Role::Dashboard).await;
    let case = served.case().await;
    let token = clerk(&served);
    let headers = [("Authorization", token.as_str())];
    let first = served
        .post("/api/v1/commands", &headers, &accept("c-1", case.as_str()))
        .await;
    assert_eq!(
        (first.status, &first.json()["status"]),
        (200, &json!("accepted")),
        "{}",
        first.text()
    );
    let tag = first.header("etag").unwrap().to_owned();
    let head = served.engine.head();
    let again = served
        .post("/api/v1/commands", &headers, &accept("c-1", case.as_str()))
        .await
        .json();
    assert_eq!(again["replayed"], true);
    assert_eq!(
        (&again["events"], served.engine.head()),
        (&first.json()["events"], head)
    );
    // The key stands in for the id.
    let keyed = [headers[0], ("Idempotency-Key", "c-1")];
    let again = served
        .post("/api/v1/commands", &keyed, &accept("c-other", case.as_str()))
        .await
        .json();
    assert_eq!((&again["id"], &again["replayed"]), (&json!("c-1"), &json!(true)));
    // What the rules refuse is an answer, told as a conflict.
    let refused = served
        .post("/api/v1/commands", &headers, &accept("c-2", case.as_str()))
        .await;
    assert_eq!(
        (refused.status, &refused.json()["status"]),
        (409, &json!("rejected")),
        "{}",
        refused.text()
    );
    // On what was seen: nothing has changed since the tag, and something has since revision 0.
    let green = |id: &str| json!({ "id": id, "case": case, "actor": actor(), "command": { "mark_green_channel": { "reason": "promised" } } });
    let stale = [headers[0], ("If-Match", "\"0\"")];
    let conflict = served.post("/api/v1/commands", &stale, &green("c-3")).await;
    assert_eq!(
        (conflict.status, &conflict.json()["code"]),
        (412, &json!("conflict"))
    );
    let fresh = [headers[0], ("If-Match", tag.as_str())];
    assert_eq!(
        served
            .post("/api/v1/commands", &fresh, &green("c-4"))
            .await
            .status,
        200
    );
    let other = served.post("/api/v1/commands", &headers, &green("c-1")).await;
    assert_eq!(
        (other.status, &other.json()["code"]),
        (409, &json!("command_id_reused"))
    );
    let bad = [headers[0], ("If-Match", "seven")];
    assert_eq!(
        served.post("/api/v1/commands", &bad, &green("c-5")).await.status,
        422
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_in_anothers_name_or_at_anothers_window() {
    let served = served(Role::Dashboard).await;
    let case = served.case().await;
    let token = clerk(&served);
    let headers = [("Authorization", token.as_str())];
    let head = served.engine.head();
    for wrong in [
        json!({ "person": "s05", "role": "clerk", "window": "w04" }),
        json!({ "person": "s07", "role": "clerk", "window": "w03" }),
        json!({ "person": "s07", "role": "clerk" }),
        json!({ "person": "s07", "role": "approver", "window": "w04" }),
        json!({ "person": "s07", "role": "importer", "window": "w04" }),
        json!({ "person": "s07", "role": "timekeeper", "window": "w04" }),
        json!({ "person": "s07", "role": "clerk", "window": "w04", "acting_for": "p-1" }),
    ] {
        let command = json!({ "id": "c-1", "case": case, "actor": wrong, "command": { "accept": {} } });
        let refused = served.post("/api/v1/commands", &headers, &command).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (403, &json!("not_your_name")),
            "{wrong}"
        );
    }
    // A case of another window is as if it were not there.
    let other = bearer(&served.token(Role::Clerk, Some("s05"), Some("w03")));
    let command = json!({
        "id": "c-1", "case": case, "actor": { "person": "s05", "role": "clerk", "window": "w03" }, "command": { "accept": {} }
    });
    let refused = served
        .post("/api/v1/commands", &[("Authorization", &other)], &command)
        .await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (404, &json!("no_such_case"))
    );
    assert_eq!(served.engine.head(), head, "nothing was recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_takes_an_application_in_and_goes_on_with_it_at_once() {
    let served = served(Role::Dashboard).await;
    let token = clerk(&served);
    let headers = [("Authorization", token.as_str())];
    let submit = json!({
        "id": "s-1", "case": "2010-1", "actor": actor(),
        "command": { "submit": {
            "procedure": "seal-filing", "applicant": "p-1", "channel": "window",
            "facts": { "agent": false }, "materials": ["business-licence", "applicant-id", "seal-samples"]
        } }
    });
    let submitted = served.post("/api/v1/commands", &headers, &submit).await;
    assert_eq!(submitted.status, 200, "{}", submitted.text());
    // The views may not have it yet; the log has.
    let accepted = served
        .post("/api/v1/commands", &headers, &accept("a-1", "2010-1"))
        .await;
    assert_eq!(accepted.status, 200, "{}", accepted.text());
}
