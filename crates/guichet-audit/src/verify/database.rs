//! A closed database: what its blocks and frames hold, in the order of the log, and what opening it would cut or refuse.

use guichet_core::id::Position;
use guichet_log::block::Block;
use guichet_log::merkle::{Frontier, Hash};
use guichet_log::projection::RecordedReader;
use guichet_log::record::{Kind, RecordRef};
use guichet_sled::Options;
use guichet_sled::examine::{self, Problem, ProblemKind};
use guichet_terminal::context::Failure;

use super::chain::Chain;
use super::heads::Heads;
use super::tiles::{Seen, SeenPlace, parsed};
use super::{Against, Finding, FindingKind, Found, Head, OfDatabase, Verification};
use crate::source::database::{Copied, log_failure};

/// Verifies a database by a copy of it: every block and frame, every record, the index, the end, and the heads that were kept
/// earlier. sled changes the copy when it is opened; it can still be opened as a log afterwards.
///
/// # Errors
///
/// [`Failure`] when the copy cannot be read, or is of a format that this build does not know; damage is a finding.
pub fn verify(copy: &Copied, against: &Against) -> Result<Verification, Failure> {
    let mut found = Found::default();
    let mut walk = Walk {
        heads: Heads::kept_earlier(against, &mut found),
        found,
        chain: Chain::default(),
        tree: Frontier::default(),
        records: 0,
        reader: RecordedReader::default(),
    };
    walk.heads.compare(&walk.tree, &mut walk.chain, &mut walk.found);
    let examined = examine::examine(copy.path(), &Options::default(), &mut |seen| match seen {
        examine::Seen::Block(block, file) => walk.block(block, file),
        examine::Seen::Problem(problem) => walk.found.add(of_problem(problem)),
    });
    let examined = examined.map_err(|error| log_failure(&error))?;
    let Walk {
        mut heads,
        mut found,
        mut chain,
        tree,
        records,
        ..
    } = walk;
    // Where the end is missing, what was there is.
    heads.finish(tree.size(), &mut found);
    Ok(Verification {
        head: Head {
            log: None,
            size: tree.size(),
            root: tree.root().to_string(),
            streams_root: chain.root().to_string(),
        },
        database: Some(OfDatabase {
            sealed: examined.sealed.0,
            journal: examined.end.0.saturating_sub(examined.sealed.0),
            index_from: examined.index_from,
        }),
        signature_checked: false,
        records,
        streams: chain.streams(),
        heads: heads.archived(),
        kept_heads: heads.kept(),
        findings: found.sorted(),
    })
}

fn of_problem(problem: &Problem) -> Finding {
    let kind = match problem.kind {
        ProblemKind::StoreUnreadable => FindingKind::StoreUnreadable,
        ProblemKind::BlockUnreadable => FindingKind::BlockUnreadable,
        ProblemKind::Missing => FindingKind::RecordsMissing,
        ProblemKind::OutOfPlace => FindingKind::OutOfOrder,
        ProblemKind::IndexDiffers => FindingKind::IndexDiffers,
        ProblemKind::FileUnreadable => FindingKind::FileCut,
        ProblemKind::NotClosed => FindingKind::NotClosed,
    };
    Finding {
        position: problem.position,
        kind,
        file: Some(problem.file.clone()),
        stream: None,
        detail: problem.detail.clone(),
    }
}

/// What is carried from block to block.
struct Walk {
    found: Found,
    heads: Heads,
    chain: Chain,
    tree: Frontier,
    records: u64,
    reader: RecordedReader,
}

impl Walk {
    fn block(&mut self, block: &Block, file: &str) {
        let finding = |position, kind, detail| Finding {
            position,
            kind,
            file: Some(file.to_owned()),
            stream: None,
            detail,
        };
        // Behind a hole the tree before the block is not known, and the block's own word for the tree after it is all there is.
        let is_followed = block.first().0 == self.tree.size();
        if !is_followed {
            self.heads.pass(block.end().0, &mut self.found);
        }
        let mut times = None;
        for position in (block.first().0..block.end().0).map(Position) {
            let stored = block.stored(position).unwrap_or_default();
            let leaf = Hash::of_leaf(stored);
            self.records += 1;
            let place = parsed(&mut self.reader, stored).unwrap_or_else(|(place, detail)| {
                self.found
                    .add(finding(position, FindingKind::RecordUnreadable, detail));
                place
            });
            if let Some(kind) = hidden_kind(stored, block) {
                let detail =
                    format!("the block states that it holds no record of kind {kind}, and this is one");
                self.found
                    .add(finding(position, FindingKind::HeaderDiffers, detail));
            }
            if let Some(SeenPlace { recorded_at, .. }) = &place {
                let (first, last) = times.get_or_insert((*recorded_at, *recorded_at));
                *first = (*first).min(*recorded_at);
                *last = (*last).max(*recorded_at);
            }
            let seen = Seen {
                position,
                leaf,
                place,
            };
            self.chain.take(seen, &mut self.found);
            if is_followed {
                self.tree.push(leaf);
                self.heads.compare(&self.tree, &mut self.chain, &mut self.found);
            }
        }
        if let Some((first, last)) = times.filter(|times| *times != block.recorded()) {
            let (stated_first, stated_last) = block.recorded();
            let detail = format!(
                "the block states that it was recorded from {stated_first} to {stated_last}, and its records say {first} to {last}"
            );
            self.found
                .add(finding(block.first(), FindingKind::HeaderDiffers, detail));
        }
        if is_followed && self.tree != *block.frontier() {
            let detail = format!(
                "the records up to position {} have the root {}, and the block that holds the last of them states {}",
                block.end().0 - 1,
                self.tree.root(),
                block.frontier().root()
            );
            self.found
                .add(finding(block.first(), FindingKind::TreeDiffers, detail));
        }
        // Where the two differ, the next block shows which one it follows on.
        self.tree = block.frontier().clone();
        if !is_followed {
            self.heads.compare(&self.tree, &mut self.chain, &mut self.found);
        }
    }
}

/// The kind of a record, where the block says that it holds none of them: whoever asks for that kind would skip the block.
fn hidden_kind(stored: &[u8], block: &Block) -> Option<Kind> {
    let kind = RecordRef::parse(stored).ok()?.kind;
    Kind::new(kind).ok().filter(|kind| !block.may_hold(kind))
}
