//! The pages for `man`: one for each command, and such as `man` takes.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory as _;
use common::{guichet, parsed};
use guichet_cli::cli::Cli;

/// The pages that are written into a folder.
fn written(folder: &Path) -> BTreeMap<String, String> {
    let to = folder.display().to_string();
    guichet(&["man", "--to", &to]).assert().success();
    files(folder)
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let files = entries.map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    });
    files.collect()
}

/// The names of a command and of all below it.
fn names(command: &clap::Command, before: &str) -> Vec<String> {
    let name = format!("{before}{}", command.get_name());
    let below = command
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
        .flat_map(|command| names(command, &format!("{name}-")));
    std::iter::once(name.clone()).chain(below).collect()
}

#[test]
fn every_command_of_both_tools_has_its_page() {
    let dir = tempfile::tempdir().unwrap();
    let pages = written(dir.path());
    let mut expected = names(&Cli::command(), "");
    expected.extend(names(&guichet_audit::args::Cli::command(), ""));
    expected.sort();
    let mut found: Vec<_> = pages
        .keys()
        .map(|file| file.strip_suffix(".1").unwrap().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, expected);
    let heading = format!(
        r#".TH "GUICHET-SERVE" "1" "" "guichet {}" "Guichet""#,
        env!("CARGO_PKG_VERSION")
    );
    assert!(pages["guichet-serve.1"].contains(&heading));
    assert!(pages["guichet-serve.1"].contains(r"\-\-listen"));
    assert!(pages["guichet-audit-verify.1"].contains(".BR guichet-audit (1)"));
}

#[test]
fn the_same_build_writes_the_same_pages_and_leaves_other_files_alone() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = written(one.path());
    std::fs::write(other.path().join("ls.1"), "not ours").unwrap();
    // In an environment that says something.
    let to = other.path().display().to_string();
    let answer = guichet(&["man", "--to", &to, "--json"])
        .env("GUICHET_DATA", "/somewhere")
        .env("COLUMNS", "40")
        .output()
        .unwrap();
    let named = parsed(&answer)["pages"].as_array().unwrap().len();
    let mut second = files(other.path());
    assert_eq!(second.remove("ls.1").as_deref(), Some("not ours"));
    assert_eq!(named, first.len(), "{answer:?}");
    assert_eq!(first, second);
}

#[test]
fn man_and_mandoc_take_the_pages_where_they_are_installed() {
    let dir = tempfile::tempdir().unwrap();
    for file in written(dir.path()).keys() {
        let page = dir.path().join(file);
        for (tool, arguments) in [
            ("man", &["--warnings", "-l"][..]),
            ("mandoc", &["-Tlint", "-Werror"]),
        ] {
            match Command::new(tool)
                .args(arguments)
                .arg(&page)
                .env("LC_ALL", "C.UTF-8")
                .output()
            {
                Ok(said) => {
                    assert!(said.status.success(), "{tool} {file}: {said:?}");
                    assert_eq!(String::from_utf8_lossy(&said.stderr), "", "{tool} {file}");
                }
                Err(_) => println!("{tool} is not installed: nothing was asked of it"),
            }
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = guichet(&["man", "--to", &file.display().to_string()])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(5), "{refused:?}");
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("cannot write into"),
        "{refused:?}"
    );
}
