//! Ratings (好差评): one row an occasion, and in one place which of them counts, when, and as what.
//!
//! **Source.** A rating is of one of three sources, and no figure mixes them ([`Source`]). On site each visit is an occasion
//! (一次一评), online each matter (一事一评). The occasion's point says what the events have to be asked:
//!
//! - *submission* and *decision*: how the case came. An application is handed in, and its decision told, that way; the window
//!   of an official who decides is no place where the applicant stood. A case that an agent brought to a window counts as on
//!   site;
//! - *correction*: on site where there was a window; online where nobody of the staff took part; else how the case came;
//! - *collection*: on site where there was a window and nothing says that it was sent ([`is_sent`]); else online where the case
//!   came online; else neither.
//!
//! **When an occasion closes.** On the day of its rating, where it came in time; else with its last day. A rating after the
//! last day comes to a closed occasion: the row holds it, and it counts as no rating. So an occasion belongs to one day, and
//! that day moves only while the occasion is open. As of the close of a day, all occasions with that day or an earlier one
//! have closed.
//!
//! **What counts.** The first rating of an occasion: what is added later adds words, never another level, and a second
//! level is left out. It counts as *valid* unless it was invalidated. Each closed occasion is therefore exactly one of
//! valid, invalid and silent; `N` is the valid ones, `O` all. Silence is never a rating here: a policy that counts it does so
//! by name ([`crate::satisfaction::Silence`]).
//!
//! **Bad ratings.** A valid bad rating counts for the callback rate on the day of its occasion, and for the rectification rate
//! on the last day for putting it right. Put right in time is the first report that came by that day. One without such a day
//! (the procedure sets none) counts for no rectification rate.
//!
//! **Levels of counting.** At the level of encounters every occasion counts. At the level of the case there is one rating a
//! case and source in a period: the last or the worst of those that are valid ([`CaseRating`]); without any, the case is
//! invalid where a rating was invalidated, and silent otherwise.
//!
//! **Odd histories.** What follows an occasion that was never offered changes nothing, as in the engine. One that is offered
//! again before its rating takes the new terms; after its rating it stands, so that nobody can offer a bad rating away.

use std::ops::RangeInclusive;

use guichet_core::case::CaseEvent;
use guichet_core::case::event::{Channel, RatingOffered, RecordCorrected, RectificationLevel, Satisfaction};
use guichet_core::id::{DepartmentId, DocumentId, OpportunityId, PersonId, Revision, WindowId};
use guichet_core::procedure::RatingPoint;
use guichet_core::time::Date;
use guichet_core::zone::Zone;
use guichet_log::projection::Recorded;
use serde::{Deserialize, Serialize};

use super::encounter::is_sent;
use super::{correct, correct_optional, corrected, put};
use crate::satisfaction::{Counted, Rated, RatingSums};

/// Where the service was given that a rating is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// In the centre: one rating a visit.
    OnSite,
    /// Through the web: one rating a matter.
    Online,
    /// By post, through an agent, between authorities.
    Elsewhere,
}

impl Source {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::OnSite, Self::Online, Self::Elsewhere];

    /// The word that views and exports use for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnSite => "on_site",
            Self::Online => "online",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// How a case came, as a source; an agent's window makes it on site.
    const fn of_channel(channel: Option<Channel>, at_window: bool) -> Self {
        match channel {
            Some(Channel::Window) => Self::OnSite,
            Some(Channel::Online) => Self::Online,
            Some(Channel::Agent) if at_window => Self::OnSite,
            Some(Channel::Agent | Channel::Post | Channel::Internal) | None => Self::Elsewhere,
        }
    }
}

/// Which of several ratings is the rating of the case: policy, so data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseRating {
    /// The last one given.
    #[default]
    Last,
    /// The worst one.
    Worst,
}

/// A rating as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The record that says so.
    pub record: Revision,
    /// When.
    pub on: Date,
    /// How.
    pub level: Satisfaction,
    /// In words, by reference.
    pub comment: Option<DocumentId>,
    /// The last day for putting a bad one right.
    pub rectify_by: Option<Date>,
}

/// That a rating does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalidated {
    /// The record that says so.
    pub record: Revision,
    /// When.
    pub on: Date,
    /// By whom.
    pub by: PersonId,
}

/// That what a bad rating was about was put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rectified {
    /// The record that says so.
    pub record: Revision,
    /// When, by the first report.
    pub on: Date,
    /// How the applicant judged it.
    pub level: Option<RectificationLevel>,
}

/// One occasion for a rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingFact {
    /// The occasion.
    pub opportunity: OpportunityId,
    /// The record by which it was offered.
    pub record: Revision,
    /// The encounter it is about.
    pub point: RatingPoint,
    /// Where the service was given.
    pub source: Source,
    /// Whose work it was.
    pub staff: Option<PersonId>,
    /// At which window.
    pub window: Option<WindowId>,
    /// Of which department.
    pub department: DepartmentId,
    /// When it was offered.
    pub offered_on: Date,
    /// The last day for a rating.
    pub closes_on: Date,
    /// The first rating, whether or not it counts.
    pub given: Option<Given>,
    /// How many times the applicant added something.
    pub appended: u32,
    /// That the rating does not count.
    pub invalidated: Option<Invalidated>,
    /// Who was given a bad rating to put right, last.
    pub assigned_to: Option<PersonId>,
    /// How many times the applicant was called back.
    pub callbacks: u32,
    /// When the applicant was first reached.
    pub reached_on: Option<Date>,
    /// That it was put right.
    pub rectified: Option<Rectified>,
}

impl RatingFact {
    fn offered(e: &RatingOffered, recorded: &Recorded, zone: &Zone, source: Source) -> Self {
        Self {
            opportunity: e.opportunity.clone(),
            record: recorded.revision,
            point: e.point,
            source,
            staff: e.staff.clone(),
            window: e.window.clone(),
            department: e.department.clone(),
            offered_on: zone.date(recorded.occurred_at),
            closes_on: e.closes_on,
            given: None,
            appended: 0,
            invalidated: None,
            assigned_to: None,
            callbacks: 0,
            reached_on: None,
            rectified: None,
        }
    }

    /// The rating, where it came while the occasion was open.
    #[must_use]
    pub fn in_time(&self) -> Option<&Given> {
        self.given.as_ref().filter(|given| given.on <= self.closes_on)
    }

    /// Whether there is a rating that came too late to count.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.given.is_some() && self.in_time().is_none()
    }

    /// The day to which the occasion belongs: of its rating, or else its last day.
    #[must_use]
    pub fn counts_on(&self) -> Date {
        self.in_time().map_or(self.closes_on, |given| given.on)
    }

    /// Whether it has closed at the end of a day.
    #[must_use]
    pub fn is_closed(&self, as_of: Date) -> bool {
        self.counts_on() <= as_of
    }

    /// What becomes of it, once it has closed.
    #[must_use]
    pub fn rated(&self) -> Rated {
        match (self.in_time(), &self.invalidated) {
            (Some(_), Some(_)) => Rated::Invalid,
            (Some(given), None) => Rated::Valid(given.level),
            (None, _) => Rated::Silent,
        }
    }

    /// The level of a rating that counts.
    #[must_use]
    pub fn valid(&self) -> Option<Satisfaction> {
        match self.rated() {
            Rated::Valid(level) => Some(level),
            Rated::Invalid | Rated::Silent => None,
        }
    }

    /// Whether a rating that counts is bad.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.valid().is_some_and(Satisfaction::is_bad)
    }

    /// The last day for putting right a bad rating that counts.
    #[must_use]
    pub fn rectify_by(&self) -> Option<Date> {
        self.given.as_ref().filter(|_| self.is_bad())?.rectify_by
    }

    /// Whether it was put right by that day.
    #[must_use]
    pub fn is_rectified_in_time(&self) -> bool {
        let by = self.rectify_by();
        self.rectified
            .as_ref()
            .is_some_and(|done| by.is_some_and(|by| done.on <= by))
    }

    /// What the row counts as at the level of encounters, and on which day each: what sums by day add and take out again.
    /// A day that has not passed has nothing in it yet, so a figure up to the close of a day leaves later ones out.
    pub fn counted(&self) -> impl Iterator<Item = (Date, Counted)> + use<> {
        let bad = self.is_bad().then(|| {
            let called_back = self.reached_on.is_some();
            (self.counts_on(), Counted::Bad { called_back })
        });
        let due = self.rectify_by().map(|by| {
            let in_time = self.is_rectified_in_time();
            (by, Counted::Due { in_time })
        });
        [(self.counts_on(), Counted::Closed(self.rated()))]
            .into_iter()
            .chain(bad)
            .chain(due)
    }
}

/// The occasions for ratings of one case, in the order in which they were offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratings {
    /// A row an occasion.
    pub rows: Vec<RatingFact>,
    case: Came,
}

/// How the case came and went, as far as a source depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Came {
    channel: Option<(Revision, Channel)>,
    at_window: bool,
    sent: Option<(Revision, bool)>,
}

impl Came {
    fn source(&self, point: RatingPoint, window: Option<&WindowId>, staff: Option<&PersonId>) -> Source {
        let by_channel = || Source::of_channel(self.channel.map(|(_, channel)| channel), self.at_window);
        match point {
            RatingPoint::Submission | RatingPoint::Decision => by_channel(),
            RatingPoint::Correction => match (window, staff) {
                (Some(_), _) => Source::OnSite,
                (None, None) => Source::Online,
                (None, Some(_)) => by_channel(),
            },
            RatingPoint::Collection => {
                let sent = self.sent.is_some_and(|(_, sent)| sent);
                match by_channel() {
                    _ if window.is_some() && !sent => Source::OnSite,
                    Source::Online => Source::Online,
                    Source::OnSite | Source::Elsewhere => Source::Elsewhere,
                }
            }
        }
    }
}

impl Ratings {
    fn row(&mut self, opportunity: &OpportunityId) -> Option<&mut RatingFact> {
        self.rows.iter_mut().find(|row| row.opportunity == *opportunity)
    }

    /// A sum over the occasions of one source, at the level of encounters: what belongs to these days.
    #[must_use]
    pub fn sums(&self, source: Source, days: &RangeInclusive<Date>) -> RatingSums {
        let mut sums = RatingSums::default();
        let rows = self.rows.iter().filter(|row| row.source == source);
        for (_, counted) in rows
            .flat_map(RatingFact::counted)
            .filter(|(on, _)| days.contains(on))
        {
            sums.add(counted);
        }
        sums
    }

    /// The rating of the case, of one source, among the occasions that belong to these days: nothing where none does.
    #[must_use]
    pub fn case_rating(
        &self,
        source: Source,
        days: &RangeInclusive<Date>,
        which: CaseRating,
    ) -> Option<Rated> {
        let closed = || {
            let rows = self.rows.iter().filter(|row| row.source == source);
            rows.filter(|row| days.contains(&row.counts_on()))
        };
        let valid = closed().filter_map(|row| {
            let level = row.valid()?;
            Some((row.in_time()?, level))
        });
        let chosen = match which {
            CaseRating::Last => valid.max_by_key(|(given, _)| (given.on, given.record)),
            // Levels go from the best to the worst.
            CaseRating::Worst => valid.max_by_key(|(_, level)| *level),
        };
        let without_valid = || closed().map(RatingFact::rated).min();
        chosen
            .map(|(_, level)| Rated::Valid(level))
            .or_else(without_valid)
    }

    /// Takes in a record of the case.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a new event says nothing of sums unless it is named here"
    )]
    pub fn apply(&mut self, recorded: &Recorded, event: &CaseEvent, zone: &Zone) {
        let on = || zone.date(recorded.occurred_at);
        match event {
            CaseEvent::CaseSubmitted(e) => {
                self.case.channel = Some((recorded.revision, e.channel));
                self.case.at_window = e.window.is_some();
            }
            CaseEvent::CertificateDelivered(e) => {
                self.case.sent = Some((recorded.revision, is_sent(&e.method)));
            }
            CaseEvent::RatingOffered(e) => self.offer(e, recorded, zone),
            CaseEvent::RatingGiven(e) => {
                if let Some(row) = self.row(&e.opportunity) {
                    row.given.get_or_insert_with(|| Given {
                        record: recorded.revision,
                        on: on(),
                        level: e.level,
                        comment: e.comment.clone(),
                        rectify_by: e.rectify_by,
                    });
                }
            }
            CaseEvent::RatingAppended(e) => {
                if let Some(row) = self.row(&e.opportunity) {
                    row.appended = row.appended.saturating_add(1);
                }
            }
            CaseEvent::RatingInvalidated(e) => {
                if let Some(row) = self.row(&e.opportunity) {
                    row.invalidated.get_or_insert_with(|| Invalidated {
                        record: recorded.revision,
                        on: on(),
                        by: e.by.clone(),
                    });
                }
            }
            CaseEvent::BadRatingAssigned(e) => {
                if let Some(row) = self.row(&e.opportunity) {
                    row.assigned_to = Some(e.to.clone());
                }
            }
            CaseEvent::CallbackMade(e) => {
                if let Some(row) = self.row(&e.opportunity) {
                    row.callbacks = row.callbacks.saturating_add(1);
                    if e.reached {
                        row.reached_on.get_or_insert_with(on);
                    }
                }
            }
            CaseEvent::RectificationDone(e) => {
                if let Some(row) = self.row(&e.opportunity) {
                    row.rectified.get_or_insert(Rectified {
                        record: recorded.revision,
                        on: e.done_on,
                        level: None,
                    });
                }
            }
            CaseEvent::RectificationRated(e) => {
                let row = self.row(&e.opportunity);
                if let Some(rectified) = row.and_then(|row| row.rectified.as_mut()) {
                    rectified.level.get_or_insert(e.level);
                }
            }
            CaseEvent::RecordCorrected(e) => self.correct(e),
            _ => {}
        }
    }

    fn offer(&mut self, e: &RatingOffered, recorded: &Recorded, zone: &Zone) {
        let source = self.case.source(e.point, e.window.as_ref(), e.staff.as_ref());
        let offered = RatingFact::offered(e, recorded, zone, source);
        match self.row(&e.opportunity) {
            Some(row) if row.given.is_some() => {}
            Some(row) => *row = offered,
            None => put(&mut self.rows, offered),
        }
    }

    fn correct(&mut self, e: &RecordCorrected) {
        if let Some((record, channel)) = &mut self.case.channel {
            correct(channel, e, *record, "channel");
            if e.target == *record && e.field == "window" {
                self.case.at_window = !e.new.is_empty();
            }
        }
        if let Some((record, sent)) = &mut self.case.sent
            && let Some(method) = corrected::<String>(e, *record, "method")
        {
            *sent = is_sent(&method);
        }
        let case = self.case;
        for row in &mut self.rows {
            correct(&mut row.point, e, row.record, "point");
            correct(&mut row.department, e, row.record, "department");
            correct(&mut row.closes_on, e, row.record, "closes_on");
            correct_optional(&mut row.staff, e, row.record, "staff");
            correct_optional(&mut row.window, e, row.record, "window");
            if let Some(given) = &mut row.given {
                correct_optional(&mut given.rectify_by, e, given.record, "rectify_by");
                correct_optional(&mut given.comment, e, given.record, "comment");
            }
            if let Some(rectified) = &mut row.rectified {
                correct(&mut rectified.on, e, rectified.record, "done_on");
            }
            row.source = case.source(row.point, row.window.as_ref(), row.staff.as_ref());
        }
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::case::event::{
        BadRatingAssigned, CallbackMade, CertificateDelivered, RatingAppended, RatingGiven,
        RatingInvalidated, RectificationDone, RectificationRated,
    };
    use std::collections::BTreeMap;

    use guichet_core::testkit::id;
    use proptest::prelude::*;

    use super::super::testing::{Happened, applicant, clerk, correction, day, fold, submitted};
    use super::*;
    use crate::Fraction;
    use Satisfaction::{BasicallySatisfied, Dissatisfied, Satisfied, VeryDissatisfied, VerySatisfied};

    const MARCH: fn() -> RangeInclusive<Date> = || day(1)..=day(31);

    /// An occasion at a window that closes on the tenth.
    fn offered(occasion: &str, point: RatingPoint, window: Option<&str>) -> CaseEvent {
        RatingOffered {
            opportunity: id(occasion),
            point,
            staff: Some(id("s07")),
            window: window.map(id),
            department: id("health"),
            closes_on: day(10),
        }
        .into()
    }

    fn offer(occasion: &str) -> CaseEvent {
        offered(occasion, RatingPoint::Submission, Some("W1"))
    }

    /// A rating; a bad one is to be put right by the twentieth.
    fn given(occasion: &str, level: Satisfaction) -> CaseEvent {
        RatingGiven {
            opportunity: id(occasion),
            level,
            comment: None,
            rectify_by: level.is_bad().then(|| day(20)),
        }
        .into()
    }

    fn appended(occasion: &str) -> CaseEvent {
        RatingAppended {
            opportunity: id(occasion),
            comment: id("more"),
        }
        .into()
    }

    fn invalidated(occasion: &str) -> CaseEvent {
        RatingInvalidated {
            opportunity: id(occasion),
            reasons: "another case".to_owned(),
            by: id("s40"),
        }
        .into()
    }

    fn called(occasion: &str, reached: bool) -> CaseEvent {
        CallbackMade {
            opportunity: id(occasion),
            reached,
        }
        .into()
    }

    fn rectified(occasion: &str, on: i8) -> CaseEvent {
        RectificationDone {
            opportunity: id(occasion),
            report: id("report"),
            done_on: day(on),
        }
        .into()
    }

    /// The occasions of a case that came by the window.
    fn ratings(history: Vec<(i8, CaseEvent)>) -> Ratings {
        came(Channel::Window, Some("W1"), history)
    }

    fn came(channel: Channel, window: Option<&str>, history: Vec<(i8, CaseEvent)>) -> Ratings {
        let mut ratings = Ratings::default();
        let mut records = vec![Happened(1, clerk(window), submitted(channel, window))];
        records.extend(
            history
                .into_iter()
                .map(|(on, event)| Happened(on, applicant(), event)),
        );
        fold(records, |recorded, event, zone| {
            ratings.apply(recorded, event, zone);
        });
        ratings
    }

    /// What the occasions belong to and become, in the order of the rows.
    fn outcomes(ratings: &Ratings) -> Vec<(Date, Rated)> {
        let rows = ratings.rows.iter();
        rows.map(|row| (row.counts_on(), row.rated())).collect()
    }

    #[test]
    fn an_occasion_belongs_to_the_day_of_its_rating_or_else_to_its_last_day() {
        let ratings = ratings(vec![
            (2, offer("answered")),
            (2, offer("on the last day")),
            (2, offer("silent")),
            (3, given("answered", Satisfied)),
            (10, given("on the last day", VeryDissatisfied)),
        ]);
        assert_eq!(
            outcomes(&ratings),
            [
                (day(3), Rated::Valid(Satisfied)),
                (day(10), Rated::Valid(VeryDissatisfied)),
                (day(10), Rated::Silent),
            ]
        );
        let silent = &ratings.rows[2];
        assert_eq!(silent.offered_on, day(2));
        assert_eq!(
            (silent.is_closed(day(9)), silent.is_closed(day(10))),
            (false, true)
        );
        assert_eq!(
            ratings.sums(Source::OnSite, &(day(1)..=day(9))).rating_rate(),
            Fraction::new(1, 1)
        );
        assert_eq!(
            ratings.sums(Source::OnSite, &MARCH()).rating_rate(),
            Fraction::new(2, 3)
        );
        assert_eq!(
            ratings.sums(Source::Online, &MARCH()).rating_rate(),
            Fraction::new(0, 0)
        );
    }

    #[test]
    fn a_rating_after_the_last_day_is_kept_and_counts_as_none() {
        let ratings = ratings(vec![
            (2, offer("late")),
            (11, given("late", VeryDissatisfied)),
            (12, called("late", true)),
            (13, invalidated("late")),
        ]);
        let row = &ratings.rows[0];
        assert_eq!(
            (row.counts_on(), row.rated(), row.is_late()),
            (day(10), Rated::Silent, true)
        );
        assert_eq!(row.given.as_ref().map(|given| given.on), Some(day(11)));
        let sums = ratings.sums(Source::OnSite, &MARCH());
        assert_eq!(sums.rating_rate(), Fraction::new(0, 1));
        assert_eq!(sums.callback_rate(), Fraction::new(0, 0));
        assert_eq!(sums.rectification_rate(), Fraction::new(0, 0));
    }

    #[test]
    fn an_invalidated_rating_leaves_n_and_stays_in_o() {
        let ratings = ratings(vec![
            (2, offer("bad")),
            (2, offer("good")),
            (3, given("bad", Dissatisfied)),
            (3, given("good", VerySatisfied)),
            (4, called("bad", true)),
            (5, invalidated("bad")),
            (6, invalidated("bad")),
        ]);
        let row = &ratings.rows[0];
        assert_eq!(row.rated(), Rated::Invalid);
        assert_eq!(
            row.invalidated.as_ref().map(|of| (of.on, &of.by)),
            Some((day(5), &id("s40")))
        );
        let sums = ratings.sums(Source::OnSite, &MARCH());
        assert_eq!(sums.levels.satisfied(), Fraction::new(1, 1));
        assert_eq!(sums.rating_rate(), Fraction::new(1, 2));
        assert_eq!(sums.rectification_rate(), Fraction::new(0, 0));
        assert_eq!(sums.callback_rate(), Fraction::new(0, 0));
    }

    #[test]
    fn what_is_added_to_no_rating_is_none_and_a_second_level_is_left_out() {
        let ratings = ratings(vec![
            (2, offer("words only")),
            (2, offer("twice")),
            (3, appended("words only")),
            (3, given("twice", Dissatisfied)),
            (4, given("twice", VerySatisfied)),
            (5, appended("twice")),
        ]);
        assert_eq!(
            (ratings.rows[0].rated(), ratings.rows[0].appended),
            (Rated::Silent, 1)
        );
        assert_eq!(
            (ratings.rows[1].rated(), ratings.rows[1].appended),
            (Rated::Valid(Dissatisfied), 1)
        );
    }

    #[test]
    fn an_occasion_offered_again_takes_the_new_terms_only_before_its_rating() {
        let again = |occasion: &str| {
            CaseEvent::from(RatingOffered {
                opportunity: id(occasion),
                point: RatingPoint::Submission,
                staff: None,
                window: Some(id("W9")),
                department: id("health"),
                closes_on: day(25),
            })
        };
        let ratings = ratings(vec![
            (2, offer("silent")),
            (2, offer("bad")),
            (3, given("bad", Dissatisfied)),
            (4, again("silent")),
            (4, again("bad")),
            (5, given("bad", VerySatisfied)),
        ]);
        assert_eq!(
            outcomes(&ratings),
            [(day(25), Rated::Silent), (day(3), Rated::Valid(Dissatisfied))]
        );
        assert_eq!(ratings.rows[0].window, Some(id("W9")));
    }

    #[test]
    fn what_follows_an_occasion_that_was_never_offered_changes_nothing() {
        let ratings = ratings(vec![
            (3, given("unknown", Satisfied)),
            (3, appended("unknown")),
            (3, invalidated("unknown")),
            (3, called("unknown", true)),
            (3, rectified("unknown", 3)),
        ]);
        assert_eq!(ratings.rows, []);
    }

    #[test]
    fn a_bad_rating_is_put_right_in_time_by_the_first_report_up_to_its_last_day() {
        let done = |on: &[i8]| {
            let mut history = vec![(2, offer("bad")), (3, given("bad", Dissatisfied))];
            history.extend(on.iter().map(|on| (*on, rectified("bad", *on))));
            ratings(history)
                .sums(Source::OnSite, &MARCH())
                .rectification_rate()
        };
        assert_eq!(done(&[]), Fraction::new(0, 1));
        assert_eq!(done(&[20]), Fraction::new(1, 1));
        assert_eq!(done(&[21]), Fraction::new(0, 1));
        assert_eq!(done(&[19, 25]), Fraction::new(1, 1));
        // Before its last day has passed, nobody can be late with it.
        let pending = ratings(vec![(2, offer("bad")), (3, given("bad", Dissatisfied))]);
        let until = pending.sums(Source::OnSite, &(day(1)..=day(19)));
        assert_eq!(
            (until.rectification_rate(), until.levels.bad()),
            (Fraction::new(0, 0), Fraction::new(1, 1))
        );
    }

    #[test]
    fn who_was_called_and_not_reached_was_not_called_back() {
        let ratings = ratings(vec![
            (2, offer("a")),
            (2, offer("b")),
            (3, given("a", Dissatisfied)),
            (3, given("b", VeryDissatisfied)),
            (
                4,
                BadRatingAssigned {
                    opportunity: id("a"),
                    to: id("s12"),
                }
                .into(),
            ),
            (5, called("a", false)),
            (6, called("b", false)),
            (7, called("a", true)),
            (8, called("a", true)),
            (9, rectified("a", 9)),
            (
                10,
                RectificationRated {
                    opportunity: id("a"),
                    level: RectificationLevel::Partly,
                }
                .into(),
            ),
        ]);
        let row = &ratings.rows[0];
        assert_eq!((row.callbacks, row.reached_on), (3, Some(day(7))));
        assert_eq!(row.assigned_to, Some(id("s12")));
        let judged = row.rectified.as_ref().and_then(|done| done.level);
        assert_eq!(judged, Some(RectificationLevel::Partly));
        assert_eq!(
            ratings.sums(Source::OnSite, &MARCH()).callback_rate(),
            Fraction::new(1, 2)
        );
    }

    #[test]
    fn a_source_is_where_the_applicant_was_and_not_where_an_official_sits() {
        use RatingPoint::{Collection, Correction, Decision, Submission};
        let source = |channel, point, window| {
            came(channel, Some("W1"), vec![(2, offered("o", point, window))]).rows[0].source
        };
        let (at, away) = (Some("W1"), None);
        for (channel, point, window, expected) in [
            (Channel::Window, Submission, at, Source::OnSite),
            (Channel::Window, Decision, away, Source::OnSite),
            (Channel::Online, Submission, away, Source::Online),
            (Channel::Online, Decision, at, Source::Online),
            (Channel::Online, Correction, at, Source::OnSite),
            (Channel::Online, Collection, at, Source::OnSite),
            (Channel::Online, Collection, away, Source::Online),
            (Channel::Window, Collection, away, Source::Elsewhere),
            (Channel::Post, Submission, at, Source::Elsewhere),
            (Channel::Post, Correction, away, Source::Elsewhere),
            (Channel::Agent, Submission, at, Source::OnSite),
            (Channel::Internal, Decision, at, Source::Elsewhere),
        ] {
            assert_eq!(
                source(channel, point, window),
                expected,
                "{channel} {point} {window:?}"
            );
        }
        let alone = came(
            Channel::Window,
            Some("W1"),
            vec![(
                2,
                RatingOffered {
                    opportunity: id("o"),
                    point: Correction,
                    staff: None,
                    window: None,
                    department: id("health"),
                    closes_on: day(10),
                }
                .into(),
            )],
        );
        assert_eq!(alone.rows[0].source, Source::Online);
    }

    #[test]
    fn what_was_sent_was_not_collected_in_the_centre() {
        let delivered = |method: &str| {
            CaseEvent::from(CertificateDelivered {
                delivered_on: day(5),
                method: method.to_owned(),
            })
        };
        let source = |method: &str| {
            let history = vec![
                (5, delivered(method)),
                (5, offered("o", RatingPoint::Collection, Some("W1"))),
            ];
            ratings(history).rows[0].source
        };
        assert_eq!(source("collected at the window"), Source::OnSite);
        assert_eq!(source("express"), Source::Elsewhere);
    }

    #[test]
    fn a_case_has_one_rating_a_source_the_last_or_the_worst() {
        let ratings = came(
            Channel::Online,
            None,
            vec![
                (2, offered("a", RatingPoint::Submission, None)),
                (2, offered("b", RatingPoint::Decision, None)),
                (2, offered("c", RatingPoint::Collection, Some("W1"))),
                (2, offered("d", RatingPoint::Decision, None)),
                (3, given("b", BasicallySatisfied)),
                (4, given("a", Satisfied)),
                (5, given("c", VeryDissatisfied)),
                (6, given("d", VeryDissatisfied)),
                (7, invalidated("d")),
            ],
        );
        let rated = |source, which| ratings.case_rating(source, &MARCH(), which);
        assert_eq!(
            rated(Source::Online, CaseRating::Last),
            Some(Rated::Valid(Satisfied))
        );
        assert_eq!(
            rated(Source::Online, CaseRating::Worst),
            Some(Rated::Valid(BasicallySatisfied))
        );
        assert_eq!(
            rated(Source::OnSite, CaseRating::Last),
            Some(Rated::Valid(VeryDissatisfied))
        );
        assert_eq!(rated(Source::Elsewhere, CaseRating::Last), None);
        // In a period without a valid one the case is what is left.
        let later = |days| ratings.case_rating(Source::Online, &days, CaseRating::Last);
        assert_eq!(later(day(6)..=day(31)), Some(Rated::Invalid));
        assert_eq!(later(day(7)..=day(31)), None);
        assert_eq!(ratings.sums(Source::Online, &MARCH()).levels.ratings(), 2);
    }

    #[test]
    fn of_two_ratings_on_one_day_the_later_record_is_the_last() {
        let ratings = ratings(vec![
            (2, offer("a")),
            (2, offer("b")),
            (3, given("b", Satisfied)),
            (3, given("a", BasicallySatisfied)),
        ]);
        assert_eq!(
            ratings.case_rating(Source::OnSite, &MARCH(), CaseRating::Last),
            Some(Rated::Valid(BasicallySatisfied))
        );
    }

    #[test]
    fn a_corrected_record_counts_and_what_an_applicant_said_is_not_corrected() {
        // Record 0 is the submission, 1 the offer, 2 the rating, 3 the report.
        let history = |corrections: Vec<CaseEvent>| {
            let mut history = vec![
                (2, offer("a")),
                (3, given("a", Dissatisfied)),
                (25, rectified("a", 25)),
            ];
            history.extend(corrections.into_iter().map(|event| (26, event)));
            ratings(history)
        };
        let said = history(vec![correction(2, "level", "very_satisfied")]);
        assert_eq!(said.rows[0].rated(), Rated::Valid(Dissatisfied));

        let moved = history(vec![
            correction(1, "window", "W2"),
            correction(1, "staff", ""),
            correction(1, "department", "fire"),
            correction(0, "channel", "online"),
            correction(3, "done_on", "2010-03-15"),
            correction(1, "closes_on", "someday"),
            correction(9, "department", "nobody"),
        ]);
        let row = &moved.rows[0];
        assert_eq!((row.window.as_ref(), row.staff.as_ref()), (Some(&id("W2")), None));
        assert_eq!((&row.department, row.closes_on), (&id("fire"), day(10)));
        assert_eq!((row.source, row.is_rectified_in_time()), (Source::Online, true));

        let shorter = history(vec![correction(1, "closes_on", "2010-03-02")]);
        assert_eq!(
            (shorter.rows[0].rated(), shorter.rows[0].is_late()),
            (Rated::Silent, true)
        );
    }

    #[test]
    fn what_a_row_counts_as_is_taken_out_again_to_nothing() {
        let ratings = ratings(vec![
            (2, offer("a")),
            (2, offer("b")),
            (3, given("a", Dissatisfied)),
            (4, called("a", true)),
            (5, rectified("a", 5)),
        ]);
        let mut sums = ratings.sums(Source::OnSite, &MARCH());
        assert_eq!(sums.rectification_rate(), Fraction::new(1, 1));
        for (_, counted) in ratings.rows.iter().flat_map(RatingFact::counted) {
            sums.retract(counted);
        }
        assert_eq!(sums, RatingSums::default());
    }

    /// One thing that may happen to one of three occasions, on some day, in any order.
    fn anything() -> impl Strategy<Value = (i8, CaseEvent)> {
        let occasion = proptest::sample::select(vec!["a", "b", "c"]);
        let level = proptest::sample::select(Satisfaction::ALL);
        (occasion, level, 0..9_u8, 1..28_i8).prop_map(|(occasion, level, what, on)| {
            let event = match what {
                0 => offered(occasion, RatingPoint::Collection, Some("W1")),
                1 | 2 => offer(occasion),
                3 | 4 => given(occasion, level),
                5 => appended(occasion),
                6 => invalidated(occasion),
                7 => called(occasion, on % 2 == 0),
                _ => rectified(occasion, on),
            };
            (on, event)
        })
    }

    /// Sums by source and day, as a cube keeps them.
    type Cube = BTreeMap<(Source, Date), RatingSums>;

    fn change(cube: &mut Cube, ratings: &Ratings, change: fn(&mut RatingSums, Counted)) {
        for row in &ratings.rows {
            for (on, counted) in row.counted() {
                change(cube.entry((row.source, on)).or_default(), counted);
            }
        }
    }

    proptest! {
        #[test]
        fn sums_kept_record_by_record_are_those_of_the_rows_and_of_every_period(
            history in proptest::collection::vec(anything(), 0..40),
            split in 1..30_i8,
        ) {
            let mut ratings = Ratings::default();
            let mut cube = Cube::new();
            let mut records = vec![Happened(1, clerk(Some("W1")), submitted(Channel::Window, Some("W1")))];
            records.extend(history.into_iter().map(|(on, event)| Happened(on, applicant(), event)));
            fold(records, |recorded, event, zone| {
                change(&mut cube, &ratings, RatingSums::retract);
                ratings.apply(recorded, event, zone);
                change(&mut cube, &ratings, RatingSums::add);
            });
            for source in Source::ALL {
                let sums = ratings.sums(*source, &MARCH());
                let occasions = ratings.rows.iter().filter(|row| row.source == *source);
                prop_assert_eq!(sums.closed(), occasions.count() as u64);
                let mut kept = RatingSums::default();
                for (_, of_a_day) in cube.iter().filter(|((of, _), _)| of == source) {
                    kept.merge(of_a_day);
                }
                prop_assert_eq!(kept, sums);
                let mut halves = ratings.sums(*source, &(day(1)..=day(split)));
                halves.merge(&ratings.sums(*source, &(day(split).next()..=day(31))));
                prop_assert_eq!(halves, sums);
                let case = |which| ratings.case_rating(*source, &MARCH(), which);
                prop_assert_eq!(case(CaseRating::Last).is_some(), sums.closed() > 0);
                prop_assert!(case(CaseRating::Worst) >= case(CaseRating::Last));
                let valid = matches!(case(CaseRating::Worst), Some(Rated::Valid(_)));
                prop_assert_eq!(valid, sums.levels.ratings() > 0);
            }
        }
    }
}
