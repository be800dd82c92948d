//! `guichet archive restore`: a centre's data, begun anew out of its archive, record by record and to the same root.

use std::path::PathBuf;

use clap::Args;
use guichet_core::id::Position;
use guichet_core::time::Timestamp;
use guichet_log::archive::Archive;
use guichet_log::block::Block;
use guichet_log::log::{Append, EventLog, Expected, GROUP_BYTES_MAX, GROUP_RECORDS_MAX};
use guichet_log::merkle::Hash;
use guichet_log::note::PublicKey;
use guichet_log::record::{RECORD_BYTES_MAX, Record};
use guichet_log::sealed_head::SealedHead;
use serde::Serialize;

use super::VERSION;
use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, DataArg, Found};
use crate::told::Told as _;

/// What `guichet archive restore` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct RestoreArgs {
    /// The folder with the archive
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    #[command(flatten)]
    data: DataArg,
    /// The public key of the log, from whoever holds it; without it nobody's signature is checked
    #[arg(long, value_name = "KEY")]
    key: Option<PublicKey>,
}

#[derive(Serialize)]
struct Restored {
    version: u8,
    records: u64,
    root: String,
    signature_checked: bool,
}

pub(super) async fn run(args: &RestoreArgs, context: Context) -> Result<Exit, Failure> {
    let archive = Archive::open(&args.from).told()?;
    if let Some(key) = &args.key {
        SealedHead::verified(archive.note(), key).map_err(|error| {
            Failure::integrity(
                "not_signed",
                "the newest head of the archive is not signed by that key",
            )
            .zh("归档的最新头并非由该密钥签署", None)
            .because_of(&error)
        })?;
    }
    let dir = &args.data.data;
    match data::look(dir)? {
        Found::Missing | Found::Empty => {}
        Found::Centre | Found::Foreign(_) => {
            return Err(
                Failure::usage("not_empty", format!("`{}` is not empty", dir.display()))
                    .help(
                        "name a folder that is empty or does not exist yet; nothing in this one was touched",
                    )
                    .zh(
                        format!("`{}` 不是空文件夹", dir.display()),
                        Some("请指定空文件夹或尚不存在的文件夹；此文件夹未作任何改动"),
                    ),
            );
        }
        Found::NoFolder => return Err(data::no_folder(dir)),
    }
    let log = data::open_log(dir).await?;
    let copied = copy(&archive, &log).await;
    let closed = log.close().await;
    let root = copied?;
    closed.map_err(|error| {
        Failure::store("close_failed", "the new data cannot be closed").because_of(&error)
    })?;
    if root != archive.head().root {
        return Err(Failure::integrity(
            "other_root",
            format!(
                "the new log has the root {root}, and the archive {}",
                archive.head().root
            ),
        )
        .help("do not use this data; report this as a bug")
        .zh("新日志与归档的根不同", Some("请勿使用该数据，并报告此缺陷")));
    }
    let report = Restored {
        version: VERSION,
        records: archive.end().0,
        root: root.to_string(),
        signature_checked: args.key.is_some(),
    };
    context.answer(&report, || match context.lang {
        Lang::Zh => format!("已恢复 {} 条记录，根 {root}\n", report.records),
        Lang::En => format!("{} records restored, root {root}\n", report.records),
    })?;
    Ok(Exit::Ok)
}

/// Appends every record of an archive to an empty log; the root that it then has.
async fn copy(archive: &Archive, log: &dyn EventLog) -> Result<Hash, Failure> {
    let mut group = Group::default();
    for index in 0..archive.bundles() {
        for bytes in archive.bundle(index).told()?.records() {
            let record = Record::decode(bytes).map_err(|error| {
                Failure::integrity("unreadable", "a record of the archive cannot be read").because_of(&error)
            })?;
            if !group.takes(&record) {
                group.append(log).await?;
            }
            group.add(record, bytes.len());
        }
    }
    group.append(log).await?;
    let Some(last) = archive.end().0.checked_sub(1) else {
        return Ok(Hash::of_nothing());
    };
    let blocks = log.read_blocks(Position(last), 1).await;
    let blocks = blocks.map_err(|error| {
        Failure::integrity("read_failed", "the new log cannot be read").because_of(&error)
    })?;
    Ok(blocks.last().map_or(Hash::NONE, |block: &std::sync::Arc<Block>| {
        block.frontier().root()
    }))
}

/// Records of one instant, which the log takes at once.
#[derive(Default)]
struct Group {
    recorded_at: Option<Timestamp>,
    appends: Vec<Append>,
    records: usize,
    bytes: usize,
}

impl Group {
    fn takes(&self, record: &Record) -> bool {
        self.recorded_at
            .is_none_or(|instant| instant == record.recorded_at)
            && self.records < GROUP_RECORDS_MAX
            && self.bytes + RECORD_BYTES_MAX < GROUP_BYTES_MAX
    }

    fn add(&mut self, record: Record, bytes: usize) {
        self.recorded_at = Some(record.recorded_at);
        self.records += 1;
        // What stands in a block around each record is little beside this.
        self.bytes += bytes + 16;
        let stream = record.stream.clone();
        let draft = record.into_draft();
        match self.appends.last_mut().filter(|append| append.stream == stream) {
            Some(append) => append.drafts.push(draft),
            None => self.appends.push(Append {
                stream,
                expected: Expected::Any,
                drafts: vec![draft],
            }),
        }
    }

    async fn append(&mut self, log: &dyn EventLog) -> Result<(), Failure> {
        let group = std::mem::take(self);
        let Some(recorded_at) = group.recorded_at else {
            return Ok(());
        };
        match log.append(group.appends, recorded_at).await {
            Ok(_) => Ok(()),
            Err(error) => {
                Err(Failure::store("append_failed", "the new log cannot be written").because_of(&error))
            }
        }
    }
}
