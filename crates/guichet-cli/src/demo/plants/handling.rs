//! Planted while a case is handled: what is examined, by whom, in what time, and how it is decided.

use guichet::core::actor::{Actor, Role};
use guichet::core::case::CaseCommand;
use guichet::core::case::event::Verdict;
use guichet::core::id::{PersonId, SpecialProcedureId};
use guichet::core::procedure::SpecialKind;
use guichet::core::time::{Term, Timestamp, date};

use super::life::{Life, Problem, Script, Written, agrees};

pub(super) fn plant(script: &mut Script<'_>) -> Written {
    without_reasons(script)?;
    sent_up_late(script)?;
    unexamined(script)?;
    alone(script)?;
    within_the_minute(script)?;
    closed_twice(script)?;
    during_the_hearing(script)?;
    test_without_papers(script)?;
    signed_afterwards(script)
}

/// A4: a refusal whose reasons are a dash.
fn without_reasons(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-without-reasons", "road-transport", date(2010, 5, 10))?;
    let approver = life.approver.clone();
    let (verdict, reasons) = (Verdict::Refused, Some("——".to_owned()));
    life.taken_in()?
        .examined(2, 3)?
        .does(4, (14, 5), &approver, CaseCommand::Decide { verdict, reasons })?
        .delivered(5)?
        .completed(5)?
        .plants(
            "A4",
            "不予许可的理由只写了破折号",
            "refused for the reason of a dash",
        );
    Ok(())
}

/// A3 and A2: an item that a higher level decides lies with the handler for weeks.
fn sent_up_late(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-sent-up-late", "land-use-right", date(2010, 5, 31))?;
    life.taken_in()?
        .examined(23, 25)?
        .granted(27)?
        .closed(28)?
        .plants(
            "A3",
            "受理后第二十三个工作日才初审上报",
            "sent up on the twenty-third working day",
        )
        .plants(
            "A2",
            "审查环节超过自己的时限",
            "the examination runs past its own term",
        );
    Ok(())
}

/// A7 and A10: nobody asks what the flow chooses by, so nothing is examined, and no opinion stands on record.
fn unexamined(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-unexamined", "street-stall", date(2010, 8, 16))?;
    life.facts.clear();
    life.handed_in()?
        .accepted(0)?
        .granted(1)?
        .closed(2)?
        .plants(
            "A7",
            "不填是否首次申请，绕过审查，没有任何环节意见即作出决定",
            "decided without anybody's opinion on record, around the examination",
        )
        .plants(
            "A10",
            "缺少流程选择所需的要素",
            "the fact by which the flow chooses is missing",
        );
    Ok(())
}

/// B8: one person examines and decides, where the flow does not forbid it.
fn alone(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-alone", "street-stall", date(2010, 11, 1))?;
    let person = PersonId::new(super::ALONE)?;
    let (handler, approver) = (
        Actor::new(person.clone(), Role::Handler),
        Actor::new(person, Role::Approver),
    );
    let (verdict, reasons) = (Verdict::Granted, None);
    life.fact("first_time", true)
        .handed_in()?
        .accepted(0)?
        .does(1, (10, 5), &handler, agrees("examine")?)?
        .does(2, (14, 5), &approver, CaseCommand::Decide { verdict, reasons })?
        .closed(3)?
        .plants("B8", "同一人承办并批准", "one person examines and approves");
    Ok(())
}

/// B10: everything between the acceptance and the decision happens within a minute.
fn within_the_minute(script: &mut Script<'_>) -> Written {
    const SECOND: i64 = 1_000_000;
    let mut life = script.life(
        "planted-within-the-minute",
        "tax-registration",
        date(2010, 10, 25),
    )?;
    let accepted_at = life.at(0, (9, 20));
    let (clerk, handler, reviewer, approver) = (
        life.clerk.clone(),
        life.handler.clone(),
        life.reviewer.clone(),
        life.approver.clone(),
    );
    let (verdict, reasons) = (Verdict::Granted, None);
    let acts = [
        ((9, 35), clerk, agrees("intake")?, 10),
        ((9, 50), handler, agrees("examine")?, 25),
        ((10, 5), reviewer, agrees("review")?, 40),
        ((10, 20), approver, CaseCommand::Decide { verdict, reasons }, 55),
    ];
    life.handed_in()?.accepted(0)?;
    for (time, actor, ask, seconds) in acts {
        let occurred_at: Timestamp = accepted_at.saturating_add_micros(seconds * SECOND);
        let at = life.at(0, time);
        life.does_at(at, &actor, ask, |command| command.occurred_at = Some(occurred_at))?;
    }
    life.closed(1)?.plants(
        "B10",
        "承诺件受理后五十五秒即作出决定",
        "a promised item is decided 55 seconds after its acceptance",
    );
    Ok(())
}

/// A8: after the decision was revoked, the file is closed a second time, and nobody has opened it again.
fn closed_twice(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-closed-twice", "road-transport", date(2010, 4, 19))?;
    let approver = life.approver.clone();
    let reasons = "the list of vehicles was forged".to_owned();
    life.taken_in()?
        .examined(2, 3)?
        .granted(4)?
        .closed(5)?
        .does(10, (9, 35), &approver, CaseCommand::Revoke { reasons })?
        .completed(11)?
        .plants(
            "A8",
            "撤销决定后未重新办理，同一办件再次办结",
            "completed a second time after a revocation, without having been opened again",
        );
    Ok(())
}

fn special(
    life: &mut Life<'_, '_>,
    kind: SpecialKind,
    announced: Term,
    notice: bool,
) -> Result<SpecialProcedureId, Problem> {
    let special = SpecialProcedureId::new("special-1")?;
    let (handler, approver) = (life.handler.clone(), life.approver.clone());
    let notice = if notice {
        Some(life.document("notice")?)
    } else {
        None
    };
    let request = CaseCommand::RequestSpecialProcedure {
        special: special.clone(),
        kind,
        name: None,
        announced,
    };
    let start = CaseCommand::StartSpecialProcedure {
        special: special.clone(),
    };
    life.does(1, (9, 5), &handler, request)?
        .does(
            1,
            (9, 35),
            &approver,
            CaseCommand::ApproveSpecialProcedure {
                special: special.clone(),
                notice,
            },
        )?
        .does(1, (11, 5), &handler, start)?;
    Ok(special)
}

/// B13 and A9: decided while the hearing runs, which nobody ever ends.
fn during_the_hearing(script: &mut Script<'_>) -> Written {
    let mut life = script.life(
        "planted-during-the-hearing",
        "works-planning-permit",
        date(2010, 6, 28),
    )?;
    life.taken_in()?;
    special(&mut life, SpecialKind::Hearing, Term::WorkingDays(10), true)?;
    life.examined(2, 3)?
        .granted(5)?
        .closed(6)?
        .plants("B13", "听证尚未结束即作出决定", "decided while the hearing runs")
        .plants(
            "A9",
            "听证未结束，办件已办结",
            "completed with the hearing still open",
        );
    Ok(())
}

/// B5, twice: a test without a written notice, and one that took longer and left no result.
fn test_without_papers(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-test-without-papers", "food-service", date(2010, 10, 11))?;
    life.taken_in()?;
    let special = special(&mut life, SpecialKind::Testing, Term::WorkingDays(5), false)?;
    let handler = life.handler.clone();
    life.does(
        9,
        (9, 35),
        &handler,
        CaseCommand::EndSpecialProcedure {
            special,
            result: None,
        },
    )?
    .examined(10, 11)?
    .granted(12)?
    .closed(13)?
    .plants(
        "B5",
        "检测没有书面告知",
        "a test that nobody was told of in writing",
    )
    .plants(
        "B5",
        "检测超过告知的时间，且没有结果",
        "the test takes longer than announced and leaves no result",
    );
    Ok(())
}

/// B9 and A2: the head signs an extension after the term, dated back to its last day.
fn signed_afterwards(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-signed-afterwards", "food-service", date(2010, 11, 8))?;
    let handler = life.handler.clone();
    let head = Actor::new(life.approver.person.clone(), Role::AuthorityHead);
    let (by, reason) = (Term::WorkingDays(10), "the file is unusually large".to_owned());
    let (signed_at, dated) = (life.at(21, (10, 5)), life.day(20));
    let grant = CaseCommand::GrantExtension {
        by,
        reason: reason.clone(),
    };
    life.taken_in()?
        .examined(3, 5)?
        .does(
            15,
            (9, 35),
            &handler,
            CaseCommand::RequestExtension { by, reason },
        )?
        .does_at(signed_at, &head, grant, |command| {
            command.effective_on = Some(dated);
        })?
        .granted(22)?
        .closed(23)?
        .plants(
            "B9",
            "法定期限届满次日补签延期，倒签为最后一天",
            "an extension signed the day after the term, dated back to its last day",
        )
        .plants(
            "A2",
            "决定环节超过自己的时限",
            "the decision runs past its own term",
        );
    Ok(())
}
