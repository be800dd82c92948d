//! Transfers: how often cases change hands, from whom to whom, and how often they come back.

use std::collections::BTreeMap;

use serde::Serialize;

use super::describe::Describe;
use super::names::{Label, Names};

/// Between whom a case changes hands.
///
/// In cases that are handled here these are people, departments and windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The person.
    Resource,
    /// The team or department.
    Group,
    /// The role, or the window.
    Role,
}

impl Who {
    /// All three, in the order of columns.
    pub const ALL: [Self; 3] = [Self::Resource, Self::Group, Self::Role];

    /// The word in keys and columns.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Group => "group",
            Self::Role => "role",
        }
    }

    /// The one of three that is this one's.
    pub(super) const fn pick<T: Copy>(self, of: &[T; 3]) -> T {
        let [resource, group, role] = of;
        match self {
            Self::Resource => *resource,
            Self::Group => *group,
            Self::Role => *role,
        }
    }
}

/// How often cases change hands.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TransferView {
    /// Consecutive events of a case of which both have a value.
    pub pairs_with_both_known: u64,
    /// Those whose values differ.
    pub transfers: u64,
    /// Those whose values are the same.
    pub same: u64,
    /// Cases with at least one transfer.
    pub cases_with_transfer: u64,
    /// From whom, to whom, how often: the most frequent first, then by name.
    pub matrix: Vec<(String, String, u64)>,
    /// Transfers of each case that has events.
    pub per_case: Describe,
    /// How often a case came back to the value two places before, events without a value left out and runs merged.
    pub ping_pongs_nulls_skipped: u64,
}

/// Counts transfers, a case at a time.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    pairs: u64,
    changes: u64,
    cases: u64,
    matrix: BTreeMap<(u32, u32), u64>,
    per_case: Vec<i64>,
    ping_pongs: u64,
}

impl Transfers {
    /// Takes in the values of a case's events, in their order.
    pub(super) fn add(&mut self, who: Who, labels: impl Iterator<Item = Label>) {
        let (mut before, mut last_two): (Option<u32>, [Option<u32>; 2]) = (None, [None; 2]);
        let mut transfers = 0;
        for value in labels.map(|label| who.pick(&label.who)) {
            if let (Some(from), Some(to)) = (before, value) {
                self.pairs += 1;
                if from != to {
                    transfers += 1;
                    *self.matrix.entry((from, to)).or_default() += 1;
                }
            }
            before = value;
            let [older, newer] = last_two;
            if value.is_some() && value != newer {
                self.ping_pongs += u64::from(value == older);
                last_two = [newer, value];
            }
        }
        self.changes += transfers;
        self.cases += u64::from(transfers > 0);
        self.per_case.push(i64::try_from(transfers).unwrap_or(i64::MAX));
    }

    pub(super) fn view(self, names: &Names) -> TransferView {
        let readable = |((from, to), count): ((u32, u32), u64)| {
            (names.name(from).to_owned(), names.name(to).to_owned(), count)
        };
        let mut matrix: Vec<_> = self.matrix.into_iter().map(readable).collect();
        matrix.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
        TransferView {
            pairs_with_both_known: self.pairs,
            transfers: self.changes,
            same: self.pairs - self.changes,
            cases_with_transfer: self.cases,
            matrix,
            per_case: Describe::of(self.per_case),
            ping_pongs_nulls_skipped: self.ping_pongs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Transfers, pairs and ping-pongs of one case whose events have these values.
    fn counted(values: &[Option<&str>]) -> (u64, u64, u64) {
        let mut names = Names::default();
        let labels: Vec<_> = values
            .iter()
            .map(|value| Label {
                activity: 0,
                who: [value.map(|name| names.number(name)), None, None],
            })
            .collect();
        let mut transfers = Transfers::default();
        transfers.add(Who::Resource, labels.into_iter());
        (transfers.changes, transfers.pairs, transfers.ping_pongs)
    }

    #[test]
    fn a_case_that_comes_back_plays_ping_pong() {
        assert_eq!(counted(&[Some("a"), Some("b"), Some("a")]), (2, 2, 1));
        assert_eq!(counted(&[Some("a"), Some("b"), Some("a"), Some("b")]), (3, 3, 2));
        assert_eq!(counted(&[Some("a"), Some("b"), Some("c"), Some("a")]), (3, 3, 0));
    }

    #[test]
    fn runs_are_merged_before_ping_pong_is_looked_for() {
        assert_eq!(
            counted(&[Some("a"), Some("a"), Some("b"), Some("b"), Some("a")]),
            (2, 4, 1)
        );
        assert_eq!(counted(&[Some("a"), Some("a"), Some("a")]), (0, 2, 0));
    }

    #[test]
    fn an_event_without_a_value_breaks_pairs_and_not_ping_pong() {
        assert_eq!(counted(&[Some("a"), None, Some("b"), None, Some("a")]), (0, 0, 1));
        assert_eq!(counted(&[Some("a"), None, Some("a"), Some("b")]), (1, 1, 0));
        assert_eq!(counted(&[None, None]), (0, 0, 0));
        assert_eq!(counted(&[]), (0, 0, 0));
    }
}
