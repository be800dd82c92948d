//! The book's commands: each `sh` block of a page is typed, page by page, and must say what stands in the `text` blocks.
//!
//! A page is one script in a folder of its own, run by bash to its first failure. A line of a `text` block must be said, but
//! for those with a `…`, which stand for what differs from run to run. What needs root, a proxy or another machine stands in
//! `console` blocks, and is not typed here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// A page, what is there before its first line, and the programs it needs beside ours.
struct Page {
    path: &'static str,
    begins_with: Folder,
    needs: &'static [&'static str],
}

enum Folder {
    Empty,
    /// With a demo centre in `centre`.
    Centre,
}

const PAGES: &[Page] = &[
    page("tutorial.md", Folder::Empty, &["curl"]),
    page("zh/tutorial.md", Folder::Empty, &["curl"]),
    page("how-to/tokens.md", Folder::Centre, &["curl"]),
    page("how-to/backup.md", Folder::Centre, &[]),
    page("how-to/import.md", Folder::Empty, &[]),
    page("how-to/bulletin.md", Folder::Centre, &[]),
    page("how-to/proof.md", Folder::Centre, &["python3", "openssl"]),
    page("zh/operator.md", Folder::Centre, &["curl"]),
];

const fn page(path: &'static str, begins_with: Folder, needs: &'static [&'static str]) -> Page {
    Page {
        path,
        begins_with,
        needs,
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = PathBuf::from(arguments.next().unwrap_or_default());
    // The pages call `guichet-audit`, which belongs to another package: under that name this program is it.
    if program.file_name() == Some(OsStr::new("guichet-audit")) {
        return guichet_audit::args::main(std::env::args_os());
    }
    let wanted: Vec<_> = arguments
        .filter_map(|argument| argument.into_string().ok())
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let pages: Vec<_> = PAGES
        .iter()
        .filter(|page| wanted.is_empty() || wanted.iter().any(|name| page.path.contains(name)))
        .collect();
    println!("\nrunning {} pages", pages.len());
    let mut failed = 0;
    for page in &pages {
        match typed(page) {
            Ok(None) => println!("test {} ... ok", page.path),
            Ok(Some(missing)) => println!(
                "test {} ... ok ({missing} is not installed: not typed)",
                page.path
            ),
            Err(why) => {
                failed += 1;
                println!("test {} ... FAILED\n{why}", page.path);
            }
        }
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {} passed; {failed} failed; 0 ignored; 0 measured; {} filtered out\n",
        pages.len() - failed,
        PAGES.len() - pages.len()
    );
    ExitCode::from(u8::from(failed > 0))
}

/// Types a page. Answers which program it lacks, if it lacks one.
fn typed(page: &Page) -> Result<Option<&'static str>, String> {
    if let Some(missing) = page.needs.iter().chain(&["bash"]).find(|name| !has(name)) {
        return Ok(Some(missing));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("docs").join(page.path)).map_err(|error| error.to_string())?;
    let blocks = blocks(&text);
    let script: String = of(&blocks, "sh").collect::<Vec<_>>().join("\n");
    assert!(!script.is_empty(), "{} has nothing to type", page.path);
    let dir = tempfile::tempdir().expect("a folder");
    let bin = dir.path().join("bin");
    let work = dir.path().join("work");
    fs::create_dir_all(&bin).unwrap();
    fs::create_dir_all(&work).unwrap();
    let guichet = assert_cmd::cargo::cargo_bin!("guichet").to_owned();
    std::os::unix::fs::symlink(&guichet, bin.join("guichet")).unwrap();
    std::os::unix::fs::symlink(std::env::current_exe().unwrap(), bin.join("guichet-audit")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let shell = |script: &str| {
        let mut command = Command::new("bash");
        command
            .args(["-eu", "-o", "pipefail", "-c", script])
            .current_dir(&work)
            .stdin(Stdio::null())
            // What a page ends is its own.
            .process_group(0)
            .env("PATH", &path);
        for name in [
            "LC_ALL",
            "LC_MESSAGES",
            "LANG",
            "GUICHET_DATA",
            "GUICHET_ARCHIVE",
            "GUICHET_KEY",
        ] {
            command.env_remove(name);
        }
        command.output().expect("bash runs")
    };
    if let Folder::Centre = page.begins_with {
        shell("guichet demo --headless --quiet --cases 80 --data centre");
    }
    // Somebody may serve at the usual address on this machine.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let port = port.to_string();
    // A page that fails leaves no server behind.
    let ending = "trap 'kill $(jobs -pr) 2>/dev/null || true' EXIT";
    let output = shell(&format!("exec 2>&1\n{ending}\n{}", script.replace("8640", &port)));
    let said = String::from_utf8_lossy(&output.stdout).replace(&port, "8640");
    if !output.status.success() {
        return Err(format!("it ended with {}, after saying:\n{said}", output.status));
    }
    let said: Vec<_> = said.lines().map(str::trim_end).collect();
    let unsaid: Vec<_> = of(&blocks, "text")
        .flat_map(str::lines)
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.contains('…') && !said.contains(line))
        .collect();
    if unsaid.is_empty() {
        return Ok(None);
    }
    Err(format!(
        "the page shows what is not said:\n  {}\nwhat is said:\n{}",
        unsaid.join("\n  "),
        said.join("\n")
    ))
}

fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status();
    found.is_ok_and(|status| status.success())
}

/// The fenced blocks of a page: of which kind, and what is in them.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(kind), None) => open = Some((kind, String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

fn of<'b>(blocks: &'b [(&str, String)], kind: &'b str) -> impl Iterator<Item = &'b str> {
    let blocks = blocks.iter().filter(move |(found, _)| *found == kind);
    blocks.map(|(_, text)| text.as_str())
}
