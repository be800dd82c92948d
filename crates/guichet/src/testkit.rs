//! A centre in memory and a clock turned by hand, for tests and examples of host programs.
//!
//! ```
//! use guichet::testkit;
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let (engine, time) = testkit::centre().await;
//! let case = engine.submit(testkit::application()).await?.accepted()?.case;
//! time.turn_to("2010-03-02T09:00:00+08:00".parse()?);
//! engine.accept(&case, &testkit::clerk()).await?.accepted()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![expect(
    clippy::expect_used,
    reason = "a test kit fails the test that uses it; what it expects stands here"
)]

use std::sync::{Arc, Mutex, PoisonError};

use guichet_core::actor::{Actor, Role};
use guichet_core::id::{PersonId, WindowId};
use guichet_core::time::{Offset, TimeSource, Timestamp, date};
use guichet_log::memory::MemoryLog;

use crate::{Config, Guichet, Submit};

/// A clock that stands until it is turned.
#[derive(Debug)]
pub struct HandTurned(Mutex<Timestamp>);

impl HandTurned {
    /// A clock that stands at this moment.
    #[must_use]
    pub const fn at(moment: Timestamp) -> Self {
        Self(Mutex::new(moment))
    }

    /// Turns it; also back.
    pub fn turn_to(&self, moment: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }
}

impl TimeSource for HandTurned {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The demo's centre in memory, on Monday the first of March 2010 at nine, and its clock.
///
/// # Panics
///
/// When the engine does not start.
pub async fn centre() -> (Guichet, Arc<HandTurned>) {
    let time = Arc::new(HandTurned::at(date(2010, 3, 1).at(9, 0, Offset::hours(8))));
    let config = Config::default().time(Arc::clone(&time) as Arc<dyn TimeSource>);
    let engine = Guichet::start(Arc::new(MemoryLog::default()), config).await;
    let engine = engine.expect("an engine over an empty log starts");
    let shipped = guichet_catalogue::embedded("harbin-2010").expect("the demo's catalogue ships");
    engine
        .publish_catalogue(&shipped.catalogue, &director())
        .await
        .expect("the demo's catalogue can be published");
    (engine, time)
}

/// Who may publish a catalogue.
#[must_use]
pub fn director() -> Actor {
    person("director", Role::Director)
}

/// The clerk who takes in the [`application`].
#[must_use]
pub fn clerk() -> Actor {
    let mut clerk = person("s07", Role::Clerk);
    clerk.window = WindowId::new("w04").ok();
    clerk
}

/// An application that lacks nothing: a seal is to be engraved.
#[must_use]
pub fn application() -> Submit {
    Submit::new("seal-filing")
        .by(&clerk())
        .applicant("p-1")
        .fact("agent", false)
        .material("business-licence")
        .material("applicant-id")
        .material("seal-samples")
}

/// A person in a role.
///
/// # Panics
///
/// When the name is no identifier.
#[must_use]
pub fn person(name: &str, role: Role) -> Actor {
    Actor::new(
        PersonId::new(name).expect("a test names its people with identifiers"),
        role,
    )
}
