//! The table `fees`: one row a fee of a case.

use guichet_core::time::Date;

use super::{OfCase, Row, Rows, Table, Words, columns, of_cases};
use crate::rows::{Facts, FeeFact};

impl OfCase<'_, FeeFact> {
    fn first_on(&self) -> Date {
        let fee = self.row;
        let money = fee.paid.iter().chain(&fee.refunded).map(|payment| payment.on);
        let told = fee.notified_on.into_iter().chain(self.waived_on());
        // A fee is there because a record names it.
        money.chain(told).min().unwrap_or(self.of.case.received_on)
    }

    fn waived_on(&self) -> Option<Date> {
        self.row.waived.map(|(_, on)| on)
    }

    fn refunded_on(&self) -> Option<Date> {
        self.row.refunded.first().map(|payment| payment.on)
    }

    fn bank_reference(&self) -> Option<&str> {
        self.row.paid.first()?.bank_reference.as_deref()
    }
}

columns! {
    row: &OfCase<'_, FeeFact>;
    case: Text required, "办件编号", "the case" => row.case();
    fee: Text required, "费用", "the fee" => row.row.fee.as_str();
    first_on: Date required, "首次有记录的日期", "the day of the first record that names it" => row.first_on();
    notified_on: Date optional, "首次告知日期；收了款而从未告知则为空", "the day on which it was first told; empty where money was taken that nobody told" => row.row.notified_on;
    notified_fen: Integer optional in "fen", "最近一次告知的金额（分）", "how much was told, by the newest notice" => row.row.notified_on.map(|_| row.row.notified_fen);
    paid_on: Date optional, "首次缴费日期", "the day on which it was first paid" => row.row.paid_on();
    paid_fen: Integer required in "fen", "已缴金额（分）", "all that was paid" => row.row.paid_fen();
    bank_reference: Text optional, "首次缴费的银行流水号", "the bank's reference of the first payment" => row.bank_reference();
    waived_on: Date optional, "免除日期", "the day on which it was waived" => row.waived_on();
    refunded_on: Date optional, "首次退费日期", "the day on which money was first paid back" => row.refunded_on();
    refunded_fen: Integer required in "fen", "已退金额（分）", "all that was paid back" => row.row.refunded_fen();
    owed_fen: Integer required in "fen", "尚欠金额（分）", "what is still owed; nothing once it is waived" => row.row.owed_fen();
}

fn rows(facts: &Facts) -> Box<dyn Iterator<Item = Row> + '_> {
    Box::new(of_cases(facts, |of| &of.fees.rows).map(|row| cells(&row)))
}

pub(super) fn table() -> Table {
    Table {
        name: "fees",
        row: Words {
            zh: "一个办件的一项费用",
            en: "one fee of a case",
        },
        columns: columns(),
        month_of: "first_on",
        rows: Rows::Facts(rows),
    }
}
