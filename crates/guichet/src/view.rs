//! Cases, read from the log record by record.

use guichet_core::case::command::Command;
use guichet_core::id::{CaseId, Revision, StreamId};
use guichet_log::codec::Event;
use guichet_log::history::{CaseView, state_of};
use guichet_log::log::{EventLog, READ_RECORDS_MAX, with_sources};
use guichet_log::projection::Recorded;
use guichet_log::record::Record;

use crate::answer::{Accepted, Answer};
use crate::error::EngineError;
use crate::hot::Hot;

/// Every record of a stream, page by page.
async fn stream(log: &dyn EventLog, stream: &StreamId) -> Result<Vec<Record>, EngineError> {
    let mut records = Vec::new();
    let mut from = Revision::START;
    loop {
        let page = log.read_stream(stream, from, READ_RECORDS_MAX).await?;
        let Some(last) = page.last() else {
            return Ok(records);
        };
        from = last.revision.next();
        let full = page.len() >= READ_RECORDS_MAX;
        records.extend(page);
        if !full {
            return Ok(records);
        }
    }
}

/// Every record of a stream, decoded.
pub(crate) async fn read_recorded(log: &dyn EventLog, name: &StreamId) -> Result<Vec<Recorded>, EngineError> {
    stream(log, name).await?.into_iter().map(decoded).collect()
}

fn decoded(record: Record) -> Result<Recorded, EngineError> {
    Recorded::of_record(record).map_err(|error| EngineError::Decode(with_sources(&error)))
}

/// A case, folded.
pub(crate) async fn read_case(log: &dyn EventLog, case: &CaseId) -> Result<Hot, EngineError> {
    let recorded = read_recorded(log, &StreamId::of_case(case)).await?;
    let head = recorded.last().map(|last| last.revision);
    Ok(Hot {
        state: state_of(&recorded),
        head,
        stream: None,
    })
}

/// A case with its history, if it has one.
pub(crate) async fn view_case(log: &dyn EventLog, case: &CaseId) -> Result<Option<CaseView>, EngineError> {
    let records = read_recorded(log, &StreamId::of_case(case)).await?;
    Ok(CaseView::of(case.clone(), records))
}

/// The answer that a command got when it was accepted, if it was.
pub(crate) async fn repeated(
    log: &dyn EventLog,
    command: &Command,
    digest: [u8; 8],
) -> Result<Option<Answer>, EngineError> {
    let Some(records) = log.find_command(&command.id).await? else {
        return Ok(None);
    };
    let (Some(first), Some(last)) = (records.first(), records.last()) else {
        return Ok(None);
    };
    if first.command_digest != digest {
        return Err(EngineError::CommandIdReused {
            id: command.id.clone(),
        });
    }
    let (position, revision, recorded_at) = (Some(first.position), Some(last.revision), first.recorded_at);
    let mut events = Vec::with_capacity(records.len());
    for record in records {
        if let Event::Case(event) = decoded(record)?.event {
            events.push(event);
        }
    }
    let case = command.case.clone();
    Ok(Some(Answer::Accepted(Accepted {
        case,
        position,
        revision,
        recorded_at,
        events,
        repeated: true,
    })))
}
