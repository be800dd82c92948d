//! A fingerprint of the sources that rows are made by, so that kept statistics of other code are never taken for this code's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Whatever decides what a row says: the decisions, the records, the rows, and the versions of what they are built from.
const SOURCES: [&str; 4] = [
    "../guichet-core/src",
    "../guichet-log/src",
    "src",
    "../../Cargo.lock",
];

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // FNV-1a: the same on every machine. It tells builds apart; nothing is proven by it.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut mix = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for source in SOURCES {
        let path = here.join(source);
        println!("cargo::rerun-if-changed={}", path.display());
        let mut files = Vec::new();
        collect(&path, &mut files)?;
        files.sort();
        for file in files {
            let name = file.strip_prefix(here).unwrap_or(&file);
            mix(name.to_string_lossy().as_bytes());
            mix(&fs::read(&file)?);
        }
    }
    println!("cargo::rustc-env=GUICHET_STATS_SOURCES={hash}");
    Ok(())
}

/// The files under a path; none where there is nothing, as in a package that was taken out of the workspace.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    }
    Ok(())
}
