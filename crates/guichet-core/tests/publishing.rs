//! Publishing the reference data: what is new is recorded, what was published stays as it is.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::sync::Arc;

use guichet_core::actor::{Actor, Role};
use guichet_core::calendar::{Calendar, CalendarFacts, DayRange};
use guichet_core::id::{CalendarId, PersonId, Position, Version};
use guichet_core::reference::{
    Bulletin, Catalogue, Directory, FindingAct, FindingExplained, FindingIssued, FindingRuling,
    FindingStanding, PublishRejection, ReferenceEvent, publish,
};
use guichet_core::testkit::{centre, staff};
use guichet_core::time::{Date, date};

fn director() -> Actor {
    Actor::new(PersonId::new("s40").unwrap(), Role::Director)
}

fn calendar(version: u64, off: &[Date]) -> Arc<Calendar> {
    let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).unwrap();
    let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("town-hall").unwrap(), covered);
    facts.version = Version(version);
    facts.non_working_weekdays_dates = off.to_vec();
    Arc::new(Calendar::new(facts).unwrap())
}

fn published(directory: &mut Directory, calendar: &Arc<Calendar>) -> Result<usize, PublishRejection> {
    let catalogue = Catalogue {
        calendars: vec![Arc::clone(calendar)],
        ..Catalogue::default()
    };
    let events: Vec<ReferenceEvent> = publish(directory, &catalogue, &director())?;
    for event in &events {
        directory.apply(event);
    }
    Ok(events.len())
}

#[test]
fn an_amended_calendar_takes_the_place_of_the_one_before_it() {
    let mut directory = Directory::default();
    let (first, amended) = (calendar(1, &[]), calendar(2, &[date(2010, 3, 10)]));
    assert_eq!(published(&mut directory, &first), Ok(1));
    assert_eq!(published(&mut directory, &amended), Ok(1));
    assert_eq!(directory.calendars.get("town-hall"), Some(&amended));
    // The catalogue of the beginning of the year is published once more: nothing in it is new.
    assert_eq!(published(&mut directory, &first), Ok(0));
    assert_eq!(directory.calendars.get("town-hall"), Some(&amended));
}

#[test]
fn a_version_of_a_calendar_that_was_published_stays_as_it_is() {
    let mut directory = Directory::default();
    assert_eq!(published(&mut directory, &calendar(1, &[])), Ok(1));
    assert_eq!(
        published(&mut directory, &calendar(2, &[date(2010, 3, 10)])),
        Ok(1)
    );
    for version in [1, 2] {
        let changed = published(&mut directory, &calendar(version, &[date(2010, 5, 5)]));
        let calendar = CalendarId::new("town-hall").unwrap();
        assert_eq!(
            changed,
            Err(PublishRejection::CalendarChanged {
                calendar,
                version: Version(version)
            })
        );
    }
}

#[test]
fn only_the_director_publishes() {
    let clerk = Actor::new(PersonId::new("s09").unwrap(), Role::Clerk);
    let refused = publish(&Directory::default(), &Catalogue::default(), &clerk);
    assert_eq!(
        refused,
        Err(PublishRejection::RoleNotAllowed { role: Role::Clerk })
    );
}

fn bulletin(name: &str, restates: Option<&str>, reason: Option<&str>) -> Bulletin {
    Bulletin {
        name: name.to_owned(),
        first_day: date(2010, 3, 1),
        last_day: date(2010, 3, 31),
        position: Position(10),
        restates: restates.map(str::to_owned),
        reason: reason.map(str::to_owned),
        figures: Vec::new(),
    }
}

fn announced(directory: &mut Directory, bulletin: &Bulletin) -> Result<usize, PublishRejection> {
    let catalogue = Catalogue {
        bulletins: vec![bulletin.clone()],
        ..Catalogue::default()
    };
    let events = publish(directory, &catalogue, &director())?;
    for event in &events {
        directory.apply(event);
    }
    Ok(events.len())
}

#[test]
fn a_period_that_was_published_is_only_restated_by_the_name_of_its_newest_bulletin() {
    let mut directory = Directory::default();
    let first = bulletin("2010-03", None, None);
    assert_eq!(announced(&mut directory, &first), Ok(1));
    // The same again says nothing new.
    assert_eq!(announced(&mut directory, &first), Ok(0));
    let refused = |newest: &str| PublishRejection::PeriodPublished {
        first_day: date(2010, 3, 1),
        last_day: date(2010, 3, 31),
        newest: Some(newest.to_owned()),
    };
    let second = |restates| bulletin("second", restates, Some("a late record"));
    assert_eq!(announced(&mut directory, &second(None)), Err(refused("2010-03")));
    assert_eq!(
        announced(&mut directory, &second(Some("2010-02"))),
        Err(refused("2010-03"))
    );
    assert_eq!(announced(&mut directory, &second(Some("2010-03"))), Ok(1));
    let third = bulletin("third", Some("2010-03"), Some("another"));
    assert_eq!(announced(&mut directory, &third), Err(refused("second")));
}

#[test]
fn a_bulletin_has_a_name_of_its_own_days_in_order_and_a_reason_to_restate() {
    let mut directory = Directory::default();
    assert_eq!(announced(&mut directory, &bulletin("2010-03", None, None)), Ok(1));
    let unexplained = bulletin("second", Some("2010-03"), Some("  "));
    let name = |name: &str| name.to_owned();
    assert_eq!(
        announced(&mut directory, &unexplained),
        Err(PublishRejection::RestatedWithoutReason { name: name("second") })
    );
    let taken = Bulletin {
        last_day: date(2010, 3, 30),
        ..bulletin("2010-03", None, None)
    };
    assert_eq!(
        announced(&mut directory, &taken),
        Err(PublishRejection::BulletinNameTaken {
            name: name("2010-03")
        })
    );
    let backwards = Bulletin {
        last_day: date(2010, 2, 1),
        ..bulletin("backwards", None, None)
    };
    assert_eq!(
        announced(&mut directory, &backwards),
        Err(PublishRejection::NoBulletin {
            name: name("backwards")
        })
    );
}

const FINDING: &str = "B1:2010-000123@4711";

fn issued(by: Role) -> FindingAct {
    FindingAct::Issue(FindingIssued {
        id: FINDING.to_owned(),
        rule: "B1".to_owned(),
        subject: "2010-000123".to_owned(),
        evidence: vec![Position(4711)],
        text: "a second correction notice".to_owned(),
        by: staff(by).person,
        on: date(2010, 5, 14),
    })
}

fn explained(by: Role) -> FindingAct {
    FindingAct::Explain(FindingExplained {
        id: FINDING.to_owned(),
        text: "the plan was lost".to_owned(),
        by: staff(by).person,
        on: date(2010, 5, 17),
    })
}

fn ruling(number: u16, replaces: Option<u16>, reason: &str) -> FindingRuling {
    FindingRuling {
        id: FINDING.to_owned(),
        ruling: number,
        replaces,
        reason: reason.to_owned(),
        by: staff(Role::Supervisor).person,
        on: date(2010, 5, 18),
    }
}

/// What an act of somebody comes to, in the directory where it happened.
fn act(directory: &mut Directory, act: FindingAct, by: Role) -> Result<FindingStanding, PublishRejection> {
    let catalogue = Catalogue {
        findings: vec![act],
        ..Catalogue::default()
    };
    for event in publish(directory, &catalogue, &staff(by))? {
        assert_eq!(event.stream(), "reference/findings");
        directory.apply(&event);
    }
    Ok(directory.findings.get(FINDING).unwrap().standing())
}

#[test]
fn a_finding_is_issued_explained_and_ruled_on_and_every_word_of_it_is_kept() {
    let mut directory = centre();
    let supervisor = Role::Supervisor;
    assert_eq!(
        act(&mut directory, issued(supervisor), supervisor),
        Ok(FindingStanding::Issued)
    );
    let answer = explained(Role::AuthorityHead);
    assert_eq!(
        act(&mut directory, answer, Role::AuthorityHead),
        Ok(FindingStanding::Explained)
    );
    let upheld = FindingAct::Uphold(ruling(1, None, "the loss was theirs"));
    assert_eq!(
        act(&mut directory, upheld, supervisor),
        Ok(FindingStanding::Upheld)
    );
    let cancelled = FindingAct::Cancel(ruling(2, Some(1), "the first notice was complete"));
    assert_eq!(
        act(&mut directory, cancelled, supervisor),
        Ok(FindingStanding::Cancelled)
    );
    let record = directory.findings.get(FINDING).unwrap();
    assert_eq!((record.explanations.len(), record.rulings.len()), (1, 2));
}

#[test]
fn nothing_is_said_of_a_finding_that_was_not_issued_and_none_is_issued_twice() {
    let mut directory = centre();
    let unknown = || {
        Err(PublishRejection::UnknownFinding {
            id: FINDING.to_owned(),
        })
    };
    assert_eq!(
        act(&mut directory, explained(Role::Clerk), Role::Clerk),
        unknown()
    );
    let upheld = || FindingAct::Uphold(ruling(1, None, "because"));
    assert_eq!(act(&mut directory, upheld(), Role::Supervisor), unknown());
    assert_eq!(
        act(&mut directory, issued(Role::Supervisor), Role::Supervisor),
        Ok(FindingStanding::Issued)
    );
    assert_eq!(
        act(&mut directory, issued(Role::Supervisor), Role::Supervisor),
        Err(PublishRejection::FindingKnown {
            id: FINDING.to_owned()
        })
    );
}

#[test]
fn a_second_ruling_names_the_first_and_says_why() {
    let mut directory = centre();
    let supervisor = Role::Supervisor;
    assert_eq!(
        act(&mut directory, issued(supervisor), supervisor),
        Ok(FindingStanding::Issued)
    );
    let first = FindingAct::Uphold(ruling(1, None, "because"));
    assert_eq!(
        act(&mut directory, first, supervisor),
        Ok(FindingStanding::Upheld)
    );
    let ruled = || {
        Err(PublishRejection::FindingRuled {
            id: FINDING.to_owned(),
            newest: Some(1),
        })
    };
    for wrong in [
        ruling(2, None, "because"),
        ruling(1, Some(1), "because"),
        ruling(3, Some(2), "because"),
    ] {
        assert_eq!(
            act(&mut directory, FindingAct::Cancel(wrong), supervisor),
            ruled()
        );
    }
    assert_eq!(
        act(
            &mut directory,
            FindingAct::Cancel(ruling(2, Some(1), "  ")),
            supervisor
        ),
        Err(PublishRejection::FindingWithoutText {
            id: FINDING.to_owned()
        })
    );
}

#[test]
fn supervisors_issue_and_rule_and_whom_it_concerns_explains_each_for_themselves() {
    let mut directory = centre();
    let no_say = |role, act, wanted| Err(PublishRejection::NoSayInFindings { role, act, wanted });
    assert_eq!(
        act(&mut directory, issued(Role::Director), Role::Director),
        no_say(Role::Director, "issue", "it takes supervisor")
    );
    let forged = issued(Role::Director);
    assert_eq!(
        act(&mut directory, forged, Role::Supervisor),
        Err(PublishRejection::FindingByAnother {
            id: FINDING.to_owned(),
            by: staff(Role::Director).person,
            actor: staff(Role::Supervisor).person,
        })
    );
    assert_eq!(
        act(&mut directory, issued(Role::Supervisor), Role::Supervisor),
        Ok(FindingStanding::Issued)
    );
    let wanted = "it takes somebody of the staff whom it concerns";
    for role in [Role::Supervisor, Role::Applicant] {
        assert_eq!(
            act(&mut directory, explained(role), role),
            no_say(role, "explain", wanted)
        );
    }
    directory.staff.remove(&staff(Role::Clerk).person);
    assert_eq!(
        act(&mut directory, explained(Role::Clerk), Role::Clerk),
        Err(PublishRejection::NotInThatRole {
            person: staff(Role::Clerk).person,
            role: Role::Clerk
        })
    );
}
