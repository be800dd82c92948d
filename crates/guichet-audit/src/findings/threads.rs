//! Looking through a log on several threads: one reads, the others ask the rules, each about cases of its own.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use guichet_log::codec::Event;
use guichet_log::projection::Recorded;
use guichet_stats::AsOf;

use super::fold::{Findings, Found};
use super::rule::Rules;
use crate::verify;

/// How many records are handed over at once: enough that handing over costs nothing.
const BATCH: usize = 2_048;
/// How many batches may wait for a thread, so that memory stays as it is when one is slow.
const BATCHES_WAITING_MAX: usize = 4;

/// What the rules find in the records of a log, in its order. The same whatever the number of threads.
///
/// # Errors
///
/// The first error among the records.
///
/// ```
/// # use std::{convert::Infallible, num::NonZeroUsize};
/// use guichet_audit::findings::{Rules, find};
/// use guichet_stats::AsOf;
/// let found = find(std::iter::empty::<Result<_, Infallible>>(), Rules::default(), AsOf::Now, NonZeroUsize::MIN)?;
/// assert!(found.findings.is_empty());
/// # Ok::<(), Infallible>(())
/// ```
pub fn find<E>(
    records: impl IntoIterator<Item = Result<Recorded, E>>,
    rules: impl Into<Arc<Rules>>,
    as_of: AsOf,
    threads: NonZeroUsize,
) -> Result<Found, E> {
    let (found, read) = fold(records, &rules.into(), as_of, threads);
    read.map(|()| found.found())
}

/// The same of a log that was verified: what verification found is B16 with its positions. Records of a log that passes must
/// all be read; of one that does not, those before the first that cannot be.
///
/// # Errors
///
/// The first error among the records of a log that passed verification.
///
/// ```
/// # use std::{convert::Infallible, num::NonZeroUsize};
/// use guichet_audit::findings::{Rules, find_verified};
/// use guichet_stats::AsOf;
/// let records = std::iter::empty::<Result<_, Infallible>>();
/// let found = find_verified(records, &[], Rules::default(), AsOf::Now, NonZeroUsize::MIN)?;
/// assert!(found.findings.is_empty());
/// # Ok::<(), Infallible>(())
/// ```
pub fn find_verified<E>(
    records: impl IntoIterator<Item = Result<Recorded, E>>,
    broken: &[verify::Finding],
    rules: impl Into<Arc<Rules>>,
    as_of: AsOf,
    threads: NonZeroUsize,
) -> Result<Found, E> {
    let (mut found, read) = fold(records, &rules.into(), as_of, threads);
    if broken.is_empty() {
        read?;
    }
    for problem in broken {
        found.broken(problem.position, problem.kind);
    }
    Ok(found.found())
}

/// Folds the records up to the first error.
fn fold<E>(
    records: impl IntoIterator<Item = Result<Recorded, E>>,
    rules: &Arc<Rules>,
    as_of: AsOf,
    threads: NonZeroUsize,
) -> (Findings, Result<(), E>) {
    // This one looks at the order of the log, and has no case of its own.
    let mut order = Findings::new(Arc::clone(rules), as_of);
    let (parts, read) = std::thread::scope(|scope| {
        let (feeds, folding): (Vec<_>, Vec<_>) = (0..threads.get())
            .map(|_| {
                let (feed, batches) = sync_channel::<Vec<Recorded>>(BATCHES_WAITING_MAX);
                let mut part = Findings::new(Arc::clone(rules), as_of);
                let fold = scope.spawn(move || {
                    for recorded in batches.iter().flatten() {
                        part.take(&recorded);
                    }
                    part
                });
                (feed, fold)
            })
            .unzip();
        let mut waiting = Waiting::of(feeds);
        let mut read = Ok(());
        for recorded in records {
            match recorded {
                Ok(recorded) => {
                    order.watch(&recorded);
                    waiting.hand_over(recorded);
                }
                Err(error) => {
                    read = Err(error);
                    break;
                }
            }
        }
        waiting.finish();
        let parts: Vec<_> = folding
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect();
        (parts, read)
    });
    for part in parts {
        match part {
            Ok(part) => order.add(part),
            // What went wrong there goes wrong here.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    (order, read)
}

/// Records on their way to the threads.
struct Waiting {
    feeds: Vec<(SyncSender<Vec<Recorded>>, Vec<Recorded>)>,
}

impl Waiting {
    fn of(feeds: Vec<SyncSender<Vec<Recorded>>>) -> Self {
        let batch = || Vec::with_capacity(BATCH);
        Self {
            feeds: feeds.into_iter().map(|feed| (feed, batch())).collect(),
        }
    }

    /// A record of a case goes to the thread of that case, reference data to all.
    fn hand_over(&mut self, recorded: Recorded) {
        match (&recorded.event, recorded.stream.case_name()) {
            (Event::Case(_), Some(case)) => {
                let share = share(case, self.feeds.len());
                if let Some(feed) = self.feeds.get_mut(share) {
                    push(feed, recorded);
                }
            }
            (Event::Case(_) | Event::Reference(_), _) => {
                for feed in &mut self.feeds {
                    push(feed, recorded.clone());
                }
            }
        }
    }

    fn finish(self) {
        for (feed, batch) in self.feeds {
            // A thread that has gone is told where it is joined.
            let _ = feed.send(batch);
        }
    }
}

fn push((feed, batch): &mut (SyncSender<Vec<Recorded>>, Vec<Recorded>), recorded: Recorded) {
    batch.push(recorded);
    if batch.len() == BATCH {
        let full = std::mem::replace(batch, Vec::with_capacity(BATCH));
        // A thread that has gone is told where it is joined.
        let _ = feed.send(full);
    }
}

/// To which of so many threads a case falls: always the same one, whatever the machine.
fn share(case: &str, threads: usize) -> usize {
    // FNV-1a: a few instructions a byte, and evenly spread over names that differ in their last digits.
    let hash = case.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let threads = u64::try_from(threads.max(1)).unwrap_or(u64::MAX);
    // The upper half is the better mixed one.
    usize::try_from((hash >> 32) % threads).unwrap_or_default()
}
