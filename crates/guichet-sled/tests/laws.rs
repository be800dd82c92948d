//! Whatever is asked of it in whatever order, the log on disk answers as the log in memory does.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::Arc;

use guichet_core::id::{CommandId, Position, Revision};
use guichet_core::time::Timestamp;
use guichet_log::log::{Append, EventLog, Expected};
use guichet_log::memory::MemoryLog;
use guichet_log::testkit::{append, command, stream};
use guichet_sled::{Options, SledLog};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

#[derive(Clone, Debug)]
enum Operation {
    Append(Vec<Append>, i64),
    ReadStream(u8, u64, usize),
    ReadAll(u64, usize),
    StreamHead(u8),
    FindCommand(u8),
    /// Closed in order, or dropped.
    Reopen(bool),
}

fn one_append() -> impl Strategy<Value = Append> {
    let expected = prop_oneof![
        3 => Just(Expected::Any),
        1 => Just(Expected::Absent),
        2 => (0..6_u64).prop_map(|revision| Expected::At(Revision(revision))),
    ];
    let payloads = vec(vec(any::<u8>(), 0..700), 1..4);
    (0..6_u8, expected, 0..20_u8, payloads).prop_map(|(name, expected, of_command, payloads)| {
        let payloads: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
        append(
            &format!("case/{name}"),
            expected,
            &format!("c-{of_command}"),
            &payloads,
        )
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        8 => (vec(one_append(), 1..4), -5..50_i64).prop_map(|(group, at)| Operation::Append(group, at)),
        2 => (0..7_u8, 0..8_u64, 0..9_usize).prop_map(|(s, from, limit)| Operation::ReadStream(s, from, limit)),
        2 => (0..90_u64, 0..40_usize).prop_map(|(from, limit)| Operation::ReadAll(from, limit)),
        1 => (0..7_u8).prop_map(Operation::StreamHead),
        1 => (0..21_u8).prop_map(Operation::FindCommand),
        1 => any::<bool>().prop_map(Operation::Reopen),
    ]
}

fn options() -> Options {
    Options::default()
        .with_journal_file_bytes(16 * 1024)
        .unwrap()
        .with_unsealed_files(1, 2)
        .unwrap()
        .with_filter_bytes(64 * 1024)
}

async fn agree(operations: Vec<Operation>) -> Result<(), TestCaseError> {
    let dir = TempDir::new().unwrap();
    let model = MemoryLog::default();
    let mut log = SledLog::open(dir.path(), options()).unwrap();
    for operation in operations {
        match operation {
            Operation::Append(group, at) => {
                let at = Timestamp::from_micros(at);
                let expected = model
                    .append(group.clone(), at)
                    .await
                    .map_err(|error| error.to_string());
                let found = log.append(group, at).await.map_err(|error| error.to_string());
                prop_assert_eq!(found, expected);
            }
            Operation::ReadStream(name, from, limit) => {
                let name = stream(&format!("case/{name}"));
                prop_assert_eq!(
                    log.read_stream(&name, Revision(from), limit).await.unwrap(),
                    model.read_stream(&name, Revision(from), limit).await.unwrap()
                );
            }
            Operation::ReadAll(from, limit) => prop_assert_eq!(
                log.read_all(Position(from), limit).await.unwrap(),
                model.read_all(Position(from), limit).await.unwrap()
            ),
            Operation::StreamHead(name) => {
                let name = stream(&format!("case/{name}"));
                prop_assert_eq!(
                    log.stream_head(&name).await.unwrap(),
                    model.stream_head(&name).await.unwrap()
                );
            }
            Operation::FindCommand(number) => {
                let name: CommandId = command(&format!("c-{number}"));
                prop_assert_eq!(
                    log.find_command(&name).await.unwrap(),
                    model.find_command(&name).await.unwrap()
                );
            }
            Operation::Reopen(in_order) => {
                if in_order {
                    log.close().await.unwrap();
                }
                drop(log);
                log = SledLog::open(dir.path(), options()).unwrap();
                prop_assert_eq!(log.recovery().cut.clone(), None);
            }
        }
        prop_assert_eq!(log.head(), model.head());
    }
    // The same bytes, however they are packed: the tree over all records is the same.
    let whole = model.read_all(Position::START, usize::MAX).await.unwrap();
    prop_assert_eq!(log.read_all(Position::START, usize::MAX).await.unwrap(), whole);
    let last =
        |blocks: Vec<Arc<guichet_log::block::Block>>| blocks.last().map(|block| block.frontier().clone());
    prop_assert_eq!(
        last(log.read_blocks(Position::START, usize::MAX).await.unwrap()),
        last(model.read_blocks(Position::START, usize::MAX).await.unwrap())
    );
    log.close().await.unwrap();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_log_on_disk_answers_as_the_log_in_memory_does(operations in vec(operation(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        runtime.block_on(agree(operations))?;
    }
}
