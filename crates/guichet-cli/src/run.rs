//! `guichet run`: commands as JSON lines in, one answer as a JSON line each out. The door for every other language.
//!
//! A thread reads and parses; what has come by the time the last group is durable is the next group. Answers come in the
//! order of the lines, each written when what it says is on the disk.

use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;

use clap::Args;
use guichet::core::actor::Role;
use guichet::core::case::Command;
use guichet::core::id::CommandId;
use guichet::{AnswerDocument, EngineError, Guichet};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::archive::{AlsoArchive, Running};
use crate::context::{Context, Exit, Failure};
use crate::data::{self, ClockArg, DataArg};
use crate::told::{Tell as _, Told as _};

/// The longest line: a record's payload may have half of it, and JSON writes some characters with six bytes.
pub const LINE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How many lines wait for the group that is being made durable.
const WAITING_LINES_MAX: usize = 1_024;
/// How many bytes those lines may have.
const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What `guichet run` takes.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Each line of the input is a command (schemas/command.v1.schema.json), each line of the output its answer \
(schemas/answer.v1.schema.json), in the same order and written when the command is on the disk. A line that is no command \
is answered with the reason, and the rest goes on; the exit code is then 1. The end of the input, Ctrl-C and SIGTERM end it \
in order.

Example: guichet run --data DIR < commands.jsonl > answers.jsonl")]
pub struct RunArgs {
    #[command(flatten)]
    data: DataArg,
    #[command(flatten)]
    archive: AlsoArchive,
    #[command(flatten)]
    clock: ClockArg,
}

/// A line of the input, read and not yet handled.
struct Line {
    number: u64,
    said: Result<Box<Command>, BadLine>,
    /// Its share of what may wait.
    _room: OwnedSemaphorePermit,
}

/// A line that is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
struct BadLine {
    /// The id that it names all the same, if it names one.
    id: Option<CommandId>,
    code: &'static str,
    /// What it is not, and why.
    message: String,
}

impl BadLine {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            id: None,
            code,
            message: message.into(),
        }
    }
}

/// Takes commands until the input ends or somebody ends it.
///
/// # Errors
///
/// [`Failure`] when the data does not open, the engine stops, or nobody takes the answers.
pub async fn run(args: &RunArgs, context: Context) -> Result<Exit, Failure> {
    let engine = data::open_with(&args.data.data, args.clock.config(), &context).await?;
    let archive = args.archive.begin(&engine, &args.data.data).await?;
    let (sender, mut lines) = mpsc::channel(WAITING_LINES_MAX);
    read_in_background(sender)?;
    let done = serve(&engine, &mut lines, context).await;
    let archived = Running::finish(archive, context).await;
    let closed = engine.close().await;
    let ended = done?;
    closed.told()?;
    archived?;
    match ended {
        Ended::Input { bad_lines: 0 } => Ok(Exit::Ok),
        Ended::Input { bad_lines } => {
            context.remark(&match context.lang {
                crate::context::Lang::Zh => format!("{bad_lines} 行未能处理，原因见对应的回答"),
                crate::context::Lang::En => {
                    format!("{bad_lines} lines were no commands; their answers say why")
                }
            });
            Ok(Exit::Findings)
        }
        Ended::Signal => Err(Failure::interrupted(
            "interrupted; every command that was answered is on the disk",
        )
        .zh("已中断；凡已回答的命令均已落盘", None)),
    }
}

enum Ended {
    Input { bad_lines: u64 },
    Signal,
}

/// Handles group after group.
async fn serve(
    engine: &Guichet,
    lines: &mut mpsc::Receiver<Line>,
    context: Context,
) -> Result<Ended, Failure> {
    let mut group = Vec::new();
    let mut bad_lines = 0;
    let mut stop = StopSignal::listen();
    loop {
        tokio::select! {
            biased;
            () = stop.wait() => return Ok(Ended::Signal),
            taken = lines.recv_many(&mut group, WAITING_LINES_MAX) => {
                if taken == 0 {
                    return Ok(Ended::Input { bad_lines });
                }
            }
        }
        bad_lines += handle(engine, std::mem::take(&mut group), context).await?;
        if let Some(cause) = engine.poisoned() {
            return Err(EngineError::Poisoned { cause }.tell());
        }
    }
}

/// Handles one group, and writes its answers. Answers how many lines were no commands.
async fn handle(engine: &Guichet, group: Vec<Line>, context: Context) -> Result<u64, Failure> {
    let mut commands = Vec::with_capacity(group.len());
    let mut waiting = Vec::with_capacity(group.len());
    for line in group {
        waiting.push((
            line.number,
            line.said.map(|command| {
                let about = (command.id.clone(), command.case.clone());
                commands.push(*command);
                about
            }),
        ));
    }
    let mut answers = engine.handle_all(commands).await.into_iter();
    let mut bad_lines = 0;
    let mut out = context.out();
    for (line, said) in &waiting {
        let answer;
        let line = match said {
            Ok((id, case)) => {
                answer = answers.next().unwrap_or(Err(EngineError::Closed));
                AnswerDocument::of(id, case, &answer)
            }
            Err(bad) => {
                bad_lines += 1;
                let message = format!("line {line} {}", bad.message);
                AnswerDocument::of_none(bad.id.as_ref(), bad.code, message)
            }
        };
        serde_json::to_writer(&mut out, &line).map_err(|error| unanswered(&error.into()))?;
        out.write_all(b"\n").map_err(|error| unanswered(&error))?;
    }
    out.flush().map_err(|error| unanswered(&error))?;
    Ok(bad_lines)
}

/// Answers that nobody takes: commands may be durable whose answer was never seen, so this is no quiet end.
fn unanswered(error: &std::io::Error) -> Failure {
    Failure::store("output", "the answers cannot be written")
        .because(error.to_string())
        .help("send the commands that got no answer again with the same ids: each gets the answer that it got before")
        .zh("无法写出回答", Some("请以相同编号重发未获回答的命令：回答与先前相同"))
}

/// Ctrl-C or SIGTERM, listened for since this was made.
///
/// Make it before anybody is told that there is something to end: until then the signal ends the process where it stands.
pub(crate) struct StopSignal {
    #[cfg(unix)]
    listening: Option<[tokio::signal::unix::Signal; 2]>,
}

impl StopSignal {
    /// Listens from now on.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};

            let interrupt = signal(SignalKind::interrupt());
            let terminate = signal(SignalKind::terminate());
            Self {
                listening: interrupt.and_then(|interrupt| Ok([interrupt, terminate?])).ok(),
            }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for one; for ever where none can be listened for, since the signal then ends the process itself.
    pub(crate) async fn wait(&mut self) {
        #[cfg(unix)]
        if let Some([interrupt, terminate]) = &mut self.listening {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_ok() {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// Starts the thread that reads the input. It is of the process, not of the runtime: a read cannot be called off.
fn read_in_background(lines: mpsc::Sender<Line>) -> Result<(), Failure> {
    let room = Arc::new(Semaphore::new(WAITING_BYTES_MAX));
    let runtime = tokio::runtime::Handle::current();
    std::thread::Builder::new()
        .name("guichet-input".to_owned())
        .spawn(move || {
            let mut input = BufReader::with_capacity(256 * 1024, std::io::stdin());
            let mut number = 0;
            loop {
                number += 1;
                let Some(read) = read_line(&mut input) else { return };
                let bytes = read.as_ref().map_or(0, Vec::len).min(WAITING_BYTES_MAX);
                let said = match read {
                    Ok(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
                    Ok(bytes) => parse(&bytes),
                    Err(bad) => Err(bad),
                };
                let room = Arc::clone(&room).acquire_many_owned(u32::try_from(bytes).unwrap_or(u32::MAX));
                let Ok(room) = runtime.block_on(room) else { return };
                // Nobody takes lines any more: somebody ended the process.
                if lines
                    .blocking_send(Line {
                        number,
                        said,
                        _room: room,
                    })
                    .is_err()
                {
                    return;
                }
            }
        })
        .map(|_| ())
        .map_err(|error| Failure::store("no_threads", "no thread can be started").because(error.to_string()))
}

/// The next line without its end; nothing at the end of the input. What is too long is read over, not kept.
fn read_line(input: &mut impl BufRead) -> Option<Result<Vec<u8>, BadLine>> {
    let mut line = Vec::new();
    let mut bytes = 0_u64;
    let mut any = false;
    loop {
        let found = match input.fill_buf() {
            Ok(found) => found,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            // What cannot be read ends the input: nothing after it can be trusted to be whole.
            Err(_) => return None,
        };
        if found.is_empty() {
            break;
        }
        any = true;
        let end = found.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(found.len());
        bytes = bytes.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
        if line.len() + taken <= LINE_BYTES_MAX {
            line.extend_from_slice(found.get(..taken).unwrap_or_default());
        }
        input.consume(taken + usize::from(end.is_some()));
        if end.is_some() {
            break;
        }
    }
    if !any {
        return None;
    }
    if bytes > u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX) {
        let message =
            format!("has {bytes} bytes, and {LINE_BYTES_MAX} is the most; put long texts into documents");
        return Some(Err(BadLine::new("line_too_long", message)));
    }
    Some(Ok(line))
}

/// The command that a line holds.
fn parse(bytes: &[u8]) -> Result<Box<Command>, BadLine> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        BadLine::new(
            "not_utf8",
            format!("is not UTF-8: byte {} is wrong", error.valid_up_to() + 1),
        )
    })?;
    let command: Box<Command> = serde_json::from_str(text).map(Box::new).map_err(|error| {
        let mut message = error.to_string();
        // The parser counts lines inside this one; the answer has the line's own number.
        if let Some(at) = message.rfind(" at line ") {
            message.truncate(at);
        }
        let column = error.column();
        // The parser's own word for it is not enough: it takes a command without a name for a mistake of syntax.
        if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            let id = serde_json::from_str::<Named>(text).ok().map(|named| named.id);
            if message == "expected value" {
                "expected one command with its fields, as in {\"accept\": {}}".clone_into(&mut message);
            }
            BadLine {
                id,
                ..BadLine::new(
                    "no_command",
                    format!("is no command: {message}, at column {column}"),
                )
            }
        } else {
            BadLine::new("no_json", format!("is no JSON: {message}, at column {column}"))
        }
    })?;
    if command.actor.role == Role::Importer {
        // An importer takes over what another system decided, so nothing holds it to role, window, roster or four eyes.
        let message =
            "asks as importer, which only `guichet import` does; name the role of the person who asks";
        return Err(BadLine {
            id: Some(command.id),
            ..BadLine::new("role_reserved", message)
        });
    }
    Ok(command)
}

/// What a line that is no command may still name.
#[derive(serde::Deserialize)]
struct Named {
    id: CommandId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<Result<Vec<u8>, BadLine>> {
        let mut input = BufReader::with_capacity(7, input);
        std::iter::from_fn(|| read_line(&mut input)).collect()
    }

    #[test]
    fn a_line_ends_at_its_end_or_with_the_input() {
        assert_eq!(lines(b""), []);
        assert_eq!(
            lines(b"a\n\nlonger than the buffer"),
            [
                Ok(b"a".to_vec()),
                Ok(Vec::new()),
                Ok(b"longer than the buffer".to_vec())
            ]
        );
    }

    #[test]
    fn nobody_passes_the_rules_of_authority_as_importer() {
        let line =
            br#"{"id":"c-1","case":"1","actor":{"person":"x","role":"importer"},"command":{"accept":{}}}"#;
        let refused = parse(line).unwrap_err();
        assert_eq!(refused.code, "role_reserved");
        assert_eq!(refused.id.map(|id| id.to_string()), Some("c-1".to_owned()));
    }

    #[test]
    fn a_line_that_is_too_long_is_read_over_and_the_next_one_is_whole() {
        let mut input = vec![b'x'; LINE_BYTES_MAX + 1];
        input.extend_from_slice(b"\nnext\n");
        let lines = lines(&input);
        assert!(
            matches!(&lines[0], Err(bad) if bad.code == "line_too_long" && bad.message.contains("2097153"))
        );
        assert_eq!(lines[1], Ok(b"next".to_vec()));
        assert_eq!(lines.len(), 2);
    }
}
