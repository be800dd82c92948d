//! What the public sees: a whitelist, masked, and the same answer whatever does not match.

use guichet::core::case::CaseCommand;
use guichet::core::case::event::CorrectionItem;
use guichet::core::reference::Catalogue;
use guichet::{Submit, testkit};
use guichet_server::Role;
use serde_json::{Value, json};

use crate::centre::{bearer, served};

/// The fields of a case on the screen, and no others.
const SCREEN: [&str; 7] = [
    "department",
    "due_on",
    "light",
    "number",
    "procedure",
    "received_on",
    "stage",
];

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_shows_the_whitelist_and_no_case_number() {
    let served = served(Role::Public).await;
    let case = served.case().await;
    let screen = served.get("/api/v1/public/screen", &[]).await;
    let shown = screen.json();
    let [row] = shown["cases"].as_array().unwrap().as_slice() else {
        panic!("{shown}")
    };
    assert_eq!(names(row), SCREEN);
    assert!(!screen.text().contains(case.as_str()), "{}", screen.text());
    assert!(!screen.text().contains("p-1"), "no applicant");
    assert_eq!(
        shown["satisfaction"],
        json!([]),
        "fewer than five ratings are no figure"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensitive_case_is_not_listed() {
    let served = served(Role::Public).await;
    let directory = served.engine.directory();
    let seal = directory.newest(&"seal-filing".parse().unwrap()).unwrap();
    let mut aid = seal.as_ref().clone();
    (aid.id, aid.sensitive) = ("household-aid".parse().unwrap(), true);
    let catalogue = Catalogue {
        procedures: vec![aid],
        ..Catalogue::default()
    };
    served
        .engine
        .publish_catalogue(&catalogue, &testkit::director())
        .await
        .unwrap();
    let submit = Submit::new("household-aid")
        .by(&testkit::clerk())
        .applicant("p-9")
        .fact("agent", false);
    let materials = ["business-licence", "applicant-id", "seal-samples"];
    let submit = materials.into_iter().fold(submit, Submit::material);
    served.engine.submit(submit).await.unwrap().accepted().unwrap();
    served.shown().await;
    let shown = served.get("/api/v1/public/screen", &[]).await.json();
    assert_eq!(shown["cases"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_takes_the_number_and_the_secret_and_tells_wrong_and_absent_alike() {
    let served = served(Role::Public).await;
    let case = served.case().await;
    let clerk = bearer(&served.token(Role::Clerk, Some("s07"), Some("w04")));
    let receipt = served
        .get(
            &format!("/api/v1/cases/{case}/receipt"),
            &[("Authorization", &clerk)],
        )
        .await
        .json();
    let (number, secret) = (
        receipt["number"].as_str().unwrap(),
        receipt["secret"].as_str().unwrap(),
    );
    assert!(!number.contains(case.as_str()));
    let ask = |number: &str, secret: &str| json!({ "number": number, "secret": secret });
    let status = served
        .post("/api/v1/public/status", &[], &ask(&number.to_lowercase(), secret))
        .await;
    assert_eq!(status.status, 200, "{}", status.text());
    let told = status.json();
    assert_eq!(
        (&told["stage"], &told["waits_for"]),
        (&json!("intake"), &json!("centre"))
    );
    assert!(
        !status.text().contains(case.as_str()) && !status.text().contains("p-1"),
        "{}",
        status.text()
    );
    let wrong = served
        .post("/api/v1/public/status", &[], &ask(number, "0000-0000-0000"))
        .await;
    let absent = served
        .post("/api/v1/public/status", &[], &ask("0000-0000", secret))
        .await;
    assert_eq!((wrong.status, wrong.text()), (absent.status, absent.text()));
    assert_eq!(wrong.json()["code"], "no_match");
    // What has to be brought is said by name, once it is asked for.
    let item = CorrectionItem {
        material: "seal-samples".parse().unwrap(),
        defect: "blurred".to_owned(),
    };
    let ask_for = CaseCommand::RequestCorrection { items: vec![item] };
    served
        .engine
        .ask(&case, &testkit::clerk(), ask_for)
        .await
        .unwrap()
        .accepted()
        .unwrap();
    let told = served
        .post("/api/v1/public/status", &[], &ask(number, secret))
        .await
        .json();
    assert_eq!(
        (&told["waits_for"], &told["missing"][0]["en"]),
        (&json!("applicant"), &json!("Samples of the seals")),
        "{told}"
    );
}
