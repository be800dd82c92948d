//! Cut power: `guichet run` takes commands on an ext4 file system that is shut down at random moments without writing
//! its journal (`EXT4_IOC_SHUTDOWN`), so that it forgets whatever was not synced. What was acknowledged, a witness keeps
//! apart; all of it is there afterwards, whole, once, and in order, and the tool says that its disk failed.
//!
//! This needs root, loop devices, mkfs.ext4 and perl; where one of them is missing, the test says so and passes.
//! `GUICHET_POWER_CUTS=100` cuts more often; `GUICHET_SEED=7` repeats what a failure printed.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;
mod witness;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use witness::{Chance, Pace, Taking, check, commands, number};

/// How often the power is cut, each time on a file system of its own.
const POWER_CUTS: u64 = 10;
/// The last moment at which it is cut, after the tool began to answer.
const CUT_WITHIN_MICROS: u64 = 60_000;
/// How the commands come: over longer than that, and the last ones after the cut, so that every run is cut short.
const PACE: Pace = Pace::Slow {
    pause: Duration::from_micros(500),
    held: 8,
};
/// The time after which the usual number of cuts is not waited for, on a machine that has other things to do.
const LONG_ENOUGH: Duration = Duration::from_secs(25);
/// Room for a log that has just begun; the image is sparse.
const IMAGE_BYTES: u64 = 256 * 1024 * 1024;

/// Shuts the file system down that holds the file or directory which it is given, when it is told a line.
/// The number is `EXT4_IOC_SHUTDOWN` where `_IOR` is as on x86 and ARM; flag 2 is to leave the journal unwritten.
/// The standard library has no `ioctl`, and the house no unsafe code, so perl makes the call: every Debian has it.
const CUT: &str = r#"
    $| = 1;
    open(my $there, "<", $ARGV[0]) or die "open: $!\n";
    print "ready\n";
    <STDIN>;
    my $flag = pack("L", 2);
    defined(ioctl($there, 0x8004587d, $flag)) or die "ioctl: $!\n";
    print "cut\n";
"#;

#[test]
fn what_was_acknowledged_before_a_power_cut_is_there_whole_once_and_in_order() {
    if let Err(why) = try_a_cut() {
        // Past the test harness, which keeps what passing tests print.
        let _ = writeln!(std::io::stderr(), "skipped: no power can be cut here: {why}");
        return;
    }
    let seed = number("GUICHET_SEED", 20_100_301);
    let mut chance = Chance(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let begun = Instant::now();
    let wanted = std::env::var_os("GUICHET_POWER_CUTS").is_some();
    for cut in 0..number("GUICHET_POWER_CUTS", POWER_CUTS) {
        if !wanted && begun.elapsed() > LONG_ENOUGH {
            let _ = writeln!(
                std::io::stderr(),
                "the power was cut {cut} times in {LONG_ENOUGH:?}"
            );
            break;
        }
        let place = format!("seed {seed}, cut {cut}");
        let mut image = Image::new().unwrap();
        image.mount().unwrap();
        let data = image.dir().join("data");
        publish(&data);
        let power = Power::on(image.dir()).unwrap();
        let asked = commands(cut);
        let taking = Taking::begin(&data, &asked, PACE, Stdio::piped());
        std::thread::sleep(Duration::from_micros(chance.below(CUT_WITHIN_MICROS)));
        power.cut().unwrap();
        let (mut witness, code, said) = taking.end();
        witness.retain(|answer| answer["status"] == "accepted");
        assert!(!witness.is_empty(), "{place}: nothing was acknowledged: {said}");
        assert!(witness.len() < asked.len(), "{place}: the cut came too late");
        // Whoever got no answer is told why.
        assert_ne!(code, Some(0), "{place}: {said}");
        assert!(said.contains("the log cannot be written"), "{place}: {said}");
        image.unmount().unwrap();
        image.mount().unwrap();
        runtime.block_on(check(&data, &witness, &asked, &place));
        ask_again(&data, &witness, &asked, &place);
        image.unmount().unwrap();
    }
}

/// Sends every command once more: what was acknowledged is answered from the log, as it was; all the rest is taken; and
/// no command has left a part of its events.
fn ask_again(data: &Path, witness: &[Value], asked: &[Value], place: &str) {
    let (answers, code, said) = Taking::begin(data, asked, Pace::AtOnce, Stdio::piped()).end();
    assert_eq!((answers.len(), code), (asked.len(), Some(0)), "{place}: {said}");
    let mut before: BTreeMap<&str, &Value> = BTreeMap::new();
    for answer in witness {
        before.insert(answer["id"].as_str().unwrap(), answer);
    }
    let kinds = |answer: &Value| -> Vec<Value> {
        let events = answer["events"].as_array().unwrap();
        events.iter().map(|event| event["kind"].clone()).collect()
    };
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!(answer["status"], "accepted", "{place}: {answer}");
        assert_eq!(
            kinds(answer),
            kinds(&answers[at % 4]),
            "{place}: {answer} is not whole"
        );
        if let Some(before) = before.get(answer["id"].as_str().unwrap()) {
            assert_eq!(answer["replayed"], true, "{place}: {answer}");
            assert_eq!(answer["events"], before["events"], "{place}");
            assert_eq!(answer["position"], before["position"], "{place}");
        }
    }
}

fn publish(data: &Path) {
    let mut call = common::guichet(&["catalogue", "publish", "harbin-2010", "--by", "s40"]);
    call.args(["--now", "2010-03-01T08:00:00+08:00", "--data"])
        .arg(data)
        .assert()
        .success();
}

/// Cuts the power once without the tool: whether that can be done here, and whether the file system then keeps what was
/// synced and forgets what was not.
fn try_a_cut() -> Result<(), String> {
    let mut image = Image::new()?;
    image.mount()?;
    let (kept, lost) = (image.dir().join("kept"), image.dir().join("lost"));
    let fails = |error: std::io::Error| error.to_string();
    let mut file = File::create(&kept).map_err(fails)?;
    file.write_all(b"synced").map_err(fails)?;
    file.sync_all().map_err(fails)?;
    File::open(image.dir())
        .and_then(|dir| dir.sync_all())
        .map_err(fails)?;
    fs::write(&lost, b"written").map_err(fails)?;
    Power::on(image.dir())?.cut()?;
    if File::create(image.dir().join("late")).is_ok() {
        return Err("the file system goes on after it was shut down".to_owned());
    }
    drop(file);
    image.unmount()?;
    image.mount()?;
    match (fs::read(&kept), fs::read(&lost)) {
        (Ok(bytes), Err(_)) if bytes == b"synced" => Ok(()),
        found => Err(format!("the file system keeps the wrong things: {found:?}")),
    }
}

/// An ext4 file system in a file. Dropping it unmounts it and frees its loop device.
struct Image {
    folder: TempDir,
    mounted: bool,
}

impl Image {
    fn new() -> Result<Self, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let image = Self {
            folder,
            mounted: false,
        };
        fs::create_dir(image.dir()).map_err(|error| error.to_string())?;
        File::create(image.file())
            .and_then(|file| file.set_len(IMAGE_BYTES))
            .map_err(|error| error.to_string())?;
        call(
            "mkfs.ext4",
            &["-q".as_ref(), "-F".as_ref(), image.file().as_ref()],
        )?;
        Ok(image)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ext4.image")
    }

    /// Where it is mounted.
    fn dir(&self) -> PathBuf {
        self.folder.path().join("ext4")
    }

    /// Mounts it on a loop device that frees itself when it is unmounted.
    fn mount(&mut self) -> Result<(), String> {
        let (file, dir) = (self.file(), self.dir());
        call(
            "mount",
            &[
                "-t".as_ref(),
                "ext4".as_ref(),
                "-o".as_ref(),
                "loop".as_ref(),
                file.as_ref(),
                dir.as_ref(),
            ],
        )?;
        self.mounted = true;
        Ok(())
    }

    fn unmount(&mut self) -> Result<(), String> {
        call("umount", &[self.dir().as_ref()])?;
        self.mounted = false;
        Ok(())
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if self.mounted && self.unmount().is_err() {
            // Somebody still has a file open there, after a failure: then it goes when they close it.
            if let Err(why) = call("umount", &["--lazy".as_ref(), self.dir().as_ref()]) {
                eprintln!("{} stays mounted: {why}", self.dir().display());
            }
        }
    }
}

/// Calls a tool of the system, and answers with what it says when it fails.
fn call(tool: &str, arguments: &[&OsStr]) -> Result<(), String> {
    let output = Command::new(tool)
        .args(arguments)
        .env("PATH", path())
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{tool}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{tool}: {}", said.trim()))
}

/// The folders of tools, with those of the administrator.
fn path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/sbin:/sbin")
}

/// What can shut one file system down. It is made ready before, so that the cut comes in the moment that was chosen.
struct Power {
    tool: Child,
    says: BufReader<std::process::ChildStdout>,
}

impl Power {
    fn on(dir: impl AsRef<Path>) -> Result<Self, String> {
        let mut tool = Command::new("perl")
            .args(["-e", CUT])
            .arg(dir.as_ref())
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("perl: {error}"))?;
        let says = BufReader::new(tool.stdout.take().unwrap());
        let mut power = Self { tool, says };
        power.hear("ready")?;
        Ok(power)
    }

    fn cut(mut self) -> Result<(), String> {
        // A tool that has gone says why on its error output.
        let _ = self.tool.stdin.take().unwrap().write_all(b"\n");
        self.hear("cut")
    }

    fn hear(&mut self, word: &str) -> Result<(), String> {
        let mut line = String::new();
        self.says
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        if line.trim() == word {
            return Ok(());
        }
        let mut why = String::new();
        if let Some(errors) = &mut self.tool.stderr {
            errors
                .read_to_string(&mut why)
                .map_err(|error| error.to_string())?;
        }
        Err(format!("perl: {}", why.trim()))
    }
}

impl Drop for Power {
    fn drop(&mut self) {
        // It has ended, unless a failure came before the cut.
        let _ = self.tool.kill();
        let _ = self.tool.wait();
    }
}
