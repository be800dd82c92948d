//! Complaints and praise: one row each.

use guichet_core::case::CaseEvent;
use guichet_core::case::event::ComplaintFinding;
use guichet_core::id::{ComplaintId, DepartmentId, DocumentId, PersonId, Revision, WindowId};
use guichet_core::time::Date;
use guichet_core::zone::Zone;
use guichet_log::projection::Recorded;
use serde::{Deserialize, Serialize};

use super::{correct, correct_optional};

/// One complaint about a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintFact {
    /// The complaint.
    pub complaint: ComplaintId,
    /// The record by which it came in.
    pub record: Revision,
    /// When it came in.
    pub received_on: Date,
    /// How it came, in the words of whoever took it in: telephone, box, mailbox …
    pub channel: String,
    /// The department it is about, where it names one.
    pub department: Option<DepartmentId>,
    /// What it says, by reference.
    pub content: Option<DocumentId>,
    /// The record by which it was answered.
    pub answer_record: Option<Revision>,
    /// When it was answered.
    pub answered_on: Option<Date>,
    /// By whom.
    pub answered_by: Option<PersonId>,
    /// What was found.
    pub finding: Option<ComplaintFinding>,
}

impl ComplaintFact {
    /// How many days lie between the complaint and its answer: 0 on the same day; nothing while it is not answered.
    #[must_use]
    pub fn days_to_answer(&self) -> Option<i32> {
        self.answered_on
            .map(|on| on.days().saturating_sub(self.received_on.days()))
    }

    /// Whether it still waits for an answer.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.finding.is_none()
    }
}

/// One letter of praise, or banner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PraiseFact {
    /// The record by which it came in.
    pub record: Revision,
    /// When.
    pub received_on: Date,
    /// How it came, in the words of whoever took it in: letter, banner …
    pub channel: String,
    /// What it says, by reference.
    pub content: Option<DocumentId>,
    /// The window where it was taken in, if at one.
    pub window: Option<WindowId>,
}

/// The complaints about one case and the praise for it, each in the order of the records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaints {
    /// A row a complaint.
    pub rows: Vec<ComplaintFact>,
    /// A row a letter of praise.
    pub praise: Vec<PraiseFact>,
}

impl Complaints {
    /// Takes in a record of the case.
    ///
    /// A complaint that comes in twice under one id is one, and its first answer stands; an answer to none is none.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a new event says nothing of complaints unless it is named here"
    )]
    pub fn apply(&mut self, recorded: &Recorded, event: &CaseEvent, zone: &Zone) {
        let on = || zone.date(recorded.occurred_at);
        match event {
            CaseEvent::ComplaintReceived(e) => {
                if self.rows.iter().any(|row| row.complaint == e.complaint) {
                    return;
                }
                self.rows.push(ComplaintFact {
                    complaint: e.complaint.clone(),
                    record: recorded.revision,
                    received_on: on(),
                    channel: e.channel.clone(),
                    department: e.department.clone(),
                    content: e.content.clone(),
                    answer_record: None,
                    answered_on: None,
                    answered_by: None,
                    finding: None,
                });
            }
            CaseEvent::ComplaintAnswered(e) => {
                let open = self.rows.iter_mut().find(|row| row.complaint == e.complaint);
                if let Some(row) = open.filter(|row| row.is_open()) {
                    row.answer_record = Some(recorded.revision);
                    row.answered_on = Some(on());
                    row.answered_by = Some(recorded.actor.person.clone());
                    row.finding = Some(e.finding);
                }
            }
            CaseEvent::PraiseReceived(e) => self.praise.push(PraiseFact {
                record: recorded.revision,
                received_on: on(),
                channel: e.channel.clone(),
                content: e.content.clone(),
                window: recorded.actor.window.clone(),
            }),
            CaseEvent::RecordCorrected(e) => {
                for row in &mut self.rows {
                    correct(&mut row.channel, e, row.record, "channel");
                    correct_optional(&mut row.department, e, row.record, "department");
                }
                for row in &mut self.praise {
                    correct(&mut row.channel, e, row.record, "channel");
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::case::event::{ComplaintAnswered, ComplaintReceived, PraiseReceived};
    use guichet_core::testkit::id;

    use super::super::testing::{Happened, clerk, correction, day, fold};
    use super::*;

    fn received(complaint: &str) -> CaseEvent {
        ComplaintReceived {
            complaint: id(complaint),
            channel: "telephone".to_owned(),
            content: None,
            department: Some(id("health")),
        }
        .into()
    }

    fn answered(complaint: &str, finding: ComplaintFinding) -> CaseEvent {
        ComplaintAnswered {
            complaint: id(complaint),
            finding,
            answer: None,
        }
        .into()
    }

    fn complaints(history: Vec<(i8, CaseEvent)>) -> Complaints {
        let mut complaints = Complaints::default();
        let history = history
            .into_iter()
            .map(|(on, event)| Happened(on, clerk(Some("W12")), event))
            .collect();
        fold(history, |recorded, event, zone| {
            complaints.apply(recorded, event, zone);
        });
        complaints
    }

    #[test]
    fn a_complaint_is_answered_once_and_the_days_are_counted() {
        let complaints = complaints(vec![
            (2, received("c-1")),
            (3, received("c-2")),
            (9, answered("c-1", ComplaintFinding::Upheld)),
            (10, answered("c-1", ComplaintFinding::Unfounded)),
            (11, answered("c-9", ComplaintFinding::Unfounded)),
        ]);
        let [first, second] = complaints.rows.as_slice() else {
            panic!("{complaints:?}")
        };
        assert_eq!((first.received_on, first.answered_on), (day(2), Some(day(9))));
        assert_eq!(
            (first.finding, first.days_to_answer()),
            (Some(ComplaintFinding::Upheld), Some(7))
        );
        assert_eq!((second.is_open(), second.days_to_answer()), (true, None));
    }

    #[test]
    fn a_complaint_that_comes_in_twice_is_one() {
        let complaints = complaints(vec![
            (2, received("c-1")),
            (3, answered("c-1", ComplaintFinding::Withdrawn)),
            (4, received("c-1")),
        ]);
        assert_eq!(complaints.rows.len(), 1);
        assert_eq!(complaints.rows[0].days_to_answer(), Some(1));
    }

    #[test]
    fn praise_has_a_row_and_a_corrected_department_counts() {
        let praise = PraiseReceived {
            channel: "banner".to_owned(),
            content: None,
        };
        let complaints = complaints(vec![
            (2, received("c-1")),
            (3, praise.into()),
            (4, correction(0, "department", "fire")),
            (5, correction(1, "channel", "letter")),
        ]);
        assert_eq!(complaints.rows[0].department, Some(id("fire")));
        assert_eq!(complaints.praise[0].channel, "letter");
        assert_eq!(complaints.praise[0].received_on, day(3));
    }

    #[test]
    fn a_department_that_a_correction_takes_away_is_gone_and_a_finding_stays() {
        let complaints = complaints(vec![
            (2, received("c-1")),
            (3, answered("c-1", ComplaintFinding::Upheld)),
            (4, correction(0, "department", "")),
            (5, correction(1, "finding", "unfounded")),
        ]);
        assert_eq!(complaints.rows[0].department, None);
        assert_eq!(complaints.rows[0].finding, Some(ComplaintFinding::Upheld));
    }
}
