//! XES (IEEE 1849-2016): one trace a case.
//!
//! The events of a case stand apart in the log and together in XES. A first pass notes where each case ends, a second one
//! writes a case when its last record has been read. So in memory are the ids of all cases, and the records of those that are
//! under way at the same time, as many as a centre has open. Traces come in the order in which the cases ended.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;

use guichet::core::actor::Role;
use guichet::core::case::CaseEvent;
use guichet::core::case::event::CaseSubmitted;
use guichet::core::condition::Fact;
use guichet::core::id::Position;
use guichet::core::reference::Directory;
use guichet::core::zone::Zone;
use guichet_log::codec::Event;
use guichet_log::projection::Recorded;
use guichet_log::record::RecordRef;

use super::told::{Attribute, Kind, Told, fields, is_event, is_recorded_event, kinds, typed};
use super::{Counts, Source, read, unreadable};
use crate::context::Failure;
use crate::import::names;

/// Everything before the first trace. The schema of the standard has no namespace, so the log has none either.
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="nested-attributes">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <global scope="trace">
    <string key="concept:name" value=""/>
  </global>
  <global scope="event">
    <string key="concept:name" value=""/>
    <date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
  </global>
  <classifier name="Activity" scope="event" keys="concept:name"/>
  <classifier name="Resource" scope="event" keys="org:resource"/>
"#;

pub(super) async fn write(source: &Source<'_>, out: &mut impl Write) -> Result<Counts, Failure> {
    let mut ends: BTreeMap<Box<str>, Position> = BTreeMap::new();
    source
        .each(|record| {
            if let Some(case) = case_of(record) {
                match ends.get_mut(case) {
                    Some(end) => *end = record.place.position,
                    None => drop(ends.insert(case.into(), record.place.position)),
                }
            }
            Ok(())
        })
        .await?;

    out.write_all(HEAD.as_bytes())?;
    let mut head = String::new();
    let about = Attribute::new("guichet.position", Kind::Integer, source.to.to_string());
    element(&mut head, 1, &about.name, about.kind, &about.text, &[]);
    out.write_all(head.as_bytes())?;
    let (mut cases, mut events) = (0, 0);
    let mut under_way: BTreeMap<Box<str>, Vec<Vec<u8>>> = BTreeMap::new();
    source
        .each(|record| {
            let Some(case) = case_of(record) else {
                return Ok(());
            };
            let is_last = ends.get(case) == Some(&record.place.position);
            let mut records = under_way.remove(case).unwrap_or_default();
            records.push(record.stored.to_vec());
            if !is_last {
                under_way.insert(case.into(), records);
                return Ok(());
            }
            let (trace, count) = trace(case, &records, source.directory)?;
            out.write_all(trace.as_bytes())?;
            cases += 1;
            events += count;
            Ok(())
        })
        .await?;
    out.write_all(b"</log>\n")?;
    Ok(Counts {
        cases: Some(cases),
        events: Some(events),
        ..Counts::default()
    })
}

/// The case of a record that its trace needs: of an event, or of the submission, which says what is known of the case.
fn case_of<'a>(record: &RecordRef<'a>) -> Option<&'a str> {
    (is_event(record) || record.kind == CaseSubmitted::KIND)
        .then(|| guichet::core::id::case_of(record.stream))
        .flatten()
}

fn trace(case: &str, records: &[Vec<u8>], directory: &Directory) -> Result<(String, u64), Failure> {
    let mut about = Vec::new();
    let mut events = Vec::new();
    for stored in records {
        let record = RecordRef::parse(stored).map_err(|error| unreadable(Position::START, &error))?;
        let recorded = read(&record)?;
        if let Event::Case(CaseEvent::CaseSubmitted(submitted)) = &recorded.event
            && about.is_empty()
        {
            about = known(&recorded, submitted, directory.zone());
        }
        if is_recorded_event(&recorded) {
            events.push((recorded.occurred_at, Told::of(&recorded, directory)));
        }
    }
    // Stable: what happened at one instant stays in the order of the log.
    events.sort_by_key(|(at, _)| *at);

    let mut text = String::from("  <trace>\n");
    let mut written = Written::default();
    written.one(&mut text, 2, names::ACTIVITY, Kind::Text, case);
    written.all(&mut text, 2, about);
    for (_, told) in &events {
        text.push_str("    <event>\n");
        event(&mut text, told);
        text.push_str("    </event>\n");
    }
    text.push_str("  </trace>\n");
    Ok((text, events.len() as u64))
}

fn event(text: &mut String, told: &Told) {
    let mut written = Written::default();
    written.one(text, 3, names::ACTIVITY, Kind::Text, &told.activity);
    written.one(text, 3, names::TIME, Kind::Date, &told.at);
    for (name, value) in [
        (names::PERSON, &told.person),
        (names::GROUP, &told.group),
        (names::ROLE, &told.role),
        (names::LIFECYCLE, &told.lifecycle),
        (names::TASK, &told.task),
    ] {
        if let Some(value) = value {
            written.one(text, 3, name, Kind::Text, value);
        }
    }
    written.all(text, 3, told.attributes.clone());
}

/// What is known of a case as a whole.
fn known(recorded: &Recorded, submitted: &CaseSubmitted, zone: &Zone) -> Vec<Attribute> {
    let mut facts = submitted.facts.clone();
    let types = match facts.remove(names::TYPES) {
        Some(Fact::Text(types)) => Some(types),
        Some(Fact::Number(_) | Fact::Flag(_)) | None => None,
    };
    let mut kinds = kinds(types.as_deref());
    let mut texts = BTreeMap::new();
    for (name, fact) in facts {
        match fact {
            Fact::Text(_) => {}
            Fact::Number(_) => drop(kinds.insert(name.clone(), Kind::Integer)),
            Fact::Flag(_) => drop(kinds.insert(name.clone(), Kind::Boolean)),
        }
        texts.insert(name, fact.to_string());
    }
    let facts = typed(texts, &kinds, zone);
    // Of an imported case its source said these, and nothing else.
    if recorded.actor.role == Role::Importer {
        return facts;
    }
    let mut about = Vec::new();
    for name in [
        "procedure",
        "version",
        "department",
        "applicant",
        "channel",
        "window",
        "received_on",
    ] {
        match fields(&recorded.event).get(name) {
            Some(serde_json::Value::String(text)) => {
                about.push(Attribute::new(name, Kind::Text, text.as_str()));
            }
            Some(serde_json::Value::Number(number)) => {
                about.push(Attribute::new(name, Kind::Integer, number.to_string()));
            }
            Some(_) | None => {}
        }
    }
    about.extend(facts.into_iter().map(|fact| Attribute {
        name: format!("fact.{}", fact.name),
        ..fact
    }));
    about
}

/// The names that one element has already: a name stands in it once.
#[derive(Default)]
struct Written(BTreeSet<String>);

impl Written {
    fn one(&mut self, text: &mut String, depth: usize, name: &str, kind: Kind, value: &str) {
        let name = self.free(name);
        element(text, depth, &name, kind, value, &[]);
    }

    /// Writes attributes; those that were read out of another one stand in it again.
    fn all(&mut self, text: &mut String, depth: usize, attributes: Vec<Attribute>) {
        let mut inner: BTreeMap<String, Vec<Attribute>> = BTreeMap::new();
        let mut outer: Vec<Attribute> = Vec::new();
        for attribute in attributes {
            // Attributes come by name, so that one is met before those inside of it.
            let of = outer.iter().rev().find_map(|other| {
                let rest = attribute.name.strip_prefix(&other.name)?.strip_prefix('/')?;
                (!rest.is_empty()).then(|| (other.name.clone(), rest.to_owned()))
            });
            match of {
                Some((of, name)) => inner.entry(of).or_default().push(Attribute { name, ..attribute }),
                None => outer.push(attribute),
            }
        }
        for attribute in outer {
            let name = self.free(&attribute.name);
            let inside = inner.remove(&attribute.name).unwrap_or_default();
            element(text, depth, &name, attribute.kind, &attribute.text, &inside);
        }
    }

    fn free(&mut self, name: &str) -> String {
        let mut name = key(name);
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

fn element(text: &mut String, depth: usize, name: &str, kind: Kind, value: &str, inside: &[Attribute]) {
    let tag = match kind {
        Kind::Text => "string",
        Kind::Integer => "int",
        Kind::Float => "float",
        Kind::Boolean => "boolean",
        Kind::Date => "date",
    };
    let indent = "  ".repeat(depth);
    // Writing into a string does not fail.
    let _ = write!(text, "{indent}<{tag} key=\"{name}\" value=\"");
    escape(text, value);
    if inside.is_empty() {
        text.push_str("\"/>\n");
        return;
    }
    text.push_str("\">\n");
    Written::default().all(text, depth + 1, inside.to_vec());
    let _ = writeln!(text, "{indent}</{tag}>");
}

/// A text as the value of an XML attribute. What XML has no way to write becomes U+FFFD.
fn escape(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\t' => text.push_str("&#9;"),
            '\n' => text.push_str("&#10;"),
            '\r' => text.push_str("&#13;"),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => text.push('\u{fffd}'),
            c => text.push(c),
        }
    }
}

/// A name as a key, which the schema wants to be a Name of XML: other characters are written `_x0020_`, by their number.
fn key(name: &str) -> String {
    let mut key = String::new();
    for c in name.chars() {
        let begins = c.is_ascii_alphabetic() || matches!(c, '_' | ':' | '\u{4e00}'..='\u{9fa5}');
        let follows = c.is_ascii_digit() || matches!(c, '.' | '-');
        if begins || (follows && !key.is_empty()) {
            key.push(c);
        } else {
            // Writing into a string does not fail.
            let _ = write!(key, "_x{:04X}_", u32::from(c));
        }
    }
    if key.is_empty() {
        key.push('_');
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_name_of_xml_whatever_the_attribute_is_called() {
        assert_eq!(key("org:group"), "org:group");
        assert_eq!(key("事项 no. 1"), "事项_x0020_no._x0020_1");
        assert_eq!(key("1/2"), "_x0031__x002F_2");
        assert_eq!(key("😀"), "_x1F600_");
        assert_eq!(key(""), "_");
    }

    #[test]
    fn attributes_that_lay_in_another_one_lie_in_it_again() {
        let attribute = |name: &str| Attribute::new(name, Kind::Text, "\u{1}\n\"件\"");
        let mut text = String::new();
        Written::default().all(
            &mut text,
            0,
            vec![attribute("a"), attribute("a/b"), attribute("c/d")],
        );
        assert_eq!(
            text,
            "<string key=\"a\" value=\"\u{fffd}&#10;&quot;件&quot;\">\n  \
             <string key=\"b\" value=\"\u{fffd}&#10;&quot;件&quot;\"/>\n</string>\n\
             <string key=\"c_x002F_d\" value=\"\u{fffd}&#10;&quot;件&quot;\"/>\n"
        );
    }
}
