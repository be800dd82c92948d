//! The sealer: one thread that packs full journal files into sled, late and in large batches, and then lets them go.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

use guichet_core::id::Position;
use guichet_log::log::with_sources;
use guichet_log::merkle::Frontier;

use crate::shared::{Shared, Spare};
use crate::store::{StoreError, text_of};

/// How long the head must stand still for the writer to count as resting.
const REST: Duration = Duration::from_millis(100);

/// How many sealed journal files are kept to be written again: a burst that finds them need not fill new ones with zeros.
pub(crate) const SPARES_MAX: usize = 4;

/// Seals until the log ends. `tree` is the tree over what is sealed so far.
pub(crate) fn run(shared: &Shared, mut tree: Frontier) {
    if !guarded(shared, || shared.store.fill_filter()) {
        return;
    }
    while wait(shared) && guarded(shared, || seal_first(shared, &mut tree)) {}
}

/// Whether the work was done; where it was not, the log is poisoned.
fn guarded(shared: &Shared, work: impl FnOnce() -> Result<(), StoreError>) -> bool {
    let cause = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => format!("full journal files cannot be sealed: {}", with_sources(&error)),
        Err(panic) => format!("sled failed while sealing: {}", text_of(panic.as_ref())),
    };
    shared.poison(&cause);
    false
}

/// Waits until there is something to seal. False when the end has come.
fn wait(shared: &Shared) -> bool {
    let mut head_before: Option<Position> = None;
    let mut sealing = shared.sealing();
    loop {
        if sealing.stop || shared.poisoned.get().is_some() {
            return false;
        }
        let full = full_files(shared);
        let head = *shared.head.borrow();
        // Two busy cores are better spent on the writer: while it works, sealing waits until there is enough of it.
        let due = full >= shared.options.seal_after_files();
        let resting = full > 0 && head_before == Some(head);
        if due || resting {
            return true;
        }
        head_before = (full > 0).then_some(head);
        sealing = if full > 0 {
            shared
                .sealing_changed
                .wait_timeout(sealing, REST)
                .unwrap_or_else(PoisonError::into_inner)
                .0
        } else {
            shared
                .sealing_changed
                .wait(sealing)
                .unwrap_or_else(PoisonError::into_inner)
        };
    }
}

/// How many journal files are full: all but the one that is written.
pub(crate) fn full_files(shared: &Shared) -> usize {
    shared.tail().files.len().saturating_sub(1)
}

fn seal_first(shared: &Shared, tree: &mut Frontier) -> Result<(), StoreError> {
    let Some((blocks, marks)) = shared.tail_mut().files.front_mut().map(|file| {
        // The file is full, so nobody but the sealer needs its marks any more.
        (file.blocks.clone(), std::mem::take(&mut file.marks))
    }) else {
        return Ok(());
    };
    *tree = shared.store.seal(tree, &blocks, &marks)?;
    drop((blocks, marks));
    // Everything is in sled and on the disk, so readers find it there from now on.
    let Some(file) = shared.tail_mut().files.pop_front() else {
        return Ok(());
    };
    let (path, length) = (file.path.clone(), file.length);
    // The memory of a large tail is let go outside of the lock.
    drop(file);
    let let_go = recycle(shared, &path, length);
    shared.sealing_changed.notify_all();
    let_go?;
    shared.store.merge()
}

/// Keeps a sealed journal file to be written again, or removes it.
fn recycle(shared: &Shared, path: &Path, length: u64) -> io::Result<()> {
    let disk = shared.options.disk();
    let spare = {
        let mut sealing = shared.sealing();
        let wanted = sealing.spares.len() < SPARES_MAX && length >= shared.options.journal_file_bytes();
        wanted.then(|| {
            sealing.next_spare += 1;
            shared.journal.join(format!("spare-{}", sealing.next_spare))
        })
    };
    if let Some(spare) = spare {
        disk.rename(path, &spare)?;
        disk.sync_dir(&shared.journal)?;
        shared.sealing().spares.push(Spare {
            path: spare,
            length,
            used_before: true,
        });
    } else {
        disk.remove(path)?;
        disk.sync_dir(&shared.journal)?;
    }
    Ok(())
}
