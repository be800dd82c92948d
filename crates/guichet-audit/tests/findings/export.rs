//! Lines of an export as records.

use std::path::Path;

use guichet_core::actor::Actor;
use guichet_core::id::{CommandId, Position, Revision, StreamId};
use guichet_log::codec::json;
use guichet_log::projection::Recorded;
use guichet_log::record::Cause;
use serde_json::Value;

/// The records of an export, as far as lines say them.
pub(crate) fn read(path: &Path) -> Vec<Recorded> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| record(serde_json::from_str(line).unwrap()))
        .collect()
}

fn record(mut line: Value) -> Recorded {
    let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    let kind = text(&line, "kind");
    let data = line["data"].take();
    let followed = line["cause"].get("followed").and_then(Value::as_u64);
    let cause = followed.map_or(Cause::Asked, |position| Cause::Followed(Position(position)));
    Recorded {
        position: Position(line["position"].as_u64().unwrap()),
        stream: StreamId::new(&text(&line, "stream")).unwrap(),
        revision: Revision(line["revision"].as_u64().unwrap()),
        recorded_at: text(&line, "recorded_at").parse().unwrap(),
        occurred_at: text(&line, "occurred_at").parse().unwrap(),
        actor: serde_json::from_value::<Actor>(line["actor"].take()).unwrap(),
        authority: line["authority"].as_str().map(str::to_owned),
        cause,
        command: CommandId::new(&text(&line, "command")).unwrap(),
        event: json::read(&kind, data).unwrap(),
    }
}

#[test]
#[ignore = "a look at a log that somebody exported: GUICHET_EXPORT names it"]
fn what_an_export_shows() {
    use guichet_audit::findings::Findings;
    use guichet_core::lang::Lang;
    use guichet_log::projection::Projection as _;
    let Some(path) = std::env::var_os("GUICHET_EXPORT") else {
        return;
    };
    let mut findings = Findings::default();
    let records = read(Path::new(&path));
    let start = std::time::Instant::now();
    for recorded in &records {
        findings.apply(recorded);
    }
    let found = findings.view();
    eprintln!("{} records in {:?}", records.len(), start.elapsed());
    for finding in &found.findings {
        println!(
            "{} {}",
            finding.id(),
            finding.sentence(&found.directory, Lang::En)
        );
        println!("    {}", finding.sentence(&found.directory, Lang::Zh));
    }
}
