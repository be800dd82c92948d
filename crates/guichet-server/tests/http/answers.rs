//! Answers are what the document says, and say what the tools say.

use std::collections::BTreeMap;

use guichet::stats::{AsOf, Figure, Question};
use guichet_server::{Role, openapi};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::centre::{Served, served};

/// What an answer of a route must look like, as the document has it.
fn validator(path: &str, method: &str) -> Validator {
    let document = openapi::document();
    let responses = &document["paths"][path][method]["responses"];
    let schema = &responses["200"]["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{path} has a schema");
    let whole = json!({ "allOf": [schema], "components": document["components"] });
    jsonschema::validator_for(&whole).unwrap()
}

/// A centre where something has happened: a case that is decided, and one that has just come.
async fn at_work() -> (Served, String) {
    let served = served(Role::Supervisor).await;
    let case = served.case().await;
    served
        .engine
        .accept(&case, &guichet::testkit::clerk())
        .await
        .unwrap()
        .accepted()
        .unwrap();
    served.case().await;
    (served, case.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_in_json_is_what_the_document_says() {
    let (served, case) = at_work().await;
    let document = openapi::document();
    let paths = document["paths"].as_object().unwrap();
    let mut asked = 0;
    for (path, operations) in paths {
        let Some(get) = operations.get("get") else {
            continue;
        };
        if get["responses"]["200"]["content"]["application/json"]["schema"]
            .get("$ref")
            .is_none()
        {
            continue;
        }
        let address = path
            .replace("{case}", &case)
            .replace("{procedure}", "seal-filing");
        let address = match path.as_str() {
            "/api/v1/figures/cases" => format!("{address}?figure=received"),
            _ => address,
        };
        if path.ends_with("/receipt") {
            continue;
        }
        let answered = served.get(&address, &[]).await;
        assert_eq!(answered.status, 200, "{address}: {}", answered.text());
        let validator = validator(path, "get");
        let json = answered.json();
        let wrong: Vec<String> = validator
            .iter_errors(&json)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{address}: {wrong:#?}\n{}", answered.text());
        asked += 1;
    }
    assert!(asked > 15, "{asked} routes were asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_kept_beside_the_schemas() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../schemas/openapi/guichet.v1.json"
    );
    let text = openapi::text();
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
        std::fs::write(path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(
        kept == text,
        "schemas/openapi/guichet.v1.json is not what the routes say; UPDATE_FIXTURES=1 writes it anew"
    );
    let (served, _) = at_work().await;
    assert_eq!(served.get("/api/v1/openapi.json", &[]).await.text(), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_a_moment_are_those_that_the_statistics_count_as_of_it() {
    let (served, _) = at_work().await;
    let end = served.engine.head().0;
    for position in [0, end / 2, end - 3, end] {
        let answered = served
            .get(&format!("/api/v1/figures?as_of=position:{position}"), &[])
            .await
            .json();
        let as_of = AsOf::Position(guichet::core::id::Position(position));
        let statistics = served
            .engine
            .statistics(as_of, std::num::NonZeroUsize::MIN)
            .await
            .unwrap();
        let view = statistics.figures(&Question::default().ask(&statistics));
        assert_eq!(
            answered["rows"],
            serde_json::to_value(&view.rows).unwrap(),
            "as of {position}"
        );
        let root = served.engine.root(view.position).await.unwrap();
        assert_eq!(answered["root"], json!(root.map(|root| root.to_string())));
        let overview = served
            .get(&format!("/api/v1/overview?at=position:{position}"), &[])
            .await
            .json();
        let received = view.rows[0]
            .figures
            .iter()
            .find(|told| told.figure == Figure::Received);
        assert_eq!(
            overview["totals"]["received"].as_i64(),
            received.and_then(|told| told.numerator),
            "as of {position}"
        );
    }
    // The cases behind a figure are as many as it says.
    let behind = served
        .get("/api/v1/figures/cases?figure=received&limit=1", &[])
        .await
        .json();
    assert_eq!(
        (&behind["numerator"], behind["cases"].as_array().unwrap().len()),
        (&json!(2), 1)
    );
    let next = behind["next"].as_str().unwrap();
    let rest = served
        .get(
            &format!("/api/v1/figures/cases?figure=received&cursor={next}"),
            &[],
        )
        .await
        .json();
    assert_eq!(
        (rest["cases"].as_array().unwrap().len(), &rest["next"]),
        (1, &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_has_its_word_in_both_languages() {
    let (served, _) = at_work().await;
    let words = |lang: &'static str| {
        let served = &served;
        async move {
            served
                .get(&format!("/api/v1/words?lang={lang}"), &[])
                .await
                .json()
        }
    };
    let (zh, en) = (words("zh").await, words("en").await);
    let groups: BTreeMap<&str, &Value> = zh
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, group)| (name.as_str(), group))
        .collect();
    for (name, group) in groups {
        let Some(group) = group.as_object() else { continue };
        assert!(!group.is_empty(), "{name}");
        for (code, word) in group {
            let english = &en[name][code];
            let texts = if word.is_object() {
                (&word["name"], &english["name"])
            } else {
                (word, english)
            };
            let (zh, en) = (texts.0.as_str().unwrap(), texts.1.as_str().unwrap());
            assert!(!zh.is_empty() && !en.is_empty(), "{name}.{code}");
            assert_ne!(zh, en, "{name}.{code} is not translated");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shipped_for_prometheus_and_grafana_asks_for_metrics_that_there_are() {
    let (served, _) = at_work().await;
    served
        .get("/api/v1/nothing", &[("Authorization", "Bearer x")])
        .await;
    served
        .get("/api/v1/cases", &[("Authorization", "Bearer x")])
        .await;
    let metrics = served.get("/metrics", &[]).await.text();
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    let described: Vec<&str> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let shipped = [
        include_str!("../../integrations/alerts.yml"),
        include_str!("../../integrations/grafana.json"),
    ];
    let mut named = 0;
    for text in shipped {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| word.starts_with("guichet_")) {
            let family = ["_total", "_bucket"]
                .iter()
                .find_map(|end| word.strip_suffix(end))
                .unwrap_or(word);
            assert!(described.contains(&family), "{word} is none of {described:?}");
            named += 1;
        }
    }
    assert!(named > 15, "{named}");
}
