//! The table `cases`: one row a case, as it stands.

use guichet_core::case::event::Outcome;
use guichet_core::id::{CaseId, WindowId};

use super::{Row, Rows, Table, Words, columns};
use crate::fact::CaseFact;
use crate::rows::Facts;
use crate::timeliness::Timely;

struct CaseRow<'f> {
    case: &'f CaseId,
    fact: &'f CaseFact,
}

columns! {
    row: &CaseRow<'_>;
    case: Text required, "办件编号", "the case" => row.case.as_str();
    procedure: Text required, "事项", "its procedure" => row.fact.procedure.as_str();
    version: Integer required, "事项版本", "the version of the procedure that it keeps to" => row.fact.version.0;
    department: Text required, "主办部门", "the department that answers for it" => row.fact.department.as_str();
    window: Text optional, "持件窗口", "the window that has the file" => row.fact.window.as_ref().map(WindowId::as_str);
    received_on: Date required, "收件日期（法律意义上）", "the day of receipt in law" => row.fact.received_on;
    accepted_on: Date optional, "受理生效日期", "the day from which it counts as accepted" => row.fact.accepted_on;
    deemed_acceptance: Flag required, "是否视为受理", "whether it was accepted by silence" => row.fact.deemed_acceptance;
    deemed_consents: Integer required in "members", "视为同意的并联成员数",
        "members of its parallel groups that count as having consented" => row.fact.deemed_consents;
    standing: Text required,
        "所处阶段：intake 待受理、awaiting_correction 待补正、review 审查、decided 已决定、ended 未决定而终结、completed 办结、archived 归档",
        "where it stands: intake, awaiting_correction, review, decided, ended, completed, archived" => row.fact.standing.as_str();
    outcome: Text optional, "结果代码", "how it was decided or ended: a code of the event schema" => row.fact.outcome.map(Outcome::as_str);
    ended_on: Date optional, "决定或终结日期", "the day of the outcome" => row.fact.ended_on;
    statutory_due_on: Date optional, "法定期限届满日（最近一次记录）", "the last day of the decision by law, as last recorded" => row.fact.statutory_due_on;
    promised_due_on: Date optional, "承诺期限届满日（最近一次记录）", "the last day of the promise, as last recorded" => row.fact.promised_due_on;
    timely: Text optional, "决定是否按时：in_time 按时、overdue 超承诺、illegal 超法定；无期限则为空",
        "how its decision stands to its terms: in_time, overdue (past the promise), illegal (past the statute)" => row.fact.timely.map(timely);
    timely_by_source: Text optional, "来源系统的办结时间与期限之比较", "the same by the two instants that an imported source gives" => row.fact.by_source.map(|(it, _)| timely(it));
    records: Integer required in "records", "该办件的记录数", "how many records it has" => row.fact.records;
    last_occurred_at: Instant required, "最近一次事件的时间", "when something happened to it last" => row.fact.last_occurred_at;
}

const fn timely(timely: Timely) -> &'static str {
    match timely {
        Timely::InTime => "in_time",
        Timely::Overdue => "overdue",
        Timely::Illegal => "illegal",
    }
}

fn rows(facts: &Facts) -> Box<dyn Iterator<Item = Row> + '_> {
    let rows = facts.rows().map(|of| CaseRow {
        case: &of.id,
        fact: &of.case,
    });
    Box::new(rows.map(|row| cells(&row)))
}

pub(super) fn table() -> Table {
    Table {
        name: "cases",
        row: Words {
            zh: "一个办件，按日志末尾的状态",
            en: "one case, as it stands at the end of the log",
        },
        columns: columns(),
        month_of: "received_on",
        rows: Rows::Facts(rows),
    }
}
