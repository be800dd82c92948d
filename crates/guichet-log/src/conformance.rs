//! What every log must do, as one suite that is run over each of them.
//!
//! A backend enrols with a [`Store`] and one test that calls [`check`]. The suite panics, as tests do, at the first
//! promise that is not kept.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a suite of tests: a panic is how it reports"
)]

use std::sync::Arc;

use guichet_core::actor::{Actor, Role};
use guichet_core::id::{DepartmentId, PersonId, Position, Revision, WindowId};
use guichet_core::time::Timestamp;
use tokio::task::JoinSet;

use crate::log::{
    Append, AppendError, EventLog, Expected, GROUP_BYTES_MAX, GROUP_RECORDS_MAX, Head, READ_RECORDS_MAX,
    STREAM_RECORDS_MAX,
};
use crate::merkle::{Frontier, Hash};
use crate::record::{Cause, DraftError, Kind, PAYLOAD_BYTES_MAX, Record};
use crate::testkit::{append, command, draft, stream};

/// A place where one log is kept.
pub trait Store {
    /// The log that is kept.
    type Log: EventLog + 'static;

    /// Opens the log: empty at first, and after it was closed with all that it took.
    fn open(&self) -> Arc<Self::Log>;
}

/// Runs the whole suite, each promise over a store of its own.
///
/// ```
/// # use std::sync::Arc;
/// # use guichet_log::{conformance::{Store, check}, memory::MemoryLog};
/// struct InMemory(MemoryLog);
///
/// impl Store for InMemory {
///     type Log = MemoryLog;
///
///     fn open(&self) -> Arc<MemoryLog> {
///         self.0.reopen();
///         Arc::new(self.0.clone())
///     }
/// }
///
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// runtime.block_on(check(|| InMemory(MemoryLog::default())));
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn check<S: Store>(fresh: impl Fn() -> S) {
    an_empty_log_has_nothing(&fresh()).await;
    positions_have_no_gaps(&fresh()).await;
    a_record_comes_back_as_it_was_given(&fresh()).await;
    an_expectation_that_does_not_hold_is_a_conflict(&fresh()).await;
    a_group_is_taken_whole_or_not_at_all(&fresh()).await;
    appends_of_one_group_see_the_ones_before_them(&fresh()).await;
    each_record_names_the_hash_of_the_one_before_it_in_its_stream(&fresh()).await;
    a_command_is_found_for_ever(&fresh()).await;
    pages_of_any_size_hold_the_same_records(&fresh()).await;
    the_head_moves_with_what_can_be_read(&fresh()).await;
    recorded_times_never_decrease(&fresh()).await;
    what_is_beyond_its_bounds_is_refused(&fresh()).await;
    blocks_hold_the_records_and_grow_one_tree(&fresh()).await;
    a_log_that_is_opened_again_is_the_same(&fresh()).await;
    concurrent_appenders_keep_their_order(&fresh()).await;
    of_concurrent_appends_with_one_expectation_one_wins(&fresh()).await;
    a_closed_log_takes_nothing(&fresh()).await;
}

const NOON: Timestamp = Timestamp::from_micros(1_267_416_000_000_000);

/// Appends one group of one append, which must be taken.
async fn take(
    log: &impl EventLog,
    stream_name: &str,
    expected: Expected,
    command: &str,
    payloads: &[&[u8]],
) -> Position {
    let group = vec![append(stream_name, expected, command, payloads)];
    log.append(group, NOON).await.unwrap().first
}

async fn all(log: &impl EventLog) -> Vec<Record> {
    let mut records = Vec::new();
    loop {
        let page = log
            .read_all(Position(records.len() as u64), READ_RECORDS_MAX)
            .await
            .unwrap();
        if page.is_empty() {
            return records;
        }
        records.extend(page);
    }
}

fn payloads(records: &[Record]) -> Vec<&[u8]> {
    records.iter().map(|record| record.payload.as_slice()).collect()
}

async fn an_empty_log_has_nothing(store: &impl Store) {
    let log = store.open();
    assert_eq!(log.head(), Position::START);
    assert_eq!(log.read_all(Position::START, 10).await.unwrap(), []);
    assert_eq!(log.read_all(Position(7), 10).await.unwrap(), []);
    assert_eq!(
        log.read_stream(&stream("case/1"), Revision::START, 10)
            .await
            .unwrap(),
        []
    );
    assert_eq!(log.read_blocks(Position::START, 1_000).await.unwrap(), []);
    assert_eq!(log.stream_head(&stream("case/1")).await.unwrap(), None);
    assert_eq!(log.find_command(&command("c-1")).await.unwrap(), None);
    log.close().await.unwrap();
}

async fn positions_have_no_gaps(store: &impl Store) {
    let log = store.open();
    assert_eq!(
        take(&*log, "a", Expected::Absent, "c-1", &[b"0", b"1"]).await,
        Position(0)
    );
    assert_eq!(
        take(&*log, "b", Expected::Absent, "c-2", &[b"2"]).await,
        Position(2)
    );
    let refused = log
        .append(vec![append("a", Expected::Absent, "c-3", &[b"never"])], NOON)
        .await;
    assert!(
        matches!(refused, Err(AppendError::Conflict { .. })),
        "{refused:?}"
    );
    assert_eq!(take(&*log, "a", Expected::Any, "c-4", &[b"3"]).await, Position(3));
    let records = all(&*log).await;
    assert_eq!(payloads(&records), [b"0", b"1", b"2", b"3"]);
    for (position, record) in (0..).zip(&records) {
        assert_eq!(record.position, Position(position));
    }
    log.close().await.unwrap();
}

async fn a_record_comes_back_as_it_was_given(store: &impl Store) {
    let log = store.open();
    let mut full = draft("c-1", b"with everything");
    full.kind = Kind::from_static("case.transferred");
    full.version = 513;
    full.codec = 7;
    full.occurred_at = Timestamp::from_micros(-1);
    full.actor = Actor::new(PersonId::new("黑-17").unwrap(), Role::Agent)
        .at(WindowId::new("W12").unwrap())
        .of(DepartmentId::new("commerce").unwrap())
        .acting_for(PersonId::new("p-9").unwrap());
    full.authority = Some("licensing law, art. 32".to_owned());
    full.cause = Cause::Imported { entry: u64::MAX };
    full.command_digest = *b"\0\x01\x02\x03\xfc\xfd\xfe\xff";
    let mut empty = draft("c-1", b"");
    empty.cause = Cause::Followed(Position(0));
    let drafts = vec![full, empty];
    let group = vec![Append {
        stream: stream("case/办件-1"),
        expected: Expected::Absent,
        drafts: drafts.clone(),
    }];
    log.append(group, NOON).await.unwrap();
    let records = log
        .read_stream(&stream("case/办件-1"), Revision::START, 10)
        .await
        .unwrap();
    assert_eq!(records, all(&*log).await);
    assert!(
        records
            .iter()
            .all(|record| record.stream == "case/办件-1" && record.recorded_at == NOON)
    );
    let read: Vec<_> = records.into_iter().map(Record::into_draft).collect();
    assert_eq!(read, drafts);
    log.close().await.unwrap();
}

async fn an_expectation_that_does_not_hold_is_a_conflict(store: &impl Store) {
    let log = store.open();
    let cases = [
        (Expected::At(Revision(0)), None),
        (Expected::Absent, Some(Revision(1))),
        (Expected::At(Revision(0)), Some(Revision(1))),
        (Expected::At(Revision(2)), Some(Revision(1))),
    ];
    for (wrong, found) in cases {
        if found.is_some() && log.head() == Position::START {
            take(&*log, "a", Expected::Absent, "c-1", &[b"0", b"1"]).await;
        }
        let refused = log
            .append(vec![append("a", wrong, "c-2", &[b"never"])], NOON)
            .await;
        assert!(
            matches!(
                &refused,
                Err(AppendError::Conflict { stream, expected, actual })
                    if *stream == "a" && *expected == wrong && *actual == found
            ),
            "{refused:?}"
        );
    }
    take(&*log, "a", Expected::At(Revision(1)), "c-3", &[b"2"]).await;
    take(&*log, "a", Expected::Any, "c-4", &[b"3"]).await;
    take(&*log, "b", Expected::Any, "c-5", &[b"4"]).await;
    assert_eq!(payloads(&all(&*log).await), [b"0", b"1", b"2", b"3", b"4"]);
    log.close().await.unwrap();
}

async fn a_group_is_taken_whole_or_not_at_all(store: &impl Store) {
    let log = store.open();
    take(&*log, "a", Expected::Absent, "c-1", &[b"0"]).await;
    let group = vec![
        append("b", Expected::Absent, "c-2", &[b"never"]),
        append("a", Expected::At(Revision(0)), "c-2", &[b"never"]),
        append("a", Expected::At(Revision(0)), "c-2", &[b"never"]),
    ];
    let refused = log.append(group, NOON).await;
    assert!(
        matches!(
            refused,
            Err(AppendError::Conflict {
                actual: Some(Revision(1)),
                ..
            })
        ),
        "the third append sees the second one: {refused:?}"
    );
    assert_eq!(log.head(), Position(1));
    assert_eq!(log.stream_head(&stream("b")).await.unwrap(), None);
    assert_eq!(log.find_command(&command("c-2")).await.unwrap(), None);
    assert_eq!(payloads(&all(&*log).await), [b"0"]);
    // What was refused leaves no trace in the streams either.
    take(&*log, "b", Expected::Absent, "c-3", &[b"1"]).await;
    take(&*log, "a", Expected::At(Revision(0)), "c-3", &[b"2"]).await;
    log.close().await.unwrap();
}

async fn appends_of_one_group_see_the_ones_before_them(store: &impl Store) {
    let log = store.open();
    let group = vec![
        append("a", Expected::Absent, "c-1", &[b"0", b"1"]),
        append("b", Expected::Absent, "c-2", &[b"2"]),
        append("a", Expected::At(Revision(1)), "c-3", &[b"3"]),
        append("a", Expected::Any, "c-1", &[b"4"]),
    ];
    let appended = log.append(group, NOON).await.unwrap();
    assert_eq!(appended.first, Position(0));
    let places: Vec<_> = appended
        .appends
        .iter()
        .map(|to| (to.first.0, to.revision.0, to.count))
        .collect();
    assert_eq!(places, [(0, 0, 2), (2, 0, 1), (3, 2, 1), (4, 3, 1)]);
    let records = log.read_stream(&stream("a"), Revision::START, 10).await.unwrap();
    assert_eq!(payloads(&records), [b"0", b"1", b"3", b"4"]);
    let found = log.find_command(&command("c-1")).await.unwrap().unwrap();
    assert_eq!(payloads(&found), [b"0", b"1", b"4"]);
    log.close().await.unwrap();
}

async fn each_record_names_the_hash_of_the_one_before_it_in_its_stream(store: &impl Store) {
    let log = store.open();
    take(&*log, "a", Expected::Absent, "c-1", &[b"0", b"1"]).await;
    take(&*log, "b", Expected::Absent, "c-2", &[b"2"]).await;
    take(&*log, "a", Expected::Any, "c-3", &[b"3"]).await;
    for name in ["a", "b"] {
        let mut head = None;
        for record in log.read_stream(&stream(name), Revision::START, 10).await.unwrap() {
            assert_eq!(record.previous, head.map_or(Hash::NONE, |head: Head| head.hash));
            assert_eq!(
                record.revision,
                head.map_or(Revision::START, |head| head.revision.next())
            );
            head = Some(Head {
                revision: record.revision,
                hash: record.leaf_hash(),
            });
        }
        assert_eq!(log.stream_head(&stream(name)).await.unwrap(), head);
    }
    log.close().await.unwrap();
}

async fn a_command_is_found_for_ever(store: &impl Store) {
    let log = store.open();
    for name in 0..50 {
        let name = format!("c-{name}");
        take(&*log, &name, Expected::Absent, &name, &[name.as_bytes(), b"more"]).await;
    }
    log.close().await.unwrap();
    let log = store.open();
    for name in 0..50 {
        let name = format!("c-{name}");
        let found = log.find_command(&command(&name)).await.unwrap().unwrap();
        assert_eq!(payloads(&found), [name.as_bytes(), b"more"]);
    }
    assert_eq!(log.find_command(&command("c-50")).await.unwrap(), None);
    log.close().await.unwrap();
}

async fn pages_of_any_size_hold_the_same_records(store: &impl Store) {
    let log = store.open();
    for number in 0..20_u8 {
        let name = ["a", "b", "c"][usize::from(number) % 3];
        take(
            &*log,
            name,
            Expected::Any,
            &format!("c-{number}"),
            &[&[number], &[number]],
        )
        .await;
    }
    let whole = all(&*log).await;
    assert_eq!(whole.len(), 40);
    let of_b: Vec<_> = whole
        .iter()
        .filter(|record| record.stream == "b")
        .cloned()
        .collect();
    for limit in [1, 2, 7, 40, 100] {
        for from in [0, 1, 13, 39, 40, 41] {
            let page = log.read_all(Position(from as u64), limit).await.unwrap();
            let rest = whole.get(from..).unwrap_or_default();
            assert_eq!(page, rest[..limit.min(rest.len())]);
            let page = log
                .read_stream(&stream("b"), Revision(from as u64), limit)
                .await
                .unwrap();
            let rest = of_b.get(from..).unwrap_or_default();
            assert_eq!(page, rest[..limit.min(rest.len())]);
        }
    }
    assert_eq!(log.read_all(Position(3), 0).await.unwrap(), []);
    log.close().await.unwrap();
}

async fn the_head_moves_with_what_can_be_read(store: &impl Store) {
    let log = store.open();
    let mut watch = log.watch();
    assert_eq!(*watch.borrow_and_update(), Position(0));
    let reader = {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            let mut seen = Position::START;
            while seen < Position(30) {
                watch.changed().await.unwrap();
                let head = *watch.borrow_and_update();
                assert!(head > seen, "the head went from {seen} to {head}");
                // Whatever the head covers can be read at once.
                let page = log.read_all(seen, READ_RECORDS_MAX).await.unwrap();
                assert!(page.len() as u64 >= head.0 - seen.0);
                seen = head;
            }
        })
    };
    for number in 0..15 {
        take(&*log, "a", Expected::Any, &format!("c-{number}"), &[b"x", b"y"]).await;
        assert!(
            log.head() >= Position(2 * (number + 1)),
            "an answered append is below the head"
        );
        tokio::task::yield_now().await;
    }
    reader.await.unwrap();
    log.close().await.unwrap();
}

async fn recorded_times_never_decrease(store: &impl Store) {
    let log = store.open();
    let mut answered = Vec::new();
    for (number, micros) in [5, 9, 3, 9, -4, 12].into_iter().enumerate() {
        let group = vec![append("a", Expected::Any, &format!("c-{number}"), &[b"x"])];
        let appended = log.append(group, Timestamp::from_micros(micros)).await.unwrap();
        answered.push(appended.recorded_at.as_micros());
    }
    assert_eq!(answered, [5, 9, 9, 9, 9, 12]);
    log.close().await.unwrap();
    let log = store.open();
    let group = vec![append("b", Expected::Any, "c-7", &[b"x"])];
    let appended = log.append(group, Timestamp::from_micros(7)).await.unwrap();
    assert_eq!(
        appended.recorded_at.as_micros(),
        12,
        "not even after the log was opened again"
    );
    let recorded: Vec<_> = all(&*log)
        .await
        .iter()
        .map(|record| record.recorded_at.as_micros())
        .collect();
    assert_eq!(recorded, [5, 9, 9, 9, 9, 12, 12]);
    log.close().await.unwrap();
}

async fn what_is_beyond_its_bounds_is_refused(store: &impl Store) {
    let log = store.open();
    for group in [vec![], vec![append("a", Expected::Any, "c-1", &[])]] {
        let refused = log.append(group, NOON).await;
        assert!(matches!(refused, Err(AppendError::Empty)), "{refused:?}");
    }

    let mut large = append("a", Expected::Any, "c-1", &[b""]);
    large.drafts[0].payload = vec![1; PAYLOAD_BYTES_MAX + 1];
    let refused = log.append(vec![large.clone()], NOON).await;
    assert!(
        matches!(refused, Err(AppendError::Draft(DraftError::Payload { bytes, .. })) if bytes == PAYLOAD_BYTES_MAX + 1),
        "{refused:?}"
    );

    let many = append("a", Expected::Any, "c-1", &vec![&b""[..]; GROUP_RECORDS_MAX + 1]);
    let refused = log.append(vec![many], NOON).await;
    assert!(
        matches!(refused, Err(AppendError::TooLarge { count, .. }) if count == GROUP_RECORDS_MAX as u64 + 1),
        "{refused:?}"
    );

    large.drafts[0].payload.pop();
    let heavy = vec![large.clone(); GROUP_BYTES_MAX / PAYLOAD_BYTES_MAX + 1];
    let refused = log.append(heavy, NOON).await;
    assert!(
        matches!(refused, Err(AppendError::TooLarge { count, .. }) if count > GROUP_BYTES_MAX as u64),
        "{refused:?}"
    );
    assert_eq!(log.head(), Position::START);

    // The bounds themselves are inside.
    let appended = log.append(vec![large], NOON).await.unwrap();
    assert_eq!(appended.first, Position(0));
    let many = append("b", Expected::Any, "c-2", &vec![&b""[..]; GROUP_RECORDS_MAX]);
    log.append(vec![many], NOON).await.unwrap();
    let mut revision = GROUP_RECORDS_MAX as u64;
    while revision < STREAM_RECORDS_MAX {
        let count = GROUP_RECORDS_MAX.min(usize::try_from(STREAM_RECORDS_MAX - revision).unwrap());
        let more = append("b", Expected::Any, "c-3", &vec![&b""[..]; count]);
        log.append(vec![more], NOON).await.unwrap();
        revision += count as u64;
    }
    let refused = log
        .append(vec![append("b", Expected::Any, "c-4", &[b"one more"])], NOON)
        .await;
    assert!(
        matches!(refused, Err(AppendError::TooLarge { count, .. }) if count == STREAM_RECORDS_MAX + 1),
        "{refused:?}"
    );
    let last = log
        .read_stream(&stream("b"), Revision(STREAM_RECORDS_MAX - 1), 5)
        .await
        .unwrap();
    assert_eq!(last.len(), 1);
    log.close().await.unwrap();
}

async fn blocks_hold_the_records_and_grow_one_tree(store: &impl Store) {
    let log = store.open();
    for number in 0..40 {
        take(
            &*log,
            "a",
            Expected::Any,
            &format!("c-{number}"),
            &[b"x", b"y", b"z"],
        )
        .await;
    }
    let whole = all(&*log).await;
    for bytes_max in [0, 1, 2_000, 1_000_000] {
        let mut frontier = Frontier::default();
        let mut read = Vec::new();
        while frontier.size() < log.head().0 {
            let blocks = log
                .read_blocks(Position(frontier.size()), bytes_max)
                .await
                .unwrap();
            assert!(!blocks.is_empty(), "blocks end only at the head");
            for block in blocks {
                block.check(&frontier).unwrap();
                frontier = block.frontier().clone();
                read.extend(block.records().map(|record| record.unwrap().to_record().unwrap()));
            }
        }
        assert_eq!(read, whole);
        let mut tree = Frontier::default();
        for record in &whole {
            tree.push(record.leaf_hash());
        }
        assert_eq!(tree, frontier);
    }
    for from in 0..log.head().0 {
        let blocks = log.read_blocks(Position(from), 0).await.unwrap();
        assert!(blocks[0].first().0 <= from && from < blocks[0].end().0);
    }
    log.close().await.unwrap();
}

async fn a_log_that_is_opened_again_is_the_same(store: &impl Store) {
    let log = store.open();
    for number in 0..30 {
        let name = format!("case/{}", number % 7);
        take(&*log, &name, Expected::Any, &format!("c-{number}"), &[b"x", b"y"]).await;
    }
    let before = all(&*log).await;
    let head = log.stream_head(&stream("case/3")).await.unwrap();
    log.close().await.unwrap();
    drop(log);

    let log = store.open();
    assert_eq!(log.head(), Position(60));
    assert_eq!(*log.watch().borrow(), Position(60));
    assert_eq!(all(&*log).await, before);
    assert_eq!(log.stream_head(&stream("case/3")).await.unwrap(), head);
    let last = head.map(|head| head.revision).unwrap();
    assert_eq!(
        take(&*log, "case/3", Expected::At(last), "c-new", &[b"z"]).await,
        Position(60)
    );
    log.close().await.unwrap();
}

async fn concurrent_appenders_keep_their_order(store: &impl Store) {
    let log = store.open();
    let mut appenders = JoinSet::new();
    for appender in 0..16 {
        let log = Arc::clone(&log);
        appenders.spawn(async move {
            let name = format!("case/{appender}");
            let mut expected = Expected::Absent;
            let mut last = None;
            for number in 0..25_u8 {
                let group = vec![
                    append(&name, expected, &format!("c-{appender}-{number}"), &[&[number]]),
                    append(
                        "shared",
                        Expected::Any,
                        &format!("c-{appender}-{number}"),
                        &[&[number]],
                    ),
                ];
                let appended = log.append(group, NOON).await.unwrap();
                assert!(Some(appended.first) > last, "a later append has a later position");
                assert_eq!(
                    appended.appends[1].first,
                    appended.first.next(),
                    "a group stands together"
                );
                last = Some(appended.first);
                expected = Expected::At(Revision(u64::from(number)));
            }
        });
    }
    while let Some(joined) = appenders.join_next().await {
        joined.unwrap();
    }
    assert_eq!(log.head(), Position(16 * 25 * 2));
    for appender in 0..16 {
        let records = log
            .read_stream(&stream(&format!("case/{appender}")), Revision::START, 100)
            .await
            .unwrap();
        assert_eq!(
            payloads(&records).concat(),
            (0..25).collect::<Vec<u8>>(),
            "appender {appender}"
        );
    }
    assert_eq!(
        log.stream_head(&stream("shared"))
            .await
            .unwrap()
            .unwrap()
            .revision,
        Revision(399)
    );
    log.close().await.unwrap();
}

async fn of_concurrent_appends_with_one_expectation_one_wins(store: &impl Store) {
    let log = store.open();
    let mut expected = Expected::Absent;
    for round in 0..10_u64 {
        let mut appenders = JoinSet::new();
        for appender in 0..8 {
            let log = Arc::clone(&log);
            appenders.spawn(async move {
                let group = vec![append("a", expected, &format!("c-{round}-{appender}"), &[b"x"])];
                log.append(group, NOON).await
            });
        }
        let mut won = 0;
        while let Some(joined) = appenders.join_next().await {
            match joined.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert!(
                    matches!(error, AppendError::Conflict { actual: Some(Revision(found)), .. } if found == round),
                    "{error:?}"
                ),
            }
        }
        assert_eq!(won, 1);
        expected = Expected::At(Revision(round));
    }
    assert_eq!(log.head(), Position(10));
    log.close().await.unwrap();
}

async fn a_closed_log_takes_nothing(store: &impl Store) {
    let log = store.open();
    take(&*log, "a", Expected::Absent, "c-1", &[b"0"]).await;
    log.close().await.unwrap();
    let refused = log
        .append(vec![append("a", Expected::Any, "c-2", &[b"never"])], NOON)
        .await;
    assert!(matches!(refused, Err(AppendError::Closed)), "{refused:?}");
    log.close().await.unwrap();
    drop(log);
    let log = store.open();
    assert_eq!(payloads(&all(&*log).await), [b"0"]);
    log.close().await.unwrap();
}
