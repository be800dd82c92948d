//! The table `complaints`: one row a complaint about a case.

use guichet_core::case::event::ComplaintFinding;
use guichet_core::id::{DepartmentId, DocumentId, PersonId};

use super::{OfCase, Row, Rows, Table, Words, columns, of_cases};
use crate::rows::{ComplaintFact, Facts};

columns! {
    row: &OfCase<'_, ComplaintFact>;
    case: Text required, "办件编号", "the case" => row.case();
    complaint: Text required, "投诉编号", "the complaint" => row.row.complaint.as_str();
    record: Integer required, "收到投诉的记录，为其在办件事件流中的序号（events 表的 revision）", "the record by which it came in, by its place in the stream of the case: `revision` in the table events" => row.row.record.0;
    received_on: Date required, "收到日期", "the day on which it came in" => row.row.received_on;
    channel: Text required, "投诉渠道（登记人的原话）", "how it came, in the words of whoever took it in" => row.row.channel.as_str();
    department: Text optional, "被投诉部门；未指明则为空", "the department it is about, where it names one" => row.row.department.as_ref().map(DepartmentId::as_str);
    content: Text optional, "投诉内容（仅文书编号）", "what it says, by reference" => row.row.content.as_ref().map(DocumentId::as_str);
    answered_on: Date optional, "答复日期", "the day on which it was answered" => row.row.answered_on;
    answered_by: Text optional, "答复人（仅编号）", "by whom, by id" => row.row.answered_by.as_ref().map(PersonId::as_str);
    finding: Text optional, "处理结论：upheld 属实、unfounded 不属实、withdrawn 撤回；未答复则为空", "what was found: upheld, unfounded, withdrawn; empty while it is not answered" =>
        row.row.finding.map(ComplaintFinding::as_str);
    answer_days: Integer optional in "calendar days", "自收到至答复的自然日数，当日为 0", "days from the complaint to its answer, 0 on the same day" => row.row.days_to_answer().map(i64::from);
}

fn rows(facts: &Facts) -> Box<dyn Iterator<Item = Row> + '_> {
    Box::new(of_cases(facts, |of| &of.complaints.rows).map(|row| cells(&row)))
}

pub(super) fn table() -> Table {
    Table {
        name: "complaints",
        row: Words {
            zh: "对一个办件的一次投诉",
            en: "one complaint about a case",
        },
        columns: columns(),
        month_of: "received_on",
        rows: Rows::Facts(rows),
    }
}
