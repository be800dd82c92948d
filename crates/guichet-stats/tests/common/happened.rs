//! What happens to cases in tests: events, plain but for their day.

use std::collections::BTreeSet;

use guichet_core::case::event::{
    CaseAccepted, CaseReopened, CaseSubmitted, CaseWithdrawn, Channel, ClockResumed, ClockSuspended,
    CorrectionRequested, DecisionMade, SuspensionGround, Timeliness, Verdict,
};
use guichet_core::condition::Facts;
use guichet_core::flow::Superseded;
use guichet_core::id::Version;
use guichet_core::testkit::id;
use guichet_core::time::{Date, Term};

pub(crate) fn submitted(item: &str, department: &str, on: Date) -> CaseSubmitted {
    CaseSubmitted {
        procedure: id(item),
        version: Version(1),
        department: id(department),
        applicant: id("a-1"),
        channel: Channel::Window,
        window: None,
        facts: Facts::new(),
        materials: BTreeSet::new(),
        received_on: on,
        intake_due_on: None,
        resubmits: None,
    }
}

pub(crate) fn accepted(on: Date) -> CaseAccepted {
    CaseAccepted {
        effective_on: on,
        gaps: BTreeSet::new(),
        gaps_due_on: None,
        statutory_due_on: None,
        promised_due_on: None,
    }
}

pub(crate) fn decided(on: Date, used: u16, timeliness: Timeliness) -> DecisionMade {
    DecisionMade {
        verdict: Verdict::Granted,
        reasons: None,
        by: id("s02"),
        decided_on: on,
        step: None,
        used: Some(Term::WorkingDays(used)),
        timeliness,
        statutory_due_on: None,
        promised_due_on: None,
        delivery_due_on: None,
    }
}

pub(crate) fn withdrawn(on: Date) -> CaseWithdrawn {
    CaseWithdrawn {
        withdrawn_on: on,
        reason: "no longer needed".to_owned(),
    }
}

pub(crate) fn reopened(on: Date) -> CaseReopened {
    CaseReopened {
        reopened_on: on,
        reason: "a mistake".to_owned(),
        statutory_due_on: None,
        promised_due_on: None,
        at: None,
        superseded: Superseded::default(),
    }
}

pub(crate) fn suspended(on: Date) -> ClockSuspended {
    ClockSuspended {
        ground: SuspensionGround::ForceMajeure,
        reason: "flood".to_owned(),
        suspended_on: on,
        notice: None,
    }
}

pub(crate) fn resumed(on: Date) -> ClockResumed {
    ClockResumed {
        resumed_on: on,
        statutory_due_on: None,
        promised_due_on: None,
    }
}

pub(crate) fn correction(on: Date) -> CorrectionRequested {
    CorrectionRequested {
        notice: 1,
        items: Vec::new(),
        served_on: on,
        respond_by: None,
    }
}
