//! What people say of the centre, and what they pay: ratings, complaints, praise and fees, by the second path.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question looks for the events, and the figures, that it is about"
)]

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::case::CaseEvent;
use guichet_core::case::event::{Channel, ComplaintFinding, RatingOffered, Satisfaction};
use guichet_core::id::{ComplaintId, DepartmentId, OpportunityId, PersonId, WindowId};
use guichet_core::procedure::RatingPoint;
use guichet_core::time::Date;
use guichet_stats::rows::is_sent;
use guichet_stats::{Figure, Period};

use super::chronicle::Line;
use super::second::Adds;
use super::story::Story;

/// Where the service was given that a rating is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    OnSite,
    Online,
    Elsewhere,
}

/// What is asked of ratings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Number,
    Rate,
    Broad,
    Strict,
    Bad,
    Score,
    CaseBroad,
    CaseStrict,
}

const fn asked(figure: Figure) -> Option<(Place, Ask)> {
    use Place::{Elsewhere, OnSite, Online};
    Some(match figure {
        Figure::OnSiteRatings => (OnSite, Ask::Number),
        Figure::OnSiteRatingRate => (OnSite, Ask::Rate),
        Figure::OnSiteSatisfaction => (OnSite, Ask::Broad),
        Figure::OnSiteSatisfactionStrict => (OnSite, Ask::Strict),
        Figure::OnSiteBadRate => (OnSite, Ask::Bad),
        Figure::OnSiteScore => (OnSite, Ask::Score),
        Figure::OnSiteCaseSatisfaction => (OnSite, Ask::CaseBroad),
        Figure::OnSiteCaseSatisfactionStrict => (OnSite, Ask::CaseStrict),
        Figure::OnlineRatings => (Online, Ask::Number),
        Figure::OnlineRatingRate => (Online, Ask::Rate),
        Figure::OnlineSatisfaction => (Online, Ask::Broad),
        Figure::OnlineSatisfactionStrict => (Online, Ask::Strict),
        Figure::OnlineBadRate => (Online, Ask::Bad),
        Figure::OnlineScore => (Online, Ask::Score),
        Figure::OnlineCaseSatisfaction => (Online, Ask::CaseBroad),
        Figure::OnlineCaseSatisfactionStrict => (Online, Ask::CaseStrict),
        Figure::ElsewhereRatings => (Elsewhere, Ask::Number),
        Figure::ElsewhereRatingRate => (Elsewhere, Ask::Rate),
        Figure::ElsewhereSatisfaction => (Elsewhere, Ask::Broad),
        Figure::ElsewhereSatisfactionStrict => (Elsewhere, Ask::Strict),
        Figure::ElsewhereBadRate => (Elsewhere, Ask::Bad),
        Figure::ElsewhereScore => (Elsewhere, Ask::Score),
        Figure::ElsewhereCaseSatisfaction => (Elsewhere, Ask::CaseBroad),
        Figure::ElsewhereCaseSatisfactionStrict => (Elsewhere, Ask::CaseStrict),
        _ => return None,
    })
}

/// What a case adds to one of these figures. None for any other figure.
pub(super) fn of_case(
    figure: Figure,
    story: &Story<'_>,
    of: Option<&DepartmentId>,
    period: Period,
) -> Option<Adds> {
    let whole_case = of.is_none_or(|department| department == story.department);
    let adds = |part, whole| Adds {
        part,
        whole,
        days: Vec::new(),
    };
    match figure {
        Figure::Complaints => Some(adds(complaints(story, of, period).0, 0)),
        Figure::ComplaintsUpheld => {
            let (_, upheld, answered) = complaints(story, of, period);
            Some(adds(upheld, answered))
        }
        Figure::Praise => {
            let is_praise = |line: &&&Line| {
                matches!(line.event, CaseEvent::PraiseReceived(_)) && period.contains(line.on)
            };
            let count = story.lines.iter().filter(is_praise).count();
            Some(adds(if whole_case { number(count) } else { 0 }, 0))
        }
        Figure::FeesPaid | Figure::FeesRefunded => {
            let amounts = story.lines.iter().filter_map(|line| {
                let fen = match &line.event {
                    CaseEvent::FeePaid(e) if figure == Figure::FeesPaid => e.amount_fen,
                    CaseEvent::FeeRefunded(e) if figure == Figure::FeesRefunded => e.amount_fen,
                    _ => return None,
                };
                let fen = story.corrected(line.revision, "amount_fen").unwrap_or(fen);
                period
                    .contains(line.on)
                    .then(|| i64::try_from(fen).unwrap_or(i64::MAX))
            });
            let sum = amounts.sum();
            Some(adds(if whole_case { sum } else { 0 }, 0))
        }
        _ => {
            let (place, ask) = asked(figure)?;
            Some(ratings(place, ask, story, of, period))
        }
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Complaints that came in, those answered that are upheld, those answered: each complaint once, by its first answer.
fn complaints(story: &Story<'_>, of: Option<&DepartmentId>, period: Period) -> (i64, i64, i64) {
    let mut open: BTreeMap<&ComplaintId, bool> = BTreeMap::new();
    let mut answered: BTreeSet<&ComplaintId> = BTreeSet::new();
    let (mut came, mut upheld, mut all) = (0, 0, 0);
    for line in &story.lines {
        let inside = i64::from(period.contains(line.on));
        if let CaseEvent::ComplaintReceived(e) = &line.event {
            if open.contains_key(&e.complaint) {
                continue;
            }
            let department = story
                .corrected_optional(line.revision, "department")
                .unwrap_or_else(|| e.department.clone());
            let about = department.as_ref().unwrap_or(story.department);
            let for_them = of.is_none_or(|of| of == about);
            open.insert(&e.complaint, for_them);
            came += i64::from(for_them) * inside;
        } else if let CaseEvent::ComplaintAnswered(e) = &line.event {
            let Some(for_them) = open.get(&e.complaint) else {
                continue;
            };
            if answered.insert(&e.complaint) {
                all += i64::from(*for_them) * inside;
                upheld += i64::from(*for_them && e.finding == ComplaintFinding::Upheld) * inside;
            }
        }
    }
    (came, upheld, all)
}

/// An occasion for a rating, as its events leave it.
struct Occasion {
    place: Place,
    department: DepartmentId,
    /// The day of its rating that came in time, or else its last day.
    on: Date,
    /// The level that counts, where there is one.
    level: Option<Satisfaction>,
}

fn ratings(place: Place, ask: Ask, story: &Story<'_>, of: Option<&DepartmentId>, period: Period) -> Adds {
    let here: Vec<Occasion> = occasions(story)
        .into_iter()
        .filter(|occasion| occasion.place == place)
        .collect();
    let broad = |level: Satisfaction| !level.is_bad();
    let strict = |level: Satisfaction| matches!(level, Satisfaction::VerySatisfied | Satisfaction::Satisfied);
    let adds = |part, whole| Adds {
        part,
        whole,
        days: Vec::new(),
    };
    if matches!(ask, Ask::CaseBroad | Ask::CaseStrict) {
        // One rating a case: the last valid one, whoever it is about, for whom the case counts.
        let for_them = of.is_none_or(|department| department == story.department);
        let mut last: Option<(Date, Satisfaction)> = None;
        for occasion in &here {
            if let Some(level) = occasion.level
                && last.is_none_or(|(on, _)| on <= occasion.on)
            {
                last = Some((occasion.on, level));
            }
        }
        let counts = last.filter(|(on, _)| for_them && period.contains(*on));
        let is_good = counts.is_some_and(|(_, level)| {
            if ask == Ask::CaseBroad {
                broad(level)
            } else {
                strict(level)
            }
        });
        return adds(i64::from(is_good), i64::from(counts.is_some()));
    }
    let theirs = |occasion: &&Occasion| {
        of.is_none_or(|department| *department == occasion.department) && period.contains(occasion.on)
    };
    let closed = number(here.iter().filter(theirs).count());
    let levels: Vec<Satisfaction> = here
        .iter()
        .filter(theirs)
        .filter_map(|occasion| occasion.level)
        .collect();
    let valid = number(levels.len());
    let such =
        |wanted: &dyn Fn(Satisfaction) -> bool| number(levels.iter().filter(|level| wanted(**level)).count());
    match ask {
        Ask::Number => adds(valid, 0),
        Ask::Rate => adds(valid, closed),
        Ask::Broad | Ask::CaseBroad => adds(such(&broad), valid),
        Ask::Strict | Ask::CaseStrict => adds(such(&strict), valid),
        Ask::Bad => adds(such(&Satisfaction::is_bad), valid),
        Ask::Score => adds(levels.iter().map(|level| points(*level)).sum(), valid),
    }
}

const fn points(level: Satisfaction) -> i64 {
    match level {
        Satisfaction::VerySatisfied => 100,
        Satisfaction::Satisfied => 80,
        Satisfaction::BasicallySatisfied => 60,
        Satisfaction::Dissatisfied => 30,
        Satisfaction::VeryDissatisfied => 0,
    }
}

/// The occasions of a case. An occasion that is offered again before its rating has the newer terms.
fn occasions(story: &Story<'_>) -> Vec<Occasion> {
    let mut names: Vec<&OpportunityId> = Vec::new();
    for line in &story.lines {
        if let CaseEvent::RatingOffered(e) = &line.event
            && !names.contains(&&e.opportunity)
        {
            names.push(&e.opportunity);
        }
    }
    names
        .into_iter()
        .filter_map(|name| occasion(story, name))
        .collect()
}

fn occasion(story: &Story<'_>, name: &OpportunityId) -> Option<Occasion> {
    let mut offered: Option<(usize, &Line, &RatingOffered)> = None;
    let mut given: Option<(&Line, Satisfaction)> = None;
    let mut is_valid = true;
    for (nth, line) in story.lines.iter().enumerate() {
        match &line.event {
            CaseEvent::RatingOffered(e) if e.opportunity == *name && given.is_none() => {
                offered = Some((nth, line, e));
                is_valid = true;
            }
            CaseEvent::RatingGiven(e) if e.opportunity == *name && offered.is_some() => {
                given.get_or_insert((line, e.level));
            }
            CaseEvent::RatingInvalidated(e) if e.opportunity == *name && offered.is_some() => {
                is_valid = false;
            }
            _ => {}
        }
    }
    let (nth, offer, terms) = offered?;
    let closes_on = story
        .corrected(offer.revision, "closes_on")
        .unwrap_or(terms.closes_on);
    let in_time = given.filter(|(line, _)| line.on <= closes_on);
    Some(Occasion {
        place: place(story, nth, offer, terms),
        department: story
            .corrected(offer.revision, "department")
            .unwrap_or_else(|| terms.department.clone()),
        on: in_time.map_or(closes_on, |(line, _)| line.on),
        level: in_time.map(|(_, level)| level).filter(|_| is_valid),
    })
}

/// Where the service was given: at a window, through the web, or neither.
fn place(story: &Story<'_>, nth: usize, offer: &Line, terms: &RatingOffered) -> Place {
    let submission = story.lines.first().map(|line| line.revision);
    let channel = submission.and_then(|record| story.corrected::<Channel>(record, "channel"));
    let came_to_window = submission.and_then(|record| story.corrected_optional::<WindowId>(record, "window"));
    let came_to_window = came_to_window.map_or(story.submitted.window.is_some(), |window| window.is_some());
    let by_channel = match channel.unwrap_or(story.submitted.channel) {
        Channel::Window => Place::OnSite,
        Channel::Agent if came_to_window => Place::OnSite,
        Channel::Online => Place::Online,
        Channel::Agent | Channel::Post | Channel::Internal => Place::Elsewhere,
    };
    let window = story.corrected_optional::<WindowId>(offer.revision, "window");
    let window = window.unwrap_or_else(|| terms.window.clone());
    let staff = story.corrected_optional::<PersonId>(offer.revision, "staff");
    let staff = staff.unwrap_or_else(|| terms.staff.clone());
    match story.corrected(offer.revision, "point").unwrap_or(terms.point) {
        RatingPoint::Correction if window.is_some() => Place::OnSite,
        RatingPoint::Correction if staff.is_none() => Place::Online,
        RatingPoint::Submission | RatingPoint::Decision | RatingPoint::Correction => by_channel,
        RatingPoint::Collection => {
            let mut before = story.lines.iter().take(nth).rev();
            let sent = before.find_map(|line| match &line.event {
                CaseEvent::CertificateDelivered(e) => {
                    let method = story.corrected(line.revision, "method");
                    Some(is_sent(&method.unwrap_or_else(|| e.method.clone())))
                }
                _ => None,
            });
            if window.is_some() && sent != Some(true) {
                Place::OnSite
            } else if by_channel == Place::Online {
                Place::Online
            } else {
                Place::Elsewhere
            }
        }
    }
}
