//! Encounters: one row each time the applicant, or somebody for them, dealt with the centre about the case.
//!
//! **On site.** An event says who acted and at which window, not where the applicant stood. An encounter counts as on site
//!
//! - for a submission: when the case came by the window, or through an agent who was at one. A case that came online, by
//!   post or from another authority did not, whichever window took it in;
//! - for what is handed in, paid, collected or taken back: when it was recorded at a window. A delivery whose method names a
//!   carrier or the web ([`is_sent`]) is not, whoever sent it off;
//! - for a complaint: when its channel is the code `window`. Its words are free, and no other word proves a visit.
//!
//! Advice before an application is an encounter too. A rating is none: it is asked about one. An imported step
//! (`case.step_recorded`) says nothing of the applicant, so a case of another system may have no encounter at all.
//!
//! **Visits.** Several encounters on one day are one visit: who hands in, pays and collects in one go came once. What an
//! agent does is no visit of the applicant's, and a complaint is not part of getting the matter done.

use std::collections::BTreeSet;

use guichet_core::actor::Role;
use guichet_core::case::CaseEvent;
use guichet_core::case::event::Channel;
use guichet_core::id::{PersonId, Revision, WindowId};
use guichet_core::time::Date;
use guichet_core::zone::Zone;
use guichet_log::projection::Recorded;
use serde::{Deserialize, Serialize};

use super::{correct_optional, corrected, put};

/// What an encounter was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EncounterKind {
    /// Advice before the application.
    Advice,
    /// The application was handed in.
    Submission,
    /// Corrections were handed in.
    Correction,
    /// Promised material was handed in.
    Material,
    /// A fee was paid, or money paid back.
    Payment,
    /// The certificate, or the refusal, reached the applicant.
    Delivery,
    /// The application was taken back.
    Withdrawal,
    /// A complaint.
    Complaint,
}

impl EncounterKind {
    /// Every one, in the order of a case's life.
    pub const ALL: &'static [Self] = &[
        Self::Advice,
        Self::Submission,
        Self::Correction,
        Self::Material,
        Self::Payment,
        Self::Delivery,
        Self::Withdrawal,
        Self::Complaint,
    ];

    /// The word that exports use for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Submission => "submission",
            Self::Correction => "correction",
            Self::Material => "material",
            Self::Payment => "payment",
            Self::Delivery => "delivery",
            Self::Withdrawal => "withdrawal",
            Self::Complaint => "complaint",
        }
    }

    /// Whether it is part of getting the matter done.
    #[must_use]
    pub const fn serves_the_matter(self) -> bool {
        match self {
            Self::Advice
            | Self::Submission
            | Self::Correction
            | Self::Material
            | Self::Payment
            | Self::Delivery
            | Self::Withdrawal => true,
            Self::Complaint => false,
        }
    }
}

/// One encounter of an applicant with the centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncounterFact {
    /// The record that says so.
    pub record: Revision,
    /// What it was about.
    pub kind: EncounterKind,
    /// When, by the wall clock of the centre.
    pub on: Date,
    /// The window where it was recorded, if at one.
    pub window: Option<WindowId>,
    /// Who recorded it for the centre; nothing where the applicant or the agent did it alone.
    pub staff: Option<PersonId>,
    /// Whether somebody stood in the centre for it, by the rule of this page.
    pub on_site: bool,
    /// Whether an agent acted, so that the applicant need not come.
    pub through_agent: bool,
}

/// The encounters of one case, in the order of the records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encounters {
    /// A row an encounter.
    pub rows: Vec<EncounterFact>,
    /// How the case came, with the record that says it.
    channel: Option<(Revision, Channel)>,
}

/// Whether a method of delivery, in the words of whoever delivered, says that it was sent and not handed over: it names a
/// carrier or the web.
///
/// ```
/// # use guichet_stats::rows::is_sent;
/// assert!(is_sent("express") && is_sent("by post") && is_sent("邮寄送达"));
/// assert!(!is_sent("collected at the window") && !is_sent("窗口领取"));
/// ```
#[must_use]
pub fn is_sent(method: &str) -> bool {
    const WORDS: &[&str] = &[
        "express",
        "post",
        "mail",
        "courier",
        "online",
        "electronic",
        "download",
        "sent",
        "邮",
        "快递",
        "寄",
        "网上",
        "在线",
        "电子",
        "下载",
    ];
    let method = method.to_lowercase();
    WORDS.iter().any(|word| method.contains(word))
}

impl Encounters {
    /// The days on which the applicant came in person for the matter: one visit a day.
    #[must_use]
    pub fn visits(&self) -> BTreeSet<Date> {
        let came = self
            .rows
            .iter()
            .filter(|row| row.on_site && !row.through_agent && row.kind.serves_the_matter());
        came.map(|row| row.on).collect()
    }

    /// Whether the matter needed at most one visit (最多跑一次). Only a case with encounters can tell.
    #[must_use]
    pub fn one_visit(&self) -> Option<bool> {
        (!self.rows.is_empty()).then(|| self.visits().len() <= 1)
    }

    /// Takes in a record of the case.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a new event is no encounter unless it is named here"
    )]
    pub fn apply(&mut self, recorded: &Recorded, event: &CaseEvent, zone: &Zone) {
        let actor = &recorded.actor;
        let at_window = actor.window.is_some();
        let (kind, on_site) = match event {
            CaseEvent::PreCheckRecorded(_) => (EncounterKind::Advice, at_window),
            CaseEvent::CaseSubmitted(e) => {
                self.channel = Some((recorded.revision, e.channel));
                (
                    EncounterKind::Submission,
                    came_on_site(e.channel, e.window.is_some()),
                )
            }
            CaseEvent::CorrectionSubmitted(_) => (EncounterKind::Correction, at_window),
            CaseEvent::MaterialSupplied(_) => (EncounterKind::Material, at_window),
            CaseEvent::FeePaid(_) | CaseEvent::FeeRefunded(_) => (EncounterKind::Payment, at_window),
            CaseEvent::CertificateDelivered(e) => (EncounterKind::Delivery, at_window && !is_sent(&e.method)),
            CaseEvent::CaseWithdrawn(_) => (EncounterKind::Withdrawal, at_window),
            CaseEvent::ComplaintReceived(e) => {
                let in_person = e.channel.parse() == Ok(Channel::Window);
                (EncounterKind::Complaint, in_person)
            }
            CaseEvent::RecordCorrected(e) => return self.correct(e),
            _ => return,
        };
        let window = match event {
            CaseEvent::CaseSubmitted(e) => e.window.clone(),
            _ => actor.window.clone(),
        };
        let came_through_agent = kind == EncounterKind::Submission
            && self.channel.is_some_and(|(_, channel)| channel == Channel::Agent);
        put(
            &mut self.rows,
            EncounterFact {
                record: recorded.revision,
                kind,
                on: zone.date(recorded.occurred_at),
                window,
                staff: actor.role.is_staff().then(|| actor.person.clone()),
                on_site,
                through_agent: actor.role == Role::Agent || came_through_agent,
            },
        );
    }

    /// A submission that came another way or at another window than was written down, a delivery that was sent.
    fn correct(&mut self, correction: &guichet_core::case::event::RecordCorrected) {
        for row in &mut self.rows {
            match row.kind {
                EncounterKind::Submission => {
                    correct_optional(&mut row.window, correction, row.record, "window");
                    if let Some((record, channel)) = &mut self.channel
                        && *record == row.record
                    {
                        if let Some(new) = corrected(correction, *record, "channel") {
                            *channel = new;
                            row.through_agent = new == Channel::Agent;
                        }
                        row.on_site = came_on_site(*channel, row.window.is_some());
                    }
                }
                EncounterKind::Delivery => {
                    if let Some(method) = corrected::<String>(correction, row.record, "method") {
                        row.on_site = row.window.is_some() && !is_sent(&method);
                    }
                }
                EncounterKind::Complaint => {
                    if let Some(channel) = corrected::<String>(correction, row.record, "channel") {
                        row.on_site = channel.parse() == Ok(Channel::Window);
                    }
                }
                EncounterKind::Advice
                | EncounterKind::Correction
                | EncounterKind::Material
                | EncounterKind::Payment
                | EncounterKind::Withdrawal => {}
            }
        }
    }
}

/// Whether somebody stood in the centre when an application came in this way.
const fn came_on_site(channel: Channel, at_window: bool) -> bool {
    match channel {
        Channel::Window => true,
        Channel::Agent => at_window,
        Channel::Online | Channel::Post | Channel::Internal => false,
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::actor::Actor;
    use guichet_core::case::event::{
        CertificateDelivered, ComplaintReceived, CorrectionSubmitted, FeePaid, MaterialSupplied,
        PreCheckRecorded,
    };
    use guichet_core::id::PersonId;
    use guichet_core::testkit::id;

    use super::super::testing::{Happened, applicant, clerk, correction, day, fold, submitted};
    use super::*;

    fn corrected_papers() -> CaseEvent {
        CorrectionSubmitted {
            materials: BTreeSet::new(),
            complete: true,
            received_on: day(3),
            intake_due_on: None,
        }
        .into()
    }

    fn paid() -> CaseEvent {
        FeePaid {
            fee: id("licence"),
            amount_fen: 1,
            bank_reference: "B-1".to_owned(),
        }
        .into()
    }

    fn delivered(method: &str) -> CaseEvent {
        CertificateDelivered {
            delivered_on: day(9),
            method: method.to_owned(),
        }
        .into()
    }

    fn complained(channel: &str) -> CaseEvent {
        ComplaintReceived {
            complaint: id("c-1"),
            channel: channel.to_owned(),
            content: None,
            department: None,
        }
        .into()
    }

    fn encounters(history: Vec<(i8, Actor, CaseEvent)>) -> Encounters {
        let mut encounters = Encounters::default();
        let history = history
            .into_iter()
            .map(|(on, actor, event)| Happened(on, actor, event))
            .collect();
        fold(history, |recorded, event, zone| {
            encounters.apply(recorded, event, zone);
        });
        encounters
    }

    fn visits(encounters: &Encounters) -> Vec<Date> {
        encounters.visits().into_iter().collect()
    }

    #[test]
    fn who_hands_in_corrects_and_collects_on_three_days_came_three_times() {
        let encounters = encounters(vec![
            (1, clerk(Some("W1")), submitted(Channel::Window, Some("W1"))),
            (3, clerk(Some("W1")), corrected_papers()),
            (9, clerk(Some("W2")), delivered("collected at the window")),
        ]);
        assert_eq!(visits(&encounters), [day(1), day(3), day(9)]);
        assert_eq!(encounters.one_visit(), Some(false));
        let kinds: Vec<_> = encounters.rows.iter().map(|row| row.kind).collect();
        assert_eq!(
            kinds,
            [
                EncounterKind::Submission,
                EncounterKind::Correction,
                EncounterKind::Delivery
            ]
        );
        assert_eq!(encounters.rows[2].window, Some(id("W2")));
        assert_eq!(encounters.rows[2].staff, Some(id("s07")));
    }

    #[test]
    fn what_is_done_in_one_go_or_sent_is_one_visit() {
        let encounters = encounters(vec![
            (1, clerk(Some("W1")), submitted(Channel::Window, Some("W1"))),
            (1, clerk(Some("BANK")), paid()),
            (9, clerk(Some("W2")), delivered("express")),
        ]);
        assert_eq!(visits(&encounters), [day(1)]);
        assert_eq!(encounters.one_visit(), Some(true));
    }

    #[test]
    fn online_by_post_and_without_a_window_nobody_came() {
        let by = |channel| {
            encounters(vec![
                (1, applicant(), submitted(channel, None)),
                (3, applicant(), corrected_papers()),
                (
                    4,
                    clerk(None),
                    MaterialSupplied {
                        materials: BTreeSet::new(),
                        received_on: day(4),
                    }
                    .into(),
                ),
            ])
        };
        for channel in [Channel::Online, Channel::Post, Channel::Internal] {
            assert_eq!(
                (visits(&by(channel)), by(channel).one_visit()),
                (vec![], Some(true))
            );
        }
        assert_eq!(by(Channel::Online).rows[1].staff, None);
        // Posted papers are recorded at a window, and nobody stood there.
        let posted = encounters(vec![(1, clerk(Some("W1")), submitted(Channel::Post, Some("W1")))]);
        assert_eq!(visits(&posted), []);
    }

    #[test]
    fn an_agent_comes_so_that_the_applicant_need_not() {
        let agent = Actor::new(id::<PersonId>("g1"), Role::Agent).at(id("W1"));
        let encounters = encounters(vec![
            (1, clerk(Some("W1")), submitted(Channel::Agent, Some("W1"))),
            (3, agent, corrected_papers()),
        ]);
        assert_eq!(visits(&encounters), []);
        assert!(encounters.rows.iter().all(|row| row.on_site && row.through_agent));
    }

    #[test]
    fn advice_is_a_visit_and_a_complaint_is_none_of_the_matter() {
        let advice = PreCheckRecorded {
            procedure: id("food-service"),
            note: None,
        };
        let encounters = encounters(vec![
            (1, clerk(Some("W1")), advice.into()),
            (2, clerk(Some("W1")), submitted(Channel::Window, Some("W1"))),
            (5, clerk(Some("W1")), complained("window")),
            (6, clerk(Some("W1")), complained("telephone")),
        ]);
        assert_eq!(visits(&encounters), [day(1), day(2)]);
        let on_site: Vec<_> = encounters.rows.iter().map(|row| row.on_site).collect();
        assert_eq!(on_site, [true, true, true, false]);
    }

    #[test]
    fn a_case_without_encounters_cannot_tell() {
        assert_eq!(encounters(vec![]).one_visit(), None);
    }

    #[test]
    fn a_corrected_channel_window_or_method_changes_who_came() {
        let encounters = encounters(vec![
            (1, clerk(Some("W1")), submitted(Channel::Window, Some("W1"))),
            (9, clerk(Some("W1")), delivered("collected at the window")),
            (10, clerk(None), correction(0, "channel", "online")),
            (10, clerk(None), correction(0, "window", "")),
            (10, clerk(None), correction(0, "channel", "pigeon")),
            (11, clerk(None), correction(1, "method", "express")),
        ]);
        assert_eq!(visits(&encounters), []);
        assert_eq!(encounters.rows[0].window, None);
    }
}
