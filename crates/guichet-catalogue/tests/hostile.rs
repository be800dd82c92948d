//! Documents that are no catalogue, and what the reader is told about each.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails them as a test does")]

mod common;

use std::fmt::Write as _;

use common::{replaced, sound, with};
use guichet_catalogue::{DOCUMENT_BYTES_MAX, Document, LoadError, Loaded, from_documents, load};

fn told(result: Result<Loaded, LoadError>) -> String {
    match result {
        Ok(_) => "this was taken as a catalogue".to_owned(),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!("\ncaused by: {cause}"));
            format!("{error}{}", cause.unwrap_or_default())
        }
    }
}

fn alias_bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = level - 1;
        let aliases = vec![format!("*a{before}"); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    text
}

#[test]
#[expect(clippy::too_many_lines, reason = "one entry a document")]
fn every_hostile_document_is_refused_with_its_place_and_a_reason() {
    let licence = "procedures/licence.yaml";
    let filing = "procedures/filing.yaml";
    let deep = format!("flow: {}{}", "{sequence: [".repeat(500), "]}".repeat(500));
    let long_id = "x".repeat(129);
    let cases: Vec<(&str, Result<Loaded, LoadError>)> = vec![
        (
            "an unknown field",
            replaced(licence, "special_procedures:", "special_procedure:"),
        ),
        (
            "a duplicate key",
            replaced(licence, "version: 1\n", "version: 1\nversion: 2\n"),
        ),
        (
            "a tab as indentation",
            replaced(licence, "materials:\n  -", "materials:\n\t-"),
        ),
        (
            "a bracket that is never closed",
            with("calendars.yaml", "calendars: [CN\n"),
        ),
        ("aliases that multiply", with("calendars.yaml", &alias_bomb())),
        (
            "aliases without end",
            with(
                "calendars.yaml",
                &format!("calendars: [&c CN{}]\n", ", *c".repeat(300)),
            ),
        ),
        ("nesting without end", with(filing, &deep)),
        (
            "two documents in one",
            with("calendars.yaml", "calendars: [CN]\n---\ncalendars: [NL]\n"),
        ),
        ("nothing at all", with("calendars.yaml", "")),
        ("a list in place of a map", with("centre.yaml", "- one\n- two\n")),
        (
            "a tag of another language",
            with("calendars.yaml", "calendars: !!python/object:os.system [CN]\n"),
        ),
        ("a zero byte", with("calendars.yaml", "calendars: [\"C\0N\"]\n")),
        (
            "a term without a unit",
            replaced(licence, "term: 12wd", "term: 12"),
        ),
        (
            "a term past its bound",
            replaced(licence, "term: 12wd", "term: 65536wd"),
        ),
        (
            "a condition that ends too early",
            replaced(
                licence,
                "when: case.trade == 'food', may",
                "when: case.trade ==, may",
            ),
        ),
        (
            "an unknown role beside Chinese names",
            replaced(
                licence,
                "{zh: 许可, en: Licence}\ndepartment: commerce\nkind: joint",
                "{zh: 许可, en: Licence}\ndepartment: commerce\nkind: 联办件",
            ),
        ),
        (
            "an unknown role",
            replaced(licence, "role: approver, four", "role: king, four"),
        ),
        (
            "a name in one language",
            replaced(licence, "{zh: 许可, en: Licence}", "{zh: 许可}"),
        ),
        (
            "a negative fee",
            replaced(licence, "amount_fen: 30000", "amount_fen: -1"),
        ),
        (
            "a fee with a fraction",
            replaced(licence, "amount_fen: 30000", "amount_fen: 0.5"),
        ),
        (
            "an unknown block",
            replaced(licence, "    - choice:", "    - loop:"),
        ),
        (
            "a block that is two blocks",
            replaced(
                filing,
                "- step: {id: intake, window: rotating, role: clerk}",
                "- {step: {id: intake}, sequence: []}",
            ),
        ),
        (
            "consent by silence without proof of service",
            replaced(licence, "needs: proof_of_service, ", ""),
        ),
        (
            "a quorum that is no number",
            replaced(licence, "        lead: commerce", "        join: {quorum: most}"),
        ),
        (
            "an id with a line break",
            replaced(filing, "id: intake,", "id: \"in\\ntake\","),
        ),
        (
            "an id that is too long",
            replaced(filing, "id: intake,", &format!("id: {long_id},")),
        ),
        (
            "an id that is too long once taken in",
            replaced(filing, "id: intake,", &format!("id: {},", "y".repeat(125))),
        ),
        ("no distance from UTC", replaced("centre.yaml", "\"+08:00\"", "8")),
        (
            "a day that does not exist",
            replaced("rosters.yaml", "2010-12-31", "2010-02-30"),
        ),
        (
            "a time zone that is none",
            replaced("centre.yaml", "\"+08:00\"", "Mars/Olympus"),
        ),
        (
            "opening hours that overlap",
            with(
                "centre.yaml",
                "name: {zh: 中心, en: Centre}\nzone: \"+08:00\"\nopening_hours:\n  working_day: [[\"09:00\", \"12:00\"], [\"11:30\", \"17:00\"]]\n",
            ),
        ),
        (
            "a law that does not ship",
            replaced(licence, "calendar: CN", "calendar: CN\nlaw: atlantis"),
        ),
        (
            "a law beside a policy",
            replaced(
                licence,
                "calendar: CN",
                "calendar: CN\nlaw: nl-awb\npolicy: {roll: stay}",
            ),
        ),
        (
            "a policy with a switch that is none",
            replaced(
                licence,
                "calendar: CN",
                "calendar: CN\npolicy: {first_day: sometimes}",
            ),
        ),
        (
            "a policy for a ground that is none",
            replaced(
                licence,
                "calendar: CN",
                "calendar: CN\npolicy: {grounds: {rain: {effect: suspend}}}",
            ),
        ),
        (
            "a calendar that is not there",
            with("calendars.yaml", "calendars: [CN, ATLANTIS]\n"),
        ),
        ("a calendar that is none", with("calendars/CN.json", "{}")),
        ("a layer over nothing", layered(&[("centre", "base: ATLANTIS")])),
        (
            "layers that lead back to each other",
            layered(&[("centre", "base: region"), ("region", "base: centre")]),
        ),
        ("a layer over itself", layered(&[("centre", "base: centre")])),
        (
            "a layer over a version that is not there",
            layered(&[("centre", "base: CN\nbase_version: 7")]),
        ),
        (
            "a layer of version 0",
            layered(&[("centre", "base: CN\nversion: 0")]),
        ),
        (
            "a layer whose days run backwards",
            layered(&[(
                "centre",
                "base: CN\nclosed:\n  - {days: 2010-03-12 to 2010-03-10, name: {zh: 修缮, en: repairs}}",
            )]),
        ),
        (
            "a layer that does not say whether a day counts",
            layered(&[(
                "centre",
                "base: CN\nopened:\n  - {days: 2010-03-13, name: {zh: 延时, en: service}}",
            )]),
        ),
        (
            "a layer with a misspelt list",
            layered(&[("centre", "base: CN\nclosures: []")]),
        ),
        ("a calendar that is there twice", {
            let mut documents = layer_documents(&[("centre", "base: CN")]);
            documents.push(("calendars/centre.json".to_owned(), "{}".to_owned()));
            from_documents("small", documents)
        }),
        ("a layer under the name of another", {
            let mut documents = layer_documents(&[("centre", "base: CN")]);
            for (_, text) in &mut documents {
                *text = text.replace("id: centre\n", "id: other\n");
            }
            from_documents("small", documents)
        }),
        (
            "a sub-flow that is not there",
            replaced(licence, "{procedure: filing}", "{procedure: filling}"),
        ),
        (
            "a sub-flow in a version that is not there",
            replaced(licence, "{procedure: filing}", "{procedure: filing, version: 7}"),
        ),
        (
            "a sub-flow that leads back",
            replaced(
                filing,
                "    - step: {id: decide",
                "    - procedure: {procedure: licence}\n    - step: {id: decide",
            ),
        ),
        (
            "a sub-flow of itself",
            replaced(
                filing,
                "    - step: {id: decide",
                "    - procedure: {id: again, procedure: filing}\n    - step: {id: decide",
            ),
        ),
        (
            "a sub-flow that spells out its flow",
            replaced(
                licence,
                "{procedure: filing}",
                "{procedure: filing, flow: {step: {id: x}}}",
            ),
        ),
        (
            "a document without end",
            with("calendars.yaml", &"# \n".repeat(400_000)),
        ),
        ("no centre", {
            let mut documents = sound();
            documents.retain(|(name, _)| name != "centre.yaml");
            from_documents("small", documents)
        }),
        ("sub-flows that double eleven times", doubling()),
    ];
    let mut shown = String::new();
    for (what, result) in cases {
        writeln!(shown, "== {what}\n{}\n", told(result)).unwrap();
    }
    assert!(!shown.contains("this was taken"), "{shown}");
    insta::assert_snapshot!(shown);
}

fn doubling() -> Result<Loaded, LoadError> {
    let mut documents = sound();
    for level in 0..12 {
        let flow = if level == 0 {
            "{step: {id: leaf}}".to_owned()
        } else {
            let sub = |id: &str| format!("{{procedure: {{id: {id}, procedure: p{:02}}}}}", level - 1);
            format!("{{sequence: [{}, {}]}}", sub("a"), sub("b"))
        };
        documents.push((
            format!("procedures/p{level:02}.yaml"),
            format!("id: p{level:02}\nversion: 1\nname: {{zh: 一, en: P}}\ndepartment: fire\nkind: promised\ncalendar: CN\nterms: {{}}\nflow: {flow}\n"),
        ));
    }
    from_documents("small", documents)
}

#[test]
fn the_deepest_flow_that_is_allowed_can_be_written() {
    // A group in a group twelve times, each in a sequence, is 24 blocks; the step inside is one too many.
    let nested = |groups: usize, inside: &str| {
        (0..groups).fold(inside.to_owned(), |inner, at| {
            format!("{{parallel: {{id: g{at}, branches: [{{sequence: [{inner}]}}]}}}}")
        })
    };
    let filing = "procedures/filing.yaml";
    let text = common::SOUND.iter().find(|(name, _)| *name == filing).unwrap().1;
    let (head, _) = text.split_once("flow:").unwrap();
    let flow = |flow: String| with(filing, &format!("{head}flow: {flow}\n"));
    // The licence takes the filing in, three blocks down.
    let depth =
        |groups| flow(nested(groups, "{step: {id: leaf}}")).map(|loaded| loaded.catalogue.procedures.len());
    assert_eq!(depth(10).ok(), Some(2));
    let error = depth(11).unwrap_err().to_string();
    assert!(error.starts_with("procedures/licence.yaml:22:"), "{error}");
    let error = depth(12).unwrap_err().to_string();
    assert!(error.starts_with("procedures/filing.yaml:9:"), "{error}");
}

fn folder_with(name: &str, bytes: &[u8]) -> (tempfile::TempDir, Result<Loaded, LoadError>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("procedures")).unwrap();
    for (file, text) in sound() {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    std::fs::write(folder.path().join(name), bytes).unwrap();
    let loaded = load(folder.path());
    (folder, loaded)
}

#[test]
fn a_folder_is_read_as_its_documents() {
    let (_folder, loaded) = folder_with("README.md", b"what this is");
    let loaded = loaded.unwrap();
    assert_eq!(
        loaded.catalogue,
        from_documents("small", sound()).unwrap().catalogue
    );
}

#[test]
fn what_a_folder_must_not_hold_is_named() {
    let long = vec![b' '; usize::try_from(DOCUMENT_BYTES_MAX).unwrap() + 1];
    let cases: [(&str, &[u8], &str); 4] = [
        (
            "procedures/more.yml",
            b"",
            "procedures/more.yml would not be read; name it procedures/more.yaml, or move it out of the catalogue",
        ),
        (
            "procedure.yaml",
            b"",
            "procedure.yaml would not be read; name it procedure.yaml for a document of the centre, or procedures/procedure.yaml for a procedure, or move it out of the catalogue",
        ),
        (
            "procedures/more.yaml",
            b"id: \xff\n",
            "procedures/more.yaml is no UTF-8 text: byte 4 does not belong there",
        ),
        (
            "procedures/more.yaml",
            &long,
            "procedures/more.yaml has more than 1048576 bytes; split it or take out what does not belong there",
        ),
    ];
    for (name, bytes, expected) in cases {
        let (_folder, loaded) = folder_with(name, bytes);
        assert_eq!(told(loaded), expected);
    }
}

/// The sound catalogue with layers, the first of which is in use.
fn layer_documents(layers: &[(&str, &str)]) -> Vec<Document> {
    let mut documents = sound();
    documents.retain(|(name, _)| name != "calendars.yaml");
    let used = layers.first().map_or("CN", |(id, _)| *id);
    documents.push(("calendars.yaml".to_owned(), format!("calendars: [CN, {used}]\n")));
    for (id, fields) in layers {
        documents.push((
            format!("calendars/{id}.yaml"),
            format!("id: {id}\ntitle: {id}\nsource: a notice\n{fields}\n"),
        ));
    }
    documents
}

fn layered(layers: &[(&str, &str)]) -> Result<Loaded, LoadError> {
    from_documents("small", layer_documents(layers))
}
