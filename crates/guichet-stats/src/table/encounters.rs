//! The table `encounters`: one row each time an applicant and the centre met, in the centre or elsewhere.

use guichet_core::id::{PersonId, WindowId};

use super::{OfCase, Row, Rows, Table, Words, columns, of_cases};
use crate::rows::{EncounterFact, EncounterKind, Facts};

columns! {
    row: &OfCase<'_, EncounterFact>;
    case: Text required, "办件编号", "the case" => row.case();
    record: Integer required, "所依据的记录，为其在办件事件流中的序号（events 表的 revision）", "the record that says so, by its place in the stream of the case: `revision` in the table events" => row.row.record.0;
    kind: Text required, "事由：advice 预审、submission 收件、correction 补正、material 补交容缺材料、payment 缴费或退费、delivery 送达、withdrawal 撤回、complaint 投诉",
        "what it was about: advice, submission, correction, material, payment, delivery, withdrawal, complaint" => EncounterKind::as_str(row.row.kind);
    met_on: Date required, "日期", "the day of it" => row.row.on;
    window: Text optional, "登记窗口", "the window where it was recorded, if at one" => row.row.window.as_ref().map(WindowId::as_str);
    staff: Text optional, "登记人员（仅编号）；申请人或代办员自行办理则为空", "who recorded it for the centre, by id; empty where the applicant or the agent did it alone" =>
        row.row.staff.as_ref().map(PersonId::as_str);
    on_site: Flag required, "是否有人到场", "whether somebody stood in the centre for it" => row.row.on_site;
    through_agent: Flag required, "是否由代办员办理", "whether an agent acted, so that the applicant need not come" => row.row.through_agent;
}

fn rows(facts: &Facts) -> Box<dyn Iterator<Item = Row> + '_> {
    Box::new(of_cases(facts, |of| &of.encounters.rows).map(|row| cells(&row)))
}

pub(super) fn table() -> Table {
    Table {
        name: "encounters",
        row: Words {
            zh: "申请人与中心的一次接触",
            en: "one encounter of an applicant with the centre",
        },
        columns: columns(),
        month_of: "met_on",
        rows: Rows::Facts(rows),
    }
}
