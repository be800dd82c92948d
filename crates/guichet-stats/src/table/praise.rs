//! The table `praise`: one row a letter of praise, or banner.

use guichet_core::id::{DocumentId, WindowId};

use super::{OfCase, Row, Rows, Table, Words, columns, of_cases};
use crate::rows::{Facts, PraiseFact};

columns! {
    row: &OfCase<'_, PraiseFact>;
    case: Text required, "办件编号", "the case" => row.case();
    record: Integer required, "收到表扬的记录，为其在办件事件流中的序号（events 表的 revision）", "the record by which it came in, by its place in the stream of the case: `revision` in the table events" => row.row.record.0;
    received_on: Date required, "收到日期", "the day on which it came in" => row.row.received_on;
    channel: Text required, "表扬方式（登记人的原话）", "how it came, in the words of whoever took it in: a letter, a banner" => row.row.channel.as_str();
    content: Text optional, "表扬内容（仅文书编号）", "what it says, by reference" => row.row.content.as_ref().map(DocumentId::as_str);
    window: Text optional, "登记窗口", "the window where it was taken in, if at one" => row.row.window.as_ref().map(WindowId::as_str);
}

fn rows(facts: &Facts) -> Box<dyn Iterator<Item = Row> + '_> {
    Box::new(of_cases(facts, |of| &of.complaints.praise).map(|row| cells(&row)))
}

pub(super) fn table() -> Table {
    Table {
        name: "praise",
        row: Words {
            zh: "对一个办件的一次表扬",
            en: "one letter of praise or banner for the handling of a case",
        },
        columns: columns(),
        month_of: "received_on",
        rows: Rows::Facts(rows),
    }
}
