//! An answer as programs read it, whoever carries it to them.

use guichet_core::case::CaseEvent;
use guichet_core::id::{CaseId, CommandId, Position, Revision};
use guichet_log::codec::json::Data;
use serde::Serialize;

use crate::answer::Answer;
use crate::error::EngineError;

/// The answer to a command, as `schemas/answer.v1.schema.json` describes it.
#[derive(Serialize)]
pub struct AnswerDocument<'a> {
    id: Option<&'a CommandId>,
    #[serde(flatten)]
    status: Status<'a>,
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Status<'a> {
    Accepted {
        case: &'a CaseId,
        #[serde(skip_serializing_if = "Option::is_none")]
        position: Option<Position>,
        #[serde(skip_serializing_if = "Option::is_none")]
        revision: Option<Revision>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        replayed: bool,
        events: Vec<EventLine<'a>>,
    },
    Rejected {
        case: &'a CaseId,
        rejection: RejectionLine,
    },
    Busy {
        error: ErrorLine<'a>,
    },
    Failed {
        error: ErrorLine<'a>,
    },
}

#[derive(Serialize)]
struct EventLine<'a> {
    kind: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct RejectionLine {
    code: String,
    message: String,
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    code: &'a str,
    message: String,
    retryable: bool,
}

impl<'a> AnswerDocument<'a> {
    /// What the engine said to a command about a case.
    ///
    /// ```
    /// # use guichet::{AnswerDocument, EngineError};
    /// # use guichet::core::id::{CaseId, CommandId};
    /// let (id, case) = (CommandId::new("c-1")?, CaseId::new("2010-1")?);
    /// let answer = Err(EngineError::Closed);
    /// let document = serde_json::to_value(AnswerDocument::of(&id, &case, &answer)).unwrap();
    /// assert_eq!(document["status"], "failed");
    /// # Ok::<(), guichet::core::id::IdError>(())
    /// ```
    #[must_use]
    pub fn of(id: &'a CommandId, case: &'a CaseId, answer: &'a Result<Answer, EngineError>) -> Self {
        let status = match answer {
            Ok(Answer::Accepted(accepted)) => Status::Accepted {
                case: &accepted.case,
                position: accepted.position,
                revision: accepted.revision,
                replayed: accepted.repeated,
                events: accepted.events.iter().map(EventLine::of).collect(),
            },
            Ok(Answer::Rejected(rejection)) => Status::Rejected {
                case,
                rejection: RejectionLine {
                    code: rejection.code(),
                    message: rejection.to_string(),
                },
            },
            Err(error) => {
                let line = ErrorLine {
                    code: error.code(),
                    message: error.to_string(),
                    retryable: error.is_retryable(),
                };
                if let EngineError::Busy { .. } = error {
                    Status::Busy { error: line }
                } else {
                    Status::Failed { error: line }
                }
            }
        };
        Self { id: Some(id), status }
    }

    /// What is said to somebody who sent no command: why it is none.
    #[must_use]
    pub const fn of_none(id: Option<&'a CommandId>, code: &'a str, message: String) -> Self {
        let error = ErrorLine {
            code,
            message,
            retryable: false,
        };
        Self {
            id,
            status: Status::Failed { error },
        }
    }
}

impl<'a> EventLine<'a> {
    fn of(event: &'a CaseEvent) -> Self {
        Self {
            kind: event.kind(),
            data: Data::of(event),
        }
    }
}
