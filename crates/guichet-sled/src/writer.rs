//! The writer: one thread that owns the journal. It takes what the queue holds, writes one frame, syncs, and answers.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};

use foldhash::fast::RandomState;
use guichet_core::id::{Position, Revision, StreamId};
use guichet_core::time::Timestamp;
use guichet_log::block::BlockBuilder;
use guichet_log::log::{
    Append, AppendError, Appended, AppendedTo, BoxError, Expected, GROUP_BYTES_MAX, GROUP_RECORDS_MAX, Head,
    STREAM_RECORDS_MAX, at_most, check_group, with_sources,
};
use guichet_log::merkle::{Frontier, Hash};
use tokio::sync::{mpsc, oneshot};

use crate::disk::{Disk, DiskFile};
use crate::journal::{FileHeader, SECTOR_BYTES, end_mark, stamp_frame, write_frame};
use crate::keys;
use crate::seal::full_files;
use crate::shared::{Reach, Shared, Spare};
use crate::tail::{Keys, Mark, TailFile};

/// The first journal file of a log: small, because most logs of tests and trials stay so.
const FIRST_FILE_BYTES: u64 = 1024 * 1024;

/// How many stream heads each of the two generations of the cache holds. More than a group has records, so that what a
/// group staged cannot fall out before the group ends.
const HEADS_MAX: usize = 2 * GROUP_RECORDS_MAX;

/// A new journal file is filled with zeros in pieces of this size.
const ZEROS: &[u8] = &[0; 256 * 1024];

/// What a record takes beside its payload, usually.
const RECORD_BYTES_BESIDE: usize = 256;

/// What the queue holds.
#[derive(Debug)]
pub(crate) enum Message {
    Append(Request),
    Close(oneshot::Sender<Result<(), BoxError>>),
}

/// A group, with everything done that needs no place in the log.
#[derive(Debug)]
pub(crate) struct Request {
    appends: Vec<(StreamId, Expected, usize)>,
    /// The encoded records of all appends, one after the other.
    records: Vec<u8>,
    ends: Vec<usize>,
    keys: Vec<Keys>,
    recorded_at: Timestamp,
    answer: oneshot::Sender<Result<Appended, AppendError>>,
}

type Answer = oneshot::Receiver<Result<Appended, AppendError>>;

impl Request {
    /// Encodes a group on the caller's time.
    pub(crate) fn new(group: Vec<Append>, recorded_at: Timestamp) -> Result<(Self, Answer), AppendError> {
        let count = usize::try_from(check_group(&group)?).unwrap_or(0);
        let (answer, answered) = oneshot::channel();
        let drafts = group.iter().flat_map(|append| &append.drafts);
        let bytes: usize = drafts
            .map(|draft| draft.payload.len() + RECORD_BYTES_BESIDE)
            .sum();
        let mut request = Self {
            appends: Vec::with_capacity(group.len()),
            records: Vec::with_capacity(bytes),
            ends: Vec::with_capacity(count),
            keys: Vec::with_capacity(count),
            recorded_at,
            answer,
        };
        for Append {
            stream,
            expected,
            drafts,
        } in group
        {
            let stream_key = keys::stream(stream.as_str());
            for draft in &drafts {
                draft.encode(&stream, &mut request.records);
                request.ends.push(request.records.len());
                request
                    .keys
                    .push([stream_key, keys::command(draft.command.as_str())]);
            }
            request.appends.push((stream, expected, drafts.len()));
        }
        at_most(
            "the bytes of a group",
            request.records.len() as u64,
            GROUP_BYTES_MAX as u64,
        )?;
        Ok((request, answered))
    }
}

/// Who waits for the end of the log, and how it went.
pub(crate) type Ending = (oneshot::Sender<Result<(), BoxError>>, Result<(), BoxError>);

pub(crate) struct Writer {
    shared: Arc<Shared>,
    queue: mpsc::Receiver<Message>,
    file: ActiveFile,
    tree: Frontier,
    recorded_at: Option<Timestamp>,
    heads: Heads,
    /// How many requests were checked: the number of the last one.
    checks: u64,
    frame: Vec<u8>,
    preparing: Option<JoinHandle<()>>,
}

/// The journal file that is written.
#[derive(Debug)]
pub(crate) struct ActiveFile {
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) salt: u64,
    pub(crate) length: u64,
    /// Where the next frame goes.
    pub(crate) end: u64,
}

/// A group commit that is being put together.
struct Commit {
    builder: BlockBuilder,
    marks: Vec<Mark>,
    answers: Vec<(oneshot::Sender<Result<Appended, AppendError>>, Appended)>,
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        queue: mpsc::Receiver<Message>,
        file: ActiveFile,
        tree: Frontier,
        recorded_at: Option<Timestamp>,
    ) -> Self {
        Self {
            shared,
            queue,
            file,
            tree,
            recorded_at,
            heads: Heads::default(),
            checks: 0,
            frame: Vec::new(),
            preparing: None,
        }
    }

    /// Works until the log is closed or dropped. Answers with who waits for the end, and with how it went.
    pub(crate) fn run(mut self) -> Option<Ending> {
        let mut held = None;
        let closing = loop {
            let Some(message) = held.take().or_else(|| self.queue.blocking_recv()) else {
                break None;
            };
            match message {
                Message::Close(answer) => break Some(answer),
                Message::Append(request) => held = self.commit(request),
            }
        };
        self.queue.close();
        while let Some(message) = self.queue.blocking_recv() {
            match message {
                Message::Append(request) => answer(request.answer, Err(AppendError::Closed)),
                // Whoever asks a second time is told when the answer's sender is dropped.
                Message::Close(_) => {}
            }
        }
        let ended = self.end();
        if let Some(preparing) = self.preparing.take() {
            // A file that could not be prepared is missed when it is needed, not here.
            let _ = preparing.join();
        }
        closing.map(|answer| (answer, ended))
    }

    /// Notes the head after the last frame, so that a later loss of that frame cannot pass for a torn write.
    fn end(&self) -> Result<(), BoxError> {
        if let Some(cause) = self.shared.poisoned.get() {
            return Err(cause.clone().into());
        }
        if self.file.end + SECTOR_BYTES as u64 <= self.file.length {
            let mark = end_mark(self.file.salt, Position(self.tree.size()));
            self.file.file.write_at(&mark, self.file.end)?;
            self.file.file.sync()?;
        }
        Ok(())
    }

    /// Commits a request together with those that wait behind it. Answers with the message that did not go with them.
    fn commit(&mut self, first: Request) -> Option<Message> {
        // What is refused counts too: so no more heads are looked at than the cache holds until the commit is published.
        let (mut bytes, mut records) = (first.records.len(), first.ends.len());
        let mut requests = vec![first];
        let held = loop {
            match self.queue.try_recv() {
                Ok(Message::Append(request)) => {
                    bytes += request.records.len();
                    records += request.ends.len();
                    if bytes > GROUP_BYTES_MAX || records > GROUP_RECORDS_MAX {
                        break Some(Message::Append(request));
                    }
                    requests.push(request);
                }
                Ok(close @ Message::Close(_)) => break Some(close),
                Err(mpsc::error::TryRecvError::Empty | mpsc::error::TryRecvError::Disconnected) => {
                    break None;
                }
            }
        };
        let mut commit = Commit {
            builder: BlockBuilder::new(self.tree.clone()).with_room(records, bytes),
            marks: Vec::with_capacity(records),
            answers: Vec::with_capacity(requests.len()),
        };
        for request in requests {
            self.stage(request, &mut commit);
        }
        if !commit.answers.is_empty() {
            self.write(commit);
        }
        held
    }

    /// Adds a request to the commit, or answers it when it does not fit the log.
    fn stage(&mut self, request: Request, commit: &mut Commit) {
        if let Some(cause) = self.shared.poisoned.get() {
            return answer(
                request.answer,
                Err(AppendError::Poisoned { cause: cause.clone() }),
            );
        }
        if let Err(error) = self.check(&request) {
            return answer(request.answer, Err(error));
        }
        let recorded_at = self
            .recorded_at
            .map_or(request.recorded_at, |before| before.max(request.recorded_at));
        self.recorded_at = Some(recorded_at);
        let first = commit.builder.end();
        let mut appends = Vec::with_capacity(request.appends.len());
        let mut start = 0;
        let mut records = request.ends.iter().zip(&request.keys);
        for (stream, _, count) in request.appends {
            let known = self.heads.known(stream);
            let mut head = known.head;
            appends.push(AppendedTo {
                first: commit.builder.end(),
                revision: next_revision(head),
                count: count as u64,
            });
            for (end, keys) in records.by_ref().take(count) {
                let encoded = request.records.get(start..*end).unwrap_or_default();
                let previous = head.map_or(Hash::NONE, |head| head.hash);
                let revision = next_revision(head);
                let hash = commit.builder.place(encoded, revision, recorded_at, previous);
                // Before anybody can know of the record.
                self.shared.store.note(*keys);
                commit.marks.push(Mark {
                    keys: *keys,
                    leaf: hash,
                });
                head = Some(Head { revision, hash });
                start = *end;
            }
            known.head = head;
        }
        commit.answers.push((
            request.answer,
            Appended {
                first,
                recorded_at,
                appends,
            },
        ));
    }

    /// Whether every append of a request meets its expectation; afterwards the cache holds the heads of its streams.
    fn check(&mut self, request: &Request) -> Result<(), AppendError> {
        self.checks += 1;
        for (stream, expected, count) in &request.appends {
            let known = if let Some(known) = self.heads.get(stream) {
                known
            } else {
                let head = self.shared.stream_head(stream.as_str(), Reach::Store)?.flatten();
                self.heads.insert(stream.clone(), head)
            };
            // Each append sees the ones before it in its request.
            let actual = match known.checked {
                Some((check, last)) if check == self.checks => Some(last),
                Some(_) | None => known.head.map(|head| head.revision),
            };
            let fits = match expected {
                Expected::Absent => actual.is_none(),
                Expected::At(revision) => actual == Some(*revision),
                Expected::Any => true,
            };
            if !fits {
                return Err(AppendError::Conflict {
                    stream: stream.clone(),
                    expected: *expected,
                    actual,
                });
            }
            let records = actual.map_or(0, |last| last.0.saturating_add(1));
            let after = records.saturating_add(*count as u64);
            at_most("the records of a stream", after, STREAM_RECORDS_MAX)?;
            known.checked = after.checked_sub(1).map(|last| (self.checks, Revision(last)));
        }
        Ok(())
    }

    /// Writes and syncs the frame, shows it to the readers, and answers.
    fn write(&mut self, commit: Commit) {
        let Commit {
            builder,
            marks,
            answers,
        } = commit;
        let block = Arc::new(write_frame(builder, &mut self.frame));
        let first = block.first();
        let placed = self.place_frame(first);
        #[cfg(test)]
        if self.shared.options.acknowledge_before_sync && placed.is_ok() {
            self.tree = block.frontier().clone();
            self.publish(block, &marks, answers);
            let _ = self.sync_frame();
            return;
        }
        match placed.and_then(|()| self.sync_frame()) {
            Ok(()) => {
                self.tree = block.frontier().clone();
                self.publish(block, &marks, answers);
            }
            Err(error) => {
                // A failed sync says nothing about what lasts, and a second one could succeed for the wrong reason. So
                // this is the last word until the journal is read again.
                let cause = format!("the journal cannot be written: {}", with_sources(&error));
                self.shared.poison(&cause);
                for (sender, _) in answers {
                    let same = io::Error::new(error.kind(), cause.clone());
                    answer(sender, Err(AppendError::Storage(Box::new(same))));
                }
            }
        }
    }

    fn place_frame(&mut self, first: Position) -> io::Result<()> {
        let length = self.frame.len() as u64;
        // Room for the mark of an orderly end is always left.
        if self.file.end + length + SECTOR_BYTES as u64 > self.file.length {
            self.rotate(first, length)?;
        }
        stamp_frame(&mut self.frame, self.file.salt, first);
        self.file.file.write_at(&self.frame, self.file.end)
    }

    fn sync_frame(&mut self) -> io::Result<()> {
        self.file.file.sync()?;
        self.file.end += self.frame.len() as u64;
        self.prepare();
        Ok(())
    }

    fn publish(
        &self,
        block: Arc<guichet_log::block::Block>,
        marks: &[Mark],
        answers: Vec<(oneshot::Sender<Result<Appended, AppendError>>, Appended)>,
    ) {
        let end = block.end();
        if let Some(file) = self.shared.tail_mut().files.back_mut() {
            file.push(block, marks);
        }
        self.shared.head.send_replace(end);
        for (sender, appended) in answers {
            answer(sender, Ok(appended));
        }
    }

    /// Goes on in the next journal file.
    fn rotate(&mut self, first: Position, frame_bytes: u64) -> io::Result<()> {
        self.wait_for_sealer()?;
        if let Some(preparing) = self.preparing.take() {
            // When it failed, the file is made here, and the error comes up here.
            let _ = preparing.join();
        }
        // The header, the frame, and the mark.
        let least = frame_bytes + 2 * SECTOR_BYTES as u64;
        let wanted = next_length(&self.shared, self.file.length).max(least);
        let (file, tail_file) = begin_file(&self.shared, first, wanted)?;
        // Where the file that is left was ended in order before, the log goes on now: without its newest file it must not
        // look as if it had ended there.
        if self.file.end + SECTOR_BYTES as u64 <= self.file.length {
            self.file.file.write_at(&[0; SECTOR_BYTES], self.file.end)?;
        }
        self.file = file;
        let mut tail = self.shared.tail_mut();
        if tail.files.back().is_some_and(|last| last.blocks.is_empty()) {
            // The new file has taken the name of one in which nothing was written.
            tail.files.pop_back();
        }
        tail.files.push_back(tail_file);
        drop(tail);
        self.shared.sealing_changed.notify_all();
        Ok(())
    }

    /// The bound of the tail: with too many full files the writer waits, and so does everybody behind it.
    fn wait_for_sealer(&self) -> io::Result<()> {
        let mut sealing = self.shared.sealing();
        // The file that is being left counts as full.
        while full_files(&self.shared) + 1 > self.shared.options.unsealed_files_max() {
            if let Some(cause) = self.shared.poisoned.get() {
                return Err(io::Error::other(cause.clone()));
            }
            self.shared.sealing_changed.notify_all();
            sealing = self
                .shared
                .sealing_changed
                .wait_timeout(sealing, std::time::Duration::from_millis(50))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        Ok(())
    }

    /// Lets the next file be filled with zeros while this one is still written.
    fn prepare(&mut self) {
        let late = self.file.end > self.file.length / 2;
        if !late || self.preparing.is_some() || !self.shared.sealing().spares.is_empty() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let wanted = next_length(&self.shared, self.file.length);
        self.preparing = thread::Builder::new()
            .name("guichet-prepare".to_owned())
            .spawn(move || {
                if let Ok(spare) = new_spare(&shared, wanted) {
                    shared.sealing().spares.push(spare);
                }
            })
            .ok();
    }
}

fn next_revision(head: Option<Head>) -> Revision {
    head.map_or(Revision::START, |head| head.revision.next())
}

fn answer<T>(sender: oneshot::Sender<T>, value: T) {
    // A caller that no longer waits misses its answer; the log has the records all the same.
    let _ = sender.send(value);
}

fn next_length(shared: &Shared, length: u64) -> u64 {
    let largest = shared.options.journal_file_bytes();
    length
        .saturating_mul(2)
        .clamp(FIRST_FILE_BYTES.min(largest), largest)
}

/// The length of a log's first journal file.
pub(crate) fn first_length(shared: &Shared) -> u64 {
    next_length(shared, 0)
}

/// Makes a journal file out of a spare one of enough length, or out of a new one.
pub(crate) fn begin_file(
    shared: &Shared,
    first: Position,
    wanted: u64,
) -> io::Result<(ActiveFile, TailFile)> {
    let disk = shared.options.disk();
    let kept = {
        let mut sealing = shared.sealing();
        let fitting = sealing.spares.iter().position(|spare| spare.length >= wanted);
        fitting.map(|number| sealing.spares.swap_remove(number))
    };
    let spare = match kept {
        Some(spare) => spare,
        None => new_spare(shared, wanted)?,
    };
    let header = FileHeader {
        first,
        salt: salt(),
        used_before: spare.used_before,
    };
    let file = disk.open(&spare.path)?;
    file.write_at(&header.encode(), 0)?;
    file.sync()?;
    let path = journal_path(shared, first);
    disk.rename(&spare.path, &path)?;
    disk.sync_dir(&shared.journal)?;
    let active = ActiveFile {
        file,
        salt: header.salt,
        length: spare.length,
        end: SECTOR_BYTES as u64,
    };
    Ok((active, TailFile::new(path, spare.length, first)))
}

fn journal_path(shared: &Shared, first: Position) -> PathBuf {
    shared.journal.join(format!("{first:020}.journal"))
}

/// A file full of zeros that has its blocks on the disk, so that writing into it changes no metadata.
fn new_spare(shared: &Shared, length: u64) -> io::Result<Spare> {
    let number = {
        let mut sealing = shared.sealing();
        sealing.next_spare += 1;
        sealing.next_spare
    };
    let path = shared.journal.join(format!("spare-{number}"));
    let disk: &dyn Disk = shared.options.disk().as_ref();
    let file = disk.create(&path)?;
    let mut written = 0;
    while written < length {
        let piece = usize::try_from(length - written)
            .unwrap_or(usize::MAX)
            .min(ZEROS.len());
        file.write_at(ZEROS.get(..piece).unwrap_or(ZEROS), written)?;
        written += piece as u64;
    }
    file.sync()?;
    Ok(Spare {
        path,
        length,
        used_before: false,
    })
}

/// A number that no other file has, and that nobody outside can guess: a payload that looks like a frame is none.
fn salt() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

/// Where streams end, in two generations: when the young one is full it becomes the old one, and the old one goes.
#[derive(Debug, Default)]
struct Heads {
    young: HashMap<StreamId, Known, RandomState>,
    old: HashMap<StreamId, Known, RandomState>,
}

/// What is known of where a stream ends.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// Its last record, if it has one.
    head: Option<Head>,
    /// The number of the last check that met it, and where it would end after the append that was checked.
    checked: Option<(u64, Revision)>,
}

impl Heads {
    fn get(&mut self, stream: &StreamId) -> Option<&mut Known> {
        if !self.young.contains_key(stream) {
            let (stream, known) = self.old.remove_entry(stream)?;
            self.make_room();
            self.young.insert(stream, known);
        }
        self.young.get_mut(stream)
    }

    /// What is known of a stream, which is nothing as long as it was not checked.
    fn known(&mut self, stream: StreamId) -> &mut Known {
        if !self.young.contains_key(&stream) {
            let known = self.old.remove(&stream).unwrap_or_default();
            return self.add(stream, known);
        }
        self.young.entry(stream).or_default()
    }

    fn insert(&mut self, stream: StreamId, head: Option<Head>) -> &mut Known {
        self.add(stream, Known { head, checked: None })
    }

    fn add(&mut self, stream: StreamId, known: Known) -> &mut Known {
        self.make_room();
        self.young.entry(stream).or_insert(known)
    }

    fn make_room(&mut self) {
        if self.young.len() >= HEADS_MAX {
            self.old = std::mem::take(&mut self.young);
        }
    }
}
