//! Planted at the counter: what is asked for, taken in, turned away, paid and handed out.

use guichet::core::actor::{Actor, Role};
use guichet::core::case::CaseCommand;
use guichet::core::case::event::{CorrectionItem, FeeItem};
use guichet::core::id::{DepartmentId, MaterialId, PersonId};
use guichet::core::reference::WindowForm;
use guichet::core::time::date;

use super::super::planted::Subject;
use super::life::{Problem, Script, Written};

pub(super) fn plant(script: &mut Script<'_>) -> Written {
    taken_over(script)?;
    turned_away(script)?;
    unlisted_material(script)?;
    dear(script)?;
    in_the_drawer(script)?;
    clock_ahead(script)?;
    anothers_name(script)
}

/// B3: a case that was taken over from the system before this one had been accepted there without a required paper. The
/// engine lets nobody do that here.
fn taken_over(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-taken-over", "road-transport", date(2010, 1, 5))?;
    let importer = Actor::new(PersonId::new("import")?, Role::Importer);
    life.materials.pop();
    let submit = life.submit();
    life.does(0, (9, 5), &importer, submit)?
        .does(0, (9, 20), &importer, CaseCommand::Accept { gaps_due_on: None })?
        .agreed(0, (9, 50), "intake")?
        .examined(2, 3)?
        .granted(4)?
        .closed(5)?
        .plants(
            "B3",
            "旧系统在缺少必需材料时受理，办件随后移入本系统",
            "the old system had accepted it without a required paper, and it was taken over",
        );
    Ok(())
}

/// A5: corrections are found complete, and the application is turned away.
fn turned_away(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-turned-away", "hygiene-licence", date(2010, 6, 21))?;
    let (clerk, applicant) = (life.clerk.clone(), life.applying());
    let missing: Vec<MaterialId> = life.materials.pop().into_iter().collect();
    let item = |material: &MaterialId| CorrectionItem {
        material: material.clone(),
        defect: "missing".to_owned(),
    };
    let items = missing.iter().map(item).collect();
    let corrections = CaseCommand::SubmitCorrection {
        materials: missing.iter().cloned().collect(),
        complete: true,
    };
    let refuse = CaseCommand::RefuseAcceptance {
        reasons: "another district has to see to it".to_owned(),
        remedies: Some("an appeal can be filed within 60 days".to_owned()),
    };
    life.handed_in()?
        .does(0, (10, 5), &clerk, CaseCommand::RequestCorrection { items })?
        .does(2, (9, 5), &applicant, corrections)?
        .does(3, (9, 35), &clerk, refuse)?
        .completed(3)?
        .plants(
            "A5",
            "补正齐全后仍不予受理",
            "turned away although the corrections were found complete",
        );
    Ok(())
}

/// B2: a correction notice asks for what no list names.
fn unlisted_material(script: &mut Script<'_>) -> Written {
    let mut life = script.life(
        "planted-unlisted-material",
        "medical-institution",
        date(2010, 9, 6),
    )?;
    let (clerk, applicant) = (life.clerk.clone(), life.applying());
    let statement = MaterialId::new("bank-statement")?;
    let items = vec![CorrectionItem {
        material: statement.clone(),
        defect: "missing".to_owned(),
    }];
    let corrections = CaseCommand::SubmitCorrection {
        materials: [statement].into(),
        complete: true,
    };
    life.handed_in()?
        .does(0, (10, 5), &clerk, CaseCommand::RequestCorrection { items })?
        .does(2, (9, 5), &applicant, corrections)?
        .accepted(3)?
        .agreed(3, (9, 50), "intake")?
        .examined(5, 7)?
        .granted(8)?
        .closed(9)?
        .plants(
            "B2",
            "补正要求提交目录外的银行对账单",
            "a correction notice asks for a bank statement that no list names",
        );
    Ok(())
}

/// A6: a fee is told, and paid, above the published one.
fn dear(script: &mut Script<'_>) -> Written {
    const ABOVE_FEN: u64 = 20_000;
    let mut life = script.life("planted-fee-above-the-list", "food-service", date(2010, 7, 5))?;
    let listed = life.procedure.fees.first().cloned();
    let listed = listed.ok_or_else(|| Problem::Missing("a fee".to_owned()))?;
    let amount_fen = listed.amount_fen + ABOVE_FEN;
    let cashier = life.script.desk.actor(
        &life.procedure.department,
        Role::Cashier,
        Some(WindowForm::Bank),
        date(2010, 7, 6),
    );
    let cashier = cashier.ok_or_else(|| Problem::Missing("a cashier".to_owned()))?;
    let clerk = life.clerk.clone();
    let fees = vec![FeeItem {
        fee: listed.id.clone(),
        amount_fen,
    }];
    let pay = CaseCommand::PayFee {
        fee: listed.id,
        amount_fen,
        bank_reference: "BOH-planted".to_owned(),
    };
    life.taken_in()?
        .does(0, (10, 20), &clerk, CaseCommand::NotifyFees { fees })?
        .does(1, (9, 20), &cashier, pay)?
        .examined(3, 4)?
        .granted(5)?
        .closed(6)?
        .plants(
            "A6",
            "检验费多收二百元",
            "the laboratory test is charged 200 yuan above the list",
        );
    Ok(())
}

/// B14: the certificate lies in a drawer.
fn in_the_drawer(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-in-the-drawer", "company-registration", date(2010, 3, 22))?;
    life.taken_in()?
        .examined(1, 2)?
        .granted(2)?
        .issued(3)?
        .delivered(15)?
        .completed(15)?
        .plants(
            "B14",
            "证照压在抽屉里，决定后十三个工作日才送达",
            "the certificate lies in a drawer for thirteen working days",
        );
    Ok(())
}

/// B16: the clock of a terminal runs forty minutes ahead.
fn clock_ahead(script: &mut Script<'_>) -> Written {
    let mut life = script.life("planted-clock-ahead", "company-registration", date(2010, 4, 12))?;
    let (handler, at, shown) = (life.handler.clone(), life.at(1, (10, 5)), life.at(1, (10, 55)));
    life.taken_in()?
        .does_at(at, &handler, super::life::agrees("examine")?, |command| {
            command.occurred_at = Some(shown);
        })?
        .agreed(2, (11, 20), "review")?
        .granted(2)?
        .closed(3)?
        .plants(
            "B16",
            "终端时钟快四十分钟，发生时间晚于登记时间",
            "a terminal's clock runs forty minutes ahead of the log",
        );
    Ok(())
}

/// B15: a clerk signs for a file in the name of a department that their window does not serve that day.
fn anothers_name(script: &mut Script<'_>) -> Written {
    let base = date(2010, 5, 24);
    let mut life = script.life("planted-in-anothers-name", "lightning-review", base)?;
    let desk = life.script.desk;
    let missing = |what: &str| Problem::Missing(what.to_owned());
    let other = DepartmentId::new("civil-air-defence")?;
    let theirs = desk.actor(&other, Role::Clerk, Some(WindowForm::Rotating), base);
    let theirs = theirs.ok_or_else(|| missing("a clerk of the air defence"))?;
    let (own, to) = (life.clerk.clone(), theirs.window.clone());
    let (from, to) = (
        own.window.clone().ok_or_else(|| missing("a window"))?,
        to.ok_or_else(|| missing("a window"))?,
    );
    let in_anothers_name = theirs.clone().of(life.procedure.department.clone());
    let reason = || "put on the wrong pile".to_owned();
    life.taken_in()?
        .does(1, (9, 5), &own, CaseCommand::Transfer { to, reason: reason() })?
        .does(1, (9, 35), &in_anothers_name, CaseCommand::ConfirmTransfer {})?
        .does(
            1,
            (10, 5),
            &theirs,
            CaseCommand::Transfer {
                to: from,
                reason: reason(),
            },
        )?
        .does(1, (10, 35), &own, CaseCommand::ConfirmTransfer {})?
        .agreed(2, (10, 5), "examine")?
        .agreed(3, (11, 20), "review")?
        .granted(3)?
        .closed(3)?;
    let subject = Subject::Person(theirs.person);
    script.plant(
        "B15",
        subject,
        "在轮值窗口以当日不在该窗口值班的气象局名义签收",
        "signs for a file in the name of the weather office, which the roster does not have at that window",
    );
    Ok(())
}
