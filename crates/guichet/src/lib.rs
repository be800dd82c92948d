//! An event-sourced case-workflow engine for government service centres.
//!
//! A centre takes applications in at its windows, moves them between windows and departments, has departments approve
//! in parallel, and must finish inside a lawful time. [`Guichet`] takes commands on cases, decides them by the published
//! procedures, records what follows durably, and tells readers how far the log reaches.
//!
//! ```
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use guichet::{Guichet, catalogue, core::actor::{Actor, Role}, core::id::PersonId};
//!
//! let dir = tempfile::tempdir()?;
//! let engine = Guichet::open(dir.path()).await?;
//! let director = Actor::new(PersonId::new("s01")?, Role::Director);
//! engine.publish_catalogue(&catalogue::embedded("harbin-2010")?.catalogue, &director).await?;
//! assert!(engine.directory().procedures.len() > 20);
//! engine.close().await?;
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
//! ```
//!
//! What survives a killed process and a power cut is said, without rounding up, in `docs/format.md`.

mod answer;
mod archiving;
mod config;
mod document;
mod engine;
mod error;
mod hot;
mod kept;
mod queue;
mod settling;
mod staging;
mod statistics;
mod submit;
mod subscription;
pub mod testkit;
mod timekeeper;
mod view;
mod writer;

pub use answer::{Accepted, Answer};
pub use archiving::{ArchiveStatus, ArchiveWatch, Archiving, ArchivingError};
pub use config::{Config, SystemTime};
pub use document::AnswerDocument;
pub use engine::{Guichet, Published};
pub use error::{EngineError, OpenError, PublishError};
pub use guichet_log::history::CaseView;
pub use kept::NotKept;
pub use statistics::{LiveStatistics, StatisticsChange};
pub use submit::Submit;
pub use subscription::Subscription;
pub use timekeeper::{Lapsed, Timekeeper};

/// Reading, linting, drawing and printing catalogues.
pub use guichet_catalogue as catalogue;
/// Cases, procedures, clocks, calendars: what is decided.
pub use guichet_core as core;
/// Records, the log as a port, projections: what is recorded.
pub use guichet_log as log;
/// Rows, cubes and figures: what is counted.
pub use guichet_stats as stats;
