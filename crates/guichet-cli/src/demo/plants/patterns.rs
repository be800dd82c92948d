//! Planted across cases: what only shows when several of them are seen together.

use guichet::core::actor::{Actor, Role};
use guichet::core::case::CaseCommand;
use guichet::core::case::event::{Satisfaction, SuspensionGround};
use guichet::core::id::{DepartmentId, OpportunityId, PersonId};
use guichet::core::time::{Date, date};

use super::super::habits::SUSPENDED_BY_ONE;
use super::super::planted::Subject;
use super::life::{Script, Written};

/// On these days of the year, by month and day, somebody founds a business for which the culture department has to be
/// asked. It never answers.
const SILENT_DAYS: [(i8, i8); 5] = [(3, 16), (4, 13), (5, 18), (7, 13), (9, 14)];
/// How many cases the one handler suspends.
const SUSPENDED: u32 = 6;
/// How many ratings the clerk presses himself.
const PRESSED: u32 = 5;

/// The days on which somebody comes whom the culture department leaves without an answer.
pub(super) fn silent_days() -> Vec<Date> {
    SILENT_DAYS
        .iter()
        .map(|(month, day)| date(2010, *month, *day))
        .collect()
}

pub(super) fn plant(script: &mut Script<'_>) -> Written {
    let culture = Subject::Department(DepartmentId::new("culture")?);
    script.plant(
        "B12",
        culture,
        "文化局对并联征求意见从不答复，一律期满默认",
        "the culture department never answers, so it always consents by silence",
    );
    always_suspended(script)?;
    pressed(script)
}

/// B6: one handler suspends every case that comes to them.
fn always_suspended(script: &mut Script<'_>) -> Written {
    let person = PersonId::new(super::SUSPENDER)?;
    for number in 0..SUSPENDED {
        let base = script.day(date(2010, 8, 2), 2 * number);
        let mut life = script.life(
            &format!("planted-suspended-{}", number + 1),
            SUSPENDED_BY_ONE,
            base,
        )?;
        life.clerk.person = person.clone();
        let handler = Actor::new(person.clone(), Role::Handler);
        life.handler = handler.clone();
        let suspend = CaseCommand::Suspend {
            ground: SuspensionGround::ApplicantRequest,
            reason: "the applicant asked for time, it says".to_owned(),
            notice: Some(life.document("notice")?),
        };
        life.taken_in()?
            .does(1, (9, 35), &handler, suspend)?
            .does(16, (9, 35), &handler, CaseCommand::Resume {})?
            .examined(17, 18)?
            .granted(19)?
            .closed(20)?;
    }
    script.plant(
        "B6",
        Subject::Person(person),
        "该承办人经办的每一件都申请中止三周",
        "this handler suspends each of their cases for three weeks",
    );
    Ok(())
}

/// B18: a clerk presses the ratings of five applicants, one after the other, as they are served.
fn pressed(script: &mut Script<'_>) -> Written {
    let mut window = None;
    for number in 0..PRESSED {
        let minute = i64::from(number);
        let mut life = script.life(
            &format!("planted-pressed-{}", number + 1),
            "company-name",
            date(2010, 6, 2),
        )?;
        let (clerk, applicant) = (life.clerk.clone(), life.applying());
        let (verdict, reasons) = (guichet::core::case::event::Verdict::Granted, None);
        let (handler, approver, submit) = (life.handler.clone(), life.approver.clone(), life.submit());
        let certificate = life.document("certificate")?;
        let rate = CaseCommand::Rate {
            opportunity: OpportunityId::new("collection-2")?,
            level: Satisfaction::VerySatisfied,
            comment: None,
        };
        let at = life.at(0, (10, 46 + minute)).saturating_add_micros(6_000_000);
        life.does(0, (9, minute), &clerk, submit)?
            .does(
                0,
                (9, 15 + minute),
                &clerk,
                CaseCommand::Accept { gaps_due_on: None },
            )?
            .agreed(0, (9, 30 + minute), "intake")?
            .does(
                0,
                (9, 45 + minute),
                &approver,
                CaseCommand::Decide { verdict, reasons },
            )?
            .does(
                0,
                (10, 15 + minute),
                &handler,
                CaseCommand::IssueCertificate { certificate },
            )?
            .does(
                0,
                (10, 46 + minute),
                &clerk,
                CaseCommand::Deliver {
                    method: "collected at the window".to_owned(),
                },
            )?
            .does_at(at, &applicant, rate, |_| ())?
            .completed(0)?;
        window = clerk.window;
    }
    if let Some(window) = window {
        script.plant(
            "B18",
            Subject::Window(window),
            "窗口人员在十分钟内替五名申请人按下评价",
            "a clerk presses the ratings of five applicants within ten minutes",
        );
    }
    Ok(())
}
