//! The journal's files: every frame that is whole, what is damaged or missing between them, and how the log ended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use guichet_core::id::Position;
use guichet_log::block::Block;
use guichet_log::merkle::Frontier;

use super::sealed::Sealed;
use super::{Look, ProblemKind, at};
use crate::journal::{FileHeader, Scan, scan};
use crate::recover::OpenError;

/// A journal file, by where it says that it begins.
struct File {
    first: Position,
    path: PathBuf,
}

/// The frames that were handed on, by their first positions: with the same tree after them they hold the same records.
type SeenFrames = BTreeMap<Position, Frontier>;

pub(super) fn examine(look: &mut Look<'_>, sealed: Option<&Sealed>) -> Result<(), OpenError> {
    let dir = look.dir.join("journal");
    let listed = at(&dir, look.disk.list(&dir))?;
    let mut files = Vec::new();
    for path in listed {
        if path.extension().is_none_or(|extension| extension != "journal") {
            continue;
        }
        match FileHeader::decode(&read(look, &path)?) {
            Ok(FileHeader { first, .. }) => files.push(File { first, path }),
            Err(error) => {
                let (file, next) = (look.name(&path), look.next);
                look.problem(next, ProblemKind::FileUnreadable, &file, error);
            }
        }
    }
    // Opening takes them by their names, which must be in the same order.
    for (file, after) in files.iter().zip(files.iter().skip(1)) {
        if file.first > after.first {
            let name = look.name(&file.path);
            let detail = format!(
                "it begins at position {}, and a file with a later name at {}",
                file.first, after.first
            );
            look.problem(after.first, ProblemKind::OutOfPlace, &name, detail);
        }
    }
    files.sort_by_key(|file| file.first);
    let Some((last, earlier)) = files.split_last() else {
        let next = look.next;
        look.problem(
            next,
            ProblemKind::FileUnreadable,
            "journal",
            "no journal file can be read, although one is always kept: whatever followed here is gone",
        );
        return Ok(());
    };
    let mut seen = SeenFrames::new();
    for file in earlier {
        frames(look, sealed, file, &mut seen)?;
    }
    let Some(scan) = frames(look, sealed, last, &mut seen)? else {
        return Ok(());
    };
    let (name, next) = (look.name(&last.path), look.next);
    match (scan.torn, scan.ended_at) {
        (None, Some(head)) if head == next => {}
        (Some(torn), _) => {
            let detail = format!(
                "{} bytes after the last whole frame are none ({}): a process that was killed leaves such an unfinished write, \
                 and opening the database cuts it off; it may also be what is left of something that was acknowledged",
                torn.bytes, torn.reason
            );
            look.problem(next, ProblemKind::NotClosed, &name, detail);
        }
        (None, Some(head)) => {
            let detail =
                format!("the journal was ended in order at position {head}, and the log reaches to {next}");
            look.problem(head.min(next), ProblemKind::NotClosed, &name, detail);
        }
        (None, None) => {
            let detail = "the last journal file has no mark of an orderly end: the process was killed, or what followed was \
                          cut off; only a head kept elsewhere tells which";
            look.problem(next, ProblemKind::NotClosed, &name, detail);
        }
    }
    Ok(())
}

fn read(look: &Look<'_>, path: &std::path::Path) -> Result<Vec<u8>, OpenError> {
    let file = at(path, look.disk.open(path))?;
    at(path, file.read())
}

/// Shows the frames of one file; answers with how it ends.
fn frames(
    look: &mut Look<'_>,
    sealed: Option<&Sealed>,
    file: &File,
    seen: &mut SeenFrames,
) -> Result<Option<Scan>, OpenError> {
    let name = look.name(&file.path);
    let Ok(mut scan) = scan(&read(look, &file.path)?) else {
        return Ok(None);
    };
    look.reaches(file.first, &name);
    let mut frames = std::mem::take(&mut scan.frames);
    // A damaged sector after the last frame is told as the end of the log, or is one in a file that goes on elsewhere.
    let mut damaged = BTreeSet::new();
    for damage in scan.damages.iter().filter(|damage| damage.at < scan.end) {
        let before = damage
            .frames_before
            .checked_sub(1)
            .and_then(|number| frames.get(number));
        let position = before.map_or(file.first, Block::end);
        if damaged.insert(position) {
            let detail = format!("at byte {}: {}", damage.at, damage.reason);
            look.problem(position, ProblemKind::BlockUnreadable, &name, detail);
        }
    }
    for (frame, after) in frames.iter().zip(frames.iter().skip(1)) {
        if frame.first() > after.first() {
            let detail = format!("a frame stands behind the one of position {}", frame.first());
            look.problem(after.first(), ProblemKind::OutOfPlace, &name, detail);
        }
    }
    frames.sort_by_key(Block::first);
    for frame in frames {
        if frame.first() >= look.next {
            look.explained |= damaged.contains(&look.next);
            look.block(&frame, &name);
            seen.insert(frame.first(), frame.frontier().clone());
        } else if seen.get(&frame.first()) != Some(frame.frontier()) && !is_sealed(&frame, sealed) {
            // The same again would be what was sealed and not yet let go of; a reader passes over it.
            let detail =
                "a frame says something else of positions that another frame or a sealed block holds";
            look.problem(frame.first(), ProblemKind::OutOfPlace, &name, detail);
        }
    }
    Ok(Some(scan))
}

/// Whether the same records are sealed.
fn is_sealed(frame: &Block, sealed: Option<&Sealed>) -> bool {
    let Some(sealed) = sealed else {
        return false;
    };
    let mut held: Option<Block> = None;
    (frame.first().0..frame.end().0).map(Position).all(|position| {
        if held.as_ref().is_none_or(|block| block.end() <= position) {
            held = sealed.holding(position);
        }
        let kept = held.as_ref().and_then(|block| block.stored(position));
        kept.is_some() && kept == frame.stored(position)
    })
}
