//! Settling: a group that the log has taken, or has not, and the answers to everybody who waits for it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, PoisonError};

use guichet_core::case::CaseEvent;
use guichet_core::case::command::Command;
use guichet_core::id::{Position, Revision};
use guichet_core::reference::Directory;
use guichet_core::time::Timestamp;
use guichet_log::log::{AppendError, Appended, with_sources};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::answer::{Accepted, Answer};
use crate::engine::Published;
use crate::error::{EngineError, PublishError};
use crate::view::repeated;
use crate::writer::{Prepared, Reply, Shared};

/// From how many answers on they are handed to the runtime in one piece: waking a task from inside its runtime costs a
/// fraction of what it costs from another thread, and the writer goes on meanwhile.
const HANDED_OVER_MIN: usize = 8;

/// An answer, with the command: it is let go where it was made, which spares the allocator a lock between threads.
pub(crate) struct Told {
    pub(crate) answer: Reply,
    #[expect(dead_code, reason = "it is only let go")]
    command: Box<Prepared>,
}

/// Answers on their way. They are given when this is dropped, so also when the runtime that was to do it is gone.
struct Answers(Vec<(oneshot::Sender<Told>, Told)>);

impl Drop for Answers {
    fn drop(&mut self) {
        for (reply, told) in self.0.drain(..) {
            // A send fails only when whoever asked has gone away: what was recorded is recorded all the same.
            let _ = reply.send(told);
        }
    }
}

/// Who waits for the answer to a command.
pub(crate) enum Reader {
    One(oneshot::Sender<Told>),
    /// Somebody who sent several: answers are given in order, so the last one makes them whole.
    Of(Rc<RefCell<Batch>>),
}

pub(crate) struct Batch {
    answers: Vec<Reply>,
    count: usize,
    reply: Option<oneshot::Sender<Vec<Reply>>>,
}

impl Reader {
    /// The commands of somebody who sent several, and waits for all answers.
    pub(crate) fn of(count: usize, reply: oneshot::Sender<Vec<Reply>>) -> Rc<RefCell<Batch>> {
        Rc::new(RefCell::new(Batch {
            answers: Vec::with_capacity(count),
            count,
            reply: Some(reply),
        }))
    }

    // A send fails only when whoever asked has gone away: what was recorded is recorded all the same.
    pub(crate) fn answer(self, answer: Reply, command: Box<Prepared>) {
        match self {
            Self::One(reply) => {
                let _ = reply.send(Told { answer, command });
            }
            Self::Of(batch) => {
                let mut batch = batch.borrow_mut();
                batch.answers.push(answer);
                if batch.answers.len() == batch.count
                    && let Some(reply) = batch.reply.take()
                {
                    let _ = reply.send(std::mem::take(&mut batch.answers));
                }
            }
        }
    }
}

/// Where one answer goes, once its group is durable.
pub(crate) enum Waiting {
    Handle(Reader, Box<Prepared>, Outcome),
    Publish(
        oneshot::Sender<Result<Published, PublishError>>,
        Result<PublishOutcome, PublishError>,
    ),
}

/// What was decided on one command, before it is durable.
pub(crate) enum Outcome {
    /// These events, in the append with this number; none, if nothing followed.
    Accepted {
        append: Option<usize>,
        head: Option<Revision>,
        events: Vec<CaseEvent>,
        decided_at: Timestamp,
    },
    /// A no, or a failure that concerns this command alone.
    Answered(Reply),
    /// The same command is in the group itself, or was accepted before: its answer is looked up.
    Repeats([u8; 8]),
}

pub(crate) struct PublishOutcome {
    pub(crate) directory: Arc<Directory>,
    pub(crate) events: usize,
    pub(crate) append: Option<usize>,
}

/// Who gives the answers.
pub(crate) struct Settling {
    pub(crate) shared: Arc<Shared>,
    /// The host's runtime, if its own threads keep it going.
    pub(crate) runtime: Option<Handle>,
}

impl Settling {
    /// Answers everybody whose group is durable.
    pub(crate) async fn answer_all(&self, waiting: Vec<Waiting>, appended: Option<&Appended>) {
        let mut answers = Answers(Vec::with_capacity(waiting.len()));
        for waiting in waiting {
            match waiting {
                Waiting::Handle(reader, command, outcome) => {
                    let answer = self.answer(outcome, &command.command, appended).await;
                    match reader {
                        Reader::One(reply) => answers.0.push((reply, Told { answer, command })),
                        of @ Reader::Of(_) => of.answer(answer, command),
                    }
                }
                Waiting::Publish(reply, outcome) => {
                    let published = outcome.map(|outcome| self.published(outcome, appended));
                    // A send fails only when whoever asked has gone away.
                    let _ = reply.send(published);
                }
            }
        }
        match &self.runtime {
            Some(runtime) if answers.0.len() >= HANDED_OVER_MIN => {
                runtime.spawn(async move { drop(answers) });
            }
            Some(_) | None => drop(answers),
        }
    }

    async fn answer(&self, outcome: Outcome, command: &Command, appended: Option<&Appended>) -> Reply {
        match outcome {
            Outcome::Answered(reply) => reply,
            Outcome::Accepted {
                append,
                head,
                events,
                decided_at,
            } => {
                let place = append.and_then(|append| appended?.appends.get(append));
                Ok(Answer::Accepted(Accepted {
                    case: command.case.clone(),
                    position: place.map(|place| place.first),
                    revision: head,
                    recorded_at: appended.map_or(decided_at, |appended| appended.recorded_at),
                    events,
                    repeated: false,
                }))
            }
            Outcome::Repeats(digest) => match repeated(&*self.shared.log, command, digest).await {
                Ok(Some(answer)) => Ok(answer),
                Ok(None) => Err(EngineError::Read(format!(
                    "the records of command {} are gone",
                    command.id
                ))),
                Err(error) => Err(error),
            },
        }
    }

    fn published(&self, outcome: PublishOutcome, appended: Option<&Appended>) -> Published {
        let PublishOutcome {
            directory,
            events,
            append,
        } = outcome;
        *self
            .shared
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner) = directory;
        let place = append.and_then(|append| appended?.appends.get(append));
        Published {
            position: place.map(|place| place.first),
            events,
        }
    }

    /// Tells everybody in a group that nothing of it was acknowledged, and why.
    pub(crate) fn refuse(&self, waiting: Vec<Waiting>, cause: &str) {
        self.shared.poison(cause);
        for waiting in waiting {
            match waiting {
                Waiting::Handle(reader, command, _) => reader.answer(Err(poisoned(cause)), command),
                Waiting::Publish(reply, _) => {
                    let _ = reply.send(Err(poisoned(cause).into()));
                }
            }
        }
    }
}

pub(crate) fn poisoned(cause: &str) -> EngineError {
    EngineError::Poisoned {
        cause: cause.to_owned(),
    }
}

/// A group with what the log said to it.
pub(crate) struct Settled {
    pub(crate) waiting: Vec<Waiting>,
    /// Nothing, where no command of the group led to an event.
    pub(crate) result: Result<Option<Appended>, AppendError>,
    /// The position that its first record was to have.
    pub(crate) first: Option<Position>,
}

/// A group that is in the log.
pub(crate) struct Durable {
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) appended: Option<Appended>,
}

impl Settled {
    /// The group, if it is where the writer said it would be; else who waits for it, and why the writer has to stop.
    pub(crate) fn durable(self) -> Result<Durable, (Vec<Waiting>, String)> {
        let Self {
            waiting,
            result,
            first,
        } = self;
        match result {
            Err(error) => Err((waiting, with_sources(&error))),
            // The order of positions is the writer's own; a second writer beside it would break every promise.
            Ok(Some(appended)) if Some(appended.first) != first => {
                let cause = format!(
                    "the group went to position {}, so another writer is at work on this log",
                    appended.first
                );
                Err((waiting, cause))
            }
            Ok(appended) => Ok(Durable { waiting, appended }),
        }
    }
}
