//! What is delivered beside the binary says what the binary takes: the systemd unit, the container file.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::path::{Path, PathBuf};

use clap::Parser as _;
use guichet_cli::cli::Cli;

fn read(path: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What clap says to a command line; nothing where it is one.
fn refused(words: &[&str]) -> Option<String> {
    Cli::try_parse_from(words).err().map(|error| error.to_string())
}

#[test]
fn the_unit_starts_a_server_as_the_binary_takes_it() {
    let unit = read("delivery/guichet.service");
    let command = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="))
        .unwrap();
    let words: Vec<_> = command.split(' ').collect();
    assert_eq!(words[..2], ["/usr/local/bin/guichet", "serve"]);
    assert_eq!(refused(&words), None);
    // A unit that waits for word needs a server that gives it: tests/serve.rs shows that it does.
    assert!(unit.contains("\nType=notify\n"));
    assert!(unit.contains("AF_UNIX"), "word is given over a socket");
}

#[test]
fn the_container_starts_a_server_as_the_binary_takes_it() {
    let file = read("../../Containerfile");
    let list = |name: &str| -> Vec<String> {
        let line = file.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        serde_json::from_str(line).unwrap()
    };
    let mut words = list("ENTRYPOINT ");
    words.extend(list("CMD "));
    // The data folder comes from the environment there.
    words.extend(["--data".to_owned(), "/var/lib/guichet/data".to_owned()]);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    assert_eq!(refused(&words), None);
    assert!(file.contains("ENV GUICHET_DATA=/var/lib/guichet/data\n"));
    assert!(file.contains("--locked"));
    // Whoever runs it is nobody: the last user named is no root.
    let user = file.lines().rev().find_map(|line| line.strip_prefix("USER "));
    assert_eq!(user, Some("10001"));
}
