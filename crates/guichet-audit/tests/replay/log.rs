//! A log of many cases: the stories of the demo centre, told several times over.

use std::path::Path;

use guichet_catalogue::embedded;
use guichet_core::actor::{Actor, Role};
use guichet_core::id::{PersonId, Position, Revision, StreamId};
use guichet_core::reference::{Directory, publish};
use guichet_core::time::Timestamp;
use guichet_log::codec::{Event, json};
use guichet_log::projection::Recorded;
use guichet_log::record::Cause;
use serde_json::Value;

/// The demo centre opens, and every story happens `times` times, a day apart, under another number.
pub(crate) fn stories(times: i64) -> Vec<Recorded> {
    let director = Actor::new(PersonId::new("director").unwrap(), Role::Director);
    let demo = embedded("harbin-2010").unwrap().catalogue;
    let opened: Timestamp = "2010-01-01T00:00:00Z".parse().unwrap();
    let published = publish(&Directory::default(), &demo, &director).unwrap();
    let mut records: Vec<Recorded> = published
        .into_iter()
        .map(|event| Recorded {
            position: Position::START,
            stream: StreamId::new("reference/catalogue").unwrap(),
            revision: Revision::START,
            recorded_at: opened,
            occurred_at: opened,
            actor: director.clone(),
            authority: None,
            cause: Cause::Asked,
            command: "open".parse().unwrap(),
            event: Event::Reference(event),
        })
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures");
    let mut folders: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    for story in folders {
        let Ok(text) = std::fs::read_to_string(story.join("events.jsonl")) else {
            continue;
        };
        for time in 0..times {
            records.extend(text.lines().map(|line| told(line, time)));
        }
    }
    records.sort_by_key(|recorded| recorded.recorded_at);
    for (position, recorded) in (0..).zip(&mut records) {
        recorded.position = Position(position);
    }
    records
}

fn told(line: &str, time: i64) -> Recorded {
    let line: Value = serde_json::from_str(line).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let at = |value: &Value| {
        let at: Timestamp = value.as_str().unwrap().parse().unwrap();
        at.saturating_add_micros(time * 86_400_000_000)
    };
    let mut actor = Actor::new(
        text(&line["actor"]["person"]).parse().unwrap(),
        text(&line["actor"]["role"]).parse().unwrap(),
    );
    actor.window = line["actor"]["window"]
        .as_str()
        .map(|window| window.parse().unwrap());
    Recorded {
        position: Position::START,
        stream: StreamId::new(&format!("{}-{time}", line["stream"].as_str().unwrap())).unwrap(),
        revision: Revision(line["revision"].as_u64().unwrap()),
        recorded_at: at(&line["recorded_at"]),
        occurred_at: at(&line["occurred_at"]),
        actor,
        authority: None,
        cause: Cause::Asked,
        command: text(&line["command"]).parse().unwrap(),
        event: json::read(line["kind"].as_str().unwrap(), line["data"].clone()).unwrap(),
    }
}
