//! The supervisor's guide: every command in it is run, in both languages, and shows what the guide says.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod stories;

use std::fs;
use std::path::Path;

use guichet_log::archive::Archive;

use stories::{Centre, audit};

/// The commands of a guide, each with what it must show.
fn commands(guide: &str) -> Vec<(String, Option<String>)> {
    let mut commands = Vec::new();
    for line in guide.lines() {
        if let Some(command) = line.strip_prefix("$ guichet-audit ") {
            commands.push((command.to_owned(), None));
        } else if let Some(shown) = line
            .strip_prefix("Shows: ")
            .or_else(|| line.strip_prefix("显示: "))
        {
            let shown = shown.strip_prefix('`').and_then(|shown| shown.strip_suffix('`'));
            commands.last_mut().unwrap().1 = shown.map(str::to_owned);
        }
    }
    commands
}

fn check(guide: &str, questions: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(guide);
    let guide = fs::read_to_string(path).unwrap();
    assert_eq!(
        guide.lines().filter(|line| line.starts_with("## ")).count(),
        questions
    );
    let centre = Centre::with("two-correction-notices");
    let archive = centre.archive().display().to_string();
    let key = Archive::open(&archive).unwrap().stated_key().unwrap().to_string();
    let file = centre.dir.path().join("file").display().to_string();
    for (command, shown) in commands(&guide) {
        let arguments: Vec<_> = command
            .split(' ')
            .map(|word| match word {
                "ARCHIVE" => archive.as_str(),
                "KEY" => key.as_str(),
                "CASE" => "two-correction-notices",
                "FILE" => file.as_str(),
                word => word,
            })
            .collect();
        let output = audit(&arguments).output().unwrap();
        // 1 says that something was found.
        let code = output.status.code().unwrap();
        assert!(code <= 1, "{command}: {output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        if let Some(shown) = shown {
            assert!(said.contains(&shown), "{command} shows no `{shown}`:\n{said}");
        }
    }
}

#[test]
fn every_command_of_the_english_guide_shows_what_it_says() {
    check("supervisors-guide.md", 18);
}

#[test]
fn every_command_of_the_chinese_guide_shows_what_it_says() {
    check("supervisors-guide.zh.md", 18);
}
