//! The sealed blocks, as sled hands them over; where it fails, what lies behind the damage is looked for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use guichet_core::id::Position;
use guichet_log::block::Block;
use guichet_log::log::{ReadError, with_sources};
use sled::{Db, IVec, Tree};

use super::{Look, ProblemKind, refuses};
use crate::keys::{self, STORE_FORMAT};
use crate::options::Options;
use crate::store::{StoreError, open_sled, parse, text_of};

/// sled's folder, as it is told.
pub(super) const FILE: &str = "sled";

/// How often sled may panic until it is not asked any further: each time it may have searched for a second or more.
const PANICS_MAX: u32 = 3;

/// Past any position of a log.
const POSITION_MAX: u64 = 1 << 48;

/// sled's part of the log, open.
pub(super) struct Sealed {
    db: Db,
    tree: Tree,
}

/// Why sled did not answer.
pub(super) struct Trouble {
    pub(super) text: String,
    is_panic: bool,
}

/// A key and its value.
pub(super) type Found = Option<(IVec, IVec)>;

fn no_format(look: &mut Look<'_>) {
    look.problem(
        Position::START,
        ProblemKind::StoreUnreadable,
        FILE,
        StoreError::NoFormat,
    );
}

/// Asks sled; after a damage of its files it panics where it should return an error.
fn ask<T>(question: impl FnOnce() -> sled::Result<T>) -> Result<T, Trouble> {
    match catch_unwind(AssertUnwindSafe(question)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Trouble {
            text: with_sources(&error),
            is_panic: false,
        }),
        Err(panic) => Err(Trouble {
            text: text_of(panic.as_ref()),
            is_panic: true,
        }),
    }
}

impl Sealed {
    /// Opens sled's part. Nothing when sled cannot, which is shown.
    pub(super) fn open(
        dir: &Path,
        options: &Options,
        look: &mut Look<'_>,
    ) -> Result<Option<Self>, StoreError> {
        if dir.is_dir() {
            for path in options.disk().list(dir)? {
                // An interrupted snapshot, over which sled stumbles; opening the log removes it too.
                if path
                    .extension()
                    .is_some_and(|extension| extension == "generating")
                {
                    options.disk().remove(&path)?;
                }
            }
        }
        let opened = open_sled(dir, options).and_then(|db| {
            let tree =
                ask(|| db.open_tree(keys::TREE)).map_err(|trouble| StoreError::Panicked(trouble.text))?;
            Ok(Self { db, tree })
        });
        let sealed = match opened {
            Ok(sealed) => sealed,
            Err(error) if refuses(&error) => return Err(error),
            Err(error) => {
                look.problem(
                    Position::START,
                    ProblemKind::StoreUnreadable,
                    FILE,
                    with_sources(&error),
                );
                look.explained = true;
                return Ok(None);
            }
        };
        match ask(|| sealed.tree.get(keys::FORMAT)) {
            Ok(Some(format)) => match format.as_ref().try_into().map(u16::from_le_bytes) {
                Ok(STORE_FORMAT) => {}
                Ok(unknown) => return Err(StoreError::Format(unknown)),
                Err(_) => no_format(look),
            },
            Ok(None) if sealed.first_from(&[]).is_ok_and(|first| first.is_none()) => {}
            Ok(None) => no_format(look),
            Err(trouble) => {
                look.problem(Position::START, ProblemKind::StoreUnreadable, FILE, trouble.text);
            }
        }
        Ok(Some(sealed))
    }

    /// The first key at or after this one, with its value.
    pub(super) fn first_from(&self, key: &[u8]) -> Result<Found, Trouble> {
        ask(|| self.tree.range(key..).next().transpose())
    }

    /// What stands under a key.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>, Trouble> {
        ask(|| self.tree.get(key))
    }

    /// The first block at or past a position.
    fn block_from(&self, position: u64) -> Result<Found, Trouble> {
        let found = self.first_from(&keys::block(Position(position)))?;
        Ok(found.filter(|(key, _)| key.as_ref() < keys::AFTER_BLOCKS))
    }

    /// The block that holds a position, if it can be read.
    pub(super) fn holding(&self, position: Position) -> Option<Block> {
        let key = keys::block(position);
        let found = ask(|| {
            self.tree
                .range(keys::FIRST_BLOCK..=key.as_slice())
                .next_back()
                .transpose()
        });
        let (key, stored) = found.ok().flatten()?;
        parse(&key, &stored).ok().filter(|block| position < block.end())
    }

    /// Shows every block, and what is wrong with them.
    pub(super) fn blocks(&self, look: &mut Look<'_>) {
        self.each_block(look, |look, block| match block {
            Ok(block) if block.first() < look.next => {
                let detail = format!(
                    "a block holds the positions {} to {}, and another one holds the first of them already",
                    block.first(),
                    block.end().0 - 1
                );
                look.problem(block.first(), ProblemKind::OutOfPlace, FILE, detail);
            }
            Ok(block) => look.block(&block, FILE),
            Err(ReadError::Damaged { position, reason }) => {
                look.reaches(position, FILE);
                look.problem(position, ProblemKind::BlockUnreadable, FILE, reason);
                look.explained = true;
            }
            Err(error) => {
                let at = look.next;
                look.problem(at, ProblemKind::BlockUnreadable, FILE, with_sources(&error));
                look.explained = true;
            }
        });
    }

    /// Hands over the blocks again, those alone that can be read; what is wrong was told before.
    pub(super) fn blocks_again(&self, look: &mut Look<'_>, mut take: impl FnMut(&Block)) {
        let silent = &mut |_: super::Seen<'_>| {};
        let mut again = Look {
            dir: look.dir,
            disk: look.disk,
            next: Position::START,
            explained: false,
            see: silent,
        };
        self.each_block(&mut again, |again, block| {
            if let Ok(block) = block
                && block.first() >= again.next
            {
                again.next = block.end();
                take(&block);
            }
        });
    }

    fn each_block(&self, look: &mut Look<'_>, mut take: impl FnMut(&mut Look<'_>, Result<Block, ReadError>)) {
        let mut found = self.look_past(0, look);
        while let Some((key, stored)) = found {
            take(look, parse(&key, &stored));
            let first = key.get(1..).and_then(|rest| rest.try_into().ok()).map_or(
                // No key of ours; those of ours all sort before one that is longer.
                POSITION_MAX,
                u64::from_be_bytes,
            );
            found = self.look_past(first.saturating_add(1), look);
        }
    }

    /// The first block at or past a position. Where sled fails there, that is shown, and the first one that it can hand over
    /// behind the damage is taken.
    fn look_past(&self, from: u64, look: &mut Look<'_>) -> Found {
        let mut trouble = match self.block_from(from) {
            Ok(found) => return found,
            Err(trouble) => trouble,
        };
        look.problem(look.next, ProblemKind::StoreUnreadable, FILE, &trouble.text);
        look.explained = true;
        let mut panics = u32::from(trouble.is_panic);
        // First in ever larger steps, then back to where it first succeeds: the damage is one piece of a sorted tree.
        let (mut bad, mut step) = (from, 1);
        let (mut good, mut found) = loop {
            let position = bad.saturating_add(step);
            if position > POSITION_MAX || panics >= PANICS_MAX {
                return None;
            }
            match self.block_from(position) {
                Ok(found) => break (position, found),
                Err(again) => trouble = again,
            }
            panics += u32::from(trouble.is_panic);
            bad = position;
            step *= 2;
        };
        while bad + 1 < good && panics < PANICS_MAX {
            let middle = bad + (good - bad) / 2;
            match self.block_from(middle) {
                Ok(earlier) => (good, found) = (middle, earlier),
                Err(again) => {
                    panics += u32::from(again.is_panic);
                    bad = middle;
                }
            }
        }
        found
    }

    /// Closes sled, which may fail once more.
    pub(super) fn let_go(self) {
        let Self { db, tree } = self;
        // What it says about its files was said before.
        let _ = ask(move || {
            drop((tree, db));
            Ok(())
        });
    }
}
