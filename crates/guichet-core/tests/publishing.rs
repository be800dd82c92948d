//! Publishing the reference data: what is new is recorded, what was published stays as it is.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::sync::Arc;

use guichet_core::actor::{Actor, Role};
use guichet_core::calendar::{Calendar, CalendarFacts, DayRange};
use guichet_core::id::{CalendarId, PersonId, Version};
use guichet_core::reference::{Catalogue, Directory, PublishRejection, ReferenceEvent, publish};
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
