//! Fees: one row a fee, with what was told, paid, waived and paid back.

use guichet_core::case::CaseEvent;
use guichet_core::id::{FeeId, Revision};
use guichet_core::time::Date;
use guichet_core::zone::Zone;
use guichet_log::projection::Recorded;
use serde::{Deserialize, Serialize};

use super::{correct, correct_optional, put};

/// Money that changed hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The record that says so.
    pub record: Revision,
    /// When.
    pub on: Date,
    /// How much, in fen (1/100 yuan).
    pub amount_fen: u64,
    /// The bank's reference, where it was paid.
    pub bank_reference: Option<String>,
}

/// One fee of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeFact {
    /// The fee, by the id in the procedure's list or another one.
    pub fee: FeeId,
    /// The record of its newest notice. Nothing where money is recorded for a fee that nobody told: the supervisors find it.
    pub notice: Option<Revision>,
    /// When it was first told.
    pub notified_on: Option<Date>,
    /// How much was told, by the newest notice, in fen.
    pub notified_fen: u64,
    /// What was paid, in the order of the records.
    pub paid: Vec<Payment>,
    /// The record of its waiver, and when it was waived.
    pub waived: Option<(Revision, Date)>,
    /// What was paid back, in the order of the records.
    pub refunded: Vec<Payment>,
}

impl FeeFact {
    const fn new(fee: FeeId) -> Self {
        Self {
            fee,
            notice: None,
            notified_on: None,
            notified_fen: 0,
            paid: Vec::new(),
            waived: None,
            refunded: Vec::new(),
        }
    }

    /// All that was paid, in fen.
    #[must_use]
    pub fn paid_fen(&self) -> u64 {
        total(&self.paid)
    }

    /// All that was paid back, in fen.
    #[must_use]
    pub fn refunded_fen(&self) -> u64 {
        total(&self.refunded)
    }

    /// When it was first paid.
    #[must_use]
    pub fn paid_on(&self) -> Option<Date> {
        self.paid.first().map(|payment| payment.on)
    }

    /// What is still owed, in fen: nothing once it is waived.
    #[must_use]
    pub fn owed_fen(&self) -> u64 {
        if self.waived.is_some() {
            0
        } else {
            self.notified_fen.saturating_sub(self.paid_fen())
        }
    }
}

fn total(payments: &[Payment]) -> u64 {
    payments
        .iter()
        .fold(0, |sum, payment| sum.saturating_add(payment.amount_fen))
}

/// The fees of one case, in the order in which they were first named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// A row a fee.
    pub rows: Vec<FeeFact>,
}

impl Fees {
    fn row(&mut self, fee: &FeeId) -> &mut FeeFact {
        let known = self.rows.iter().position(|row| row.fee == *fee);
        let place = known.unwrap_or_else(|| {
            put(&mut self.rows, FeeFact::new(fee.clone()));
            self.rows.len() - 1
        });
        #[expect(
            clippy::indexing_slicing,
            reason = "the place was found or made on the line before"
        )]
        &mut self.rows[place]
    }

    /// Takes in a record of the case.
    ///
    /// A fee that is told again owes what the newest notice says. A fee counts as told on the first day.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a new event says nothing of fees unless it is named here"
    )]
    pub fn apply(&mut self, recorded: &Recorded, event: &CaseEvent, zone: &Zone) {
        let on = || zone.date(recorded.occurred_at);
        match event {
            CaseEvent::FeeNotified(e) => {
                for item in &e.fees {
                    let row = self.row(&item.fee);
                    row.notice = Some(recorded.revision);
                    row.notified_on.get_or_insert_with(on);
                    row.notified_fen = item.amount_fen;
                }
            }
            CaseEvent::FeePaid(e) => put(
                &mut self.row(&e.fee).paid,
                Payment {
                    record: recorded.revision,
                    on: on(),
                    amount_fen: e.amount_fen,
                    bank_reference: Some(e.bank_reference.clone()),
                },
            ),
            CaseEvent::FeeWaived(e) => {
                self.row(&e.fee)
                    .waived
                    .get_or_insert_with(|| (recorded.revision, on()));
            }
            CaseEvent::FeeRefunded(e) => self.row(&e.fee).refunded.push(Payment {
                record: recorded.revision,
                on: on(),
                amount_fen: e.amount_fen,
                bank_reference: None,
            }),
            CaseEvent::RecordCorrected(e) => {
                for row in &mut self.rows {
                    // Which fee of a notice of several is meant, a correction does not say.
                    for payment in row.paid.iter_mut().chain(&mut row.refunded) {
                        correct(&mut payment.amount_fen, e, payment.record, "amount_fen");
                        correct_optional(&mut payment.bank_reference, e, payment.record, "bank_reference");
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::actor::Actor;
    use guichet_core::case::event::{FeeItem, FeeNotified, FeePaid, FeeRefunded, FeeWaived};
    use guichet_core::testkit::id;

    use super::super::testing::{Happened, clerk, correction, day, fold};
    use super::*;

    fn told(fees: &[(&str, u64)]) -> CaseEvent {
        let fees = fees.iter().map(|(fee, amount_fen)| FeeItem {
            fee: id(fee),
            amount_fen: *amount_fen,
        });
        FeeNotified { fees: fees.collect() }.into()
    }

    fn paid(fee: &str, amount_fen: u64) -> CaseEvent {
        FeePaid {
            fee: id(fee),
            amount_fen,
            bank_reference: "B-1".to_owned(),
        }
        .into()
    }

    fn waived(fee: &str) -> CaseEvent {
        FeeWaived {
            fee: id(fee),
            reason: "hardship".to_owned(),
        }
        .into()
    }

    fn refunded(fee: &str, amount_fen: u64) -> CaseEvent {
        FeeRefunded {
            fee: id(fee),
            amount_fen,
            reason: "too much".to_owned(),
        }
        .into()
    }

    fn fees(history: Vec<(i8, CaseEvent)>) -> Vec<FeeFact> {
        let mut fees = Fees::default();
        let cashier: Actor = clerk(Some("BANK"));
        let history = history
            .into_iter()
            .map(|(on, event)| Happened(on, cashier.clone(), event))
            .collect();
        fold(history, |recorded, event, zone| fees.apply(recorded, event, zone));
        fees.rows
    }

    #[test]
    fn a_fee_is_told_paid_and_paid_back_on_the_days_of_the_wall_clock() {
        let rows = fees(vec![
            (2, told(&[("licence", 5_000), ("copy", 100)])),
            (4, paid("licence", 5_000)),
            (5, waived("copy")),
            (9, refunded("licence", 2_000)),
        ]);
        let [licence, copy] = rows.as_slice() else {
            panic!("{rows:?}")
        };
        assert_eq!((licence.notified_on, licence.notified_fen), (Some(day(2)), 5_000));
        assert_eq!((licence.paid_on(), licence.paid_fen()), (Some(day(4)), 5_000));
        assert_eq!((licence.refunded_fen(), licence.owed_fen()), (2_000, 0));
        assert_eq!((copy.waived, copy.owed_fen()), (Some((Revision(2), day(5))), 0));
        assert_eq!((copy.paid_on(), copy.paid_fen()), (None, 0));
    }

    #[test]
    fn a_fee_that_is_told_again_owes_what_the_newest_notice_says_from_the_first_day() {
        let rows = fees(vec![
            (2, told(&[("licence", 5_000)])),
            (3, told(&[("licence", 3_000)])),
            (4, paid("licence", 1_000)),
        ]);
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].notified_on, rows[0].notice),
            (Some(day(2)), Some(Revision(1)))
        );
        assert_eq!(rows[0].owed_fen(), 2_000);
    }

    #[test]
    fn money_for_a_fee_that_nobody_told_is_counted_and_has_no_notice() {
        let rows = fees(vec![
            (4, paid("tip", 1_000)),
            (5, refunded("tip", 1_000)),
            (6, told(&[("tip", 0)])),
        ]);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].paid_fen(), rows[0].refunded_fen()), (1_000, 1_000));
        assert_eq!(
            (rows[0].notice, rows[0].notified_on),
            (Some(Revision(2)), Some(day(6)))
        );
    }

    #[test]
    fn a_corrected_amount_counts_and_one_that_is_no_amount_does_not() {
        let rows = fees(vec![
            (2, told(&[("licence", 5_000)])),
            (4, paid("licence", 50_000)),
            (5, correction(1, "amount_fen", "5000")),
            (6, correction(1, "amount_fen", "a lot")),
            (7, correction(0, "amount_fen", "1")),
            (8, correction(1, "fee", "copy")),
        ]);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].paid_fen(), rows[0].notified_fen), (5_000, 5_000));
    }

    #[test]
    fn no_amounts_are_too_large_to_add_up() {
        let rows = fees(vec![
            (4, paid("licence", u64::MAX)),
            (5, paid("licence", u64::MAX)),
        ]);
        assert_eq!(rows[0].paid_fen(), u64::MAX);
    }
}
