//! The example of a host program runs, and tells its story.

#[path = "../examples/front_desk.rs"]
#[expect(
    dead_code,
    reason = "its `main` opens a folder and prints; the morning itself is run here"
)]
mod front_desk;

use std::sync::Arc;

use guichet::log::memory::MemoryLog;
use guichet::{Config, Guichet};

#[tokio::test]
async fn a_morning_at_the_front_desk_ends_with_a_licence() {
    let config = Config::default().time(Arc::new(front_desk::AMondayIn2010));
    let engine = Guichet::start(Arc::new(MemoryLog::default()), config)
        .await
        .unwrap();
    let mut told = Vec::new();
    front_desk::work_a_morning(&engine, &mut told).await.unwrap();
    let told = String::from_utf8(told).unwrap();
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[0].starts_with("case 20100301-"), "{told}");
    assert!(lines[1].ends_with("clerk      case.submitted"), "{told}");
    for kind in [
        "case.accepted",
        "case.step_opinion_given",
        "case.decision_made",
        "case.certificate_delivered",
    ] {
        assert!(told.contains(kind), "{kind} is missing in:\n{told}");
    }
    assert_eq!(
        lines[lines.len() - 1],
        "promised by 2010-03-17, and by law by 2010-03-29"
    );
}
