//! A log through its port: one that an engine in this process writes, or a database that was opened for this.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, Wake, Waker};
use std::thread::Thread;

use guichet_core::id::{Position, Revision, StreamId};
use guichet_log::log::{EventLog, READ_RECORDS_MAX, ReadError};
use guichet_log::projection::Recorded;
use guichet_log::record::Record;
use guichet_terminal::context::Failure;

use super::{Records, Source};

/// How many records are read at once.
const PAGE_RECORDS: usize = 1_024;

/// A log as it stood when this was made; what is appended later is not seen.
///
/// Its answers are waited for on the thread that asks: a host with a runtime asks on a thread that may block.
#[derive(Clone)]
pub struct Port {
    log: Arc<dyn EventLog>,
    end: Position,
}

impl Port {
    /// The log up to its head of now.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        let end = log.head();
        Self { log, end }
    }
}

impl Source for Port {
    fn end(&self) -> Position {
        self.end
    }

    fn records(&self, from: Position) -> Records<'_> {
        let end = self.end;
        let there = move |read: &Result<Recorded, Failure>| match read {
            Ok(recorded) => recorded.position < end,
            Err(_) => true,
        };
        Box::new(records(&*self.log, from).take_while(there))
    }

    /// The log knows where the records of a stream are.
    fn streams(&self, names: &BTreeSet<StreamId>) -> Result<Vec<Recorded>, Failure> {
        let mut found = streams(&*self.log, names)?;
        found.retain(|recorded| recorded.position < self.end);
        Ok(found)
    }
}

/// The records of a log from a position on, read page by page.
pub(super) fn records(log: &dyn EventLog, from: Position) -> Records<'_> {
    Box::new(Pages {
        log,
        next: Some(from),
        page: Vec::new().into_iter(),
    })
}

/// The records of some streams, in the order of the log.
pub(super) fn streams(log: &dyn EventLog, streams: &BTreeSet<StreamId>) -> Result<Vec<Recorded>, Failure> {
    let mut found = Vec::new();
    for stream in streams {
        let mut from = Revision::START;
        loop {
            let page = wait(log.read_stream(stream, from, READ_RECORDS_MAX));
            let page = page.map_err(|error| unread(&error))?;
            let Some(last) = page.last() else { break };
            from = last.revision.next();
            for record in page {
                found.push(decoded(record)?);
            }
        }
    }
    found.sort_by_key(|recorded| recorded.position);
    Ok(found)
}

fn unread(error: &ReadError) -> Failure {
    Failure::integrity("damaged", "the database cannot be read")
        .help("`guichet doctor --full --data DIR` names every damaged place")
        .zh(
            "数据库无法读取",
            Some("`guichet doctor --full --data DIR` 逐处列出损坏"),
        )
        .because_of(error)
}

fn decoded(record: Record) -> Result<Recorded, Failure> {
    Recorded::of_record(record).map_err(|error| {
        Failure::integrity(
            "unreadable_record",
            format!("the record at position {} cannot be read", error.position),
        )
        .zh(format!("位置 {} 的记录无法读取", error.position), None)
        .because_of(&error)
    })
}

struct Pages<'s> {
    log: &'s dyn EventLog,
    /// None after a page that could not be read.
    next: Option<Position>,
    page: std::vec::IntoIter<Record>,
}

impl Iterator for Pages<'_> {
    type Item = Result<Recorded, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.page.next() {
                return Some(decoded(record));
            }
            let from = self.next.take()?;
            match wait(self.log.read_all(from, PAGE_RECORDS)) {
                Ok(page) => {
                    self.next = Some(page.last()?.position.next());
                    self.page = page.into_iter();
                }
                Err(error) => return Some(Err(unread(&error))),
            }
        }
    }
}

/// Waits for an answer of the log. Where there is no runtime its reads are done on the thread that asks.
fn wait<T>(future: impl Future<Output = T>) -> T {
    /// Wakes the thread that waits.
    struct Asleep(Thread);

    impl Wake for Asleep {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Asleep(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Task::from_waker(&waker)) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => std::thread::park(),
        }
    }
}
