//! Small cells: what a published breakdown keeps back, so that nobody can be made out in it.

/// The fewest cases that a cell of a published breakdown may tell of; none at all tells of nobody.
pub const CELL_CASES_MIN: i64 = 5;

/// Whether a number of cases is too small to be published in a breakdown.
#[must_use]
pub const fn is_small(count: i64) -> bool {
    0 < count && count < CELL_CASES_MIN
}

/// Which cells of a table of counts are kept back. The last row is the sum of the rows above it; with `across`, the last
/// column is the sum of the columns before it.
///
/// A small cell is kept back. Where it is the only one in its row or column, the sum would give it away, so the smallest
/// other one is kept back with it.
///
/// ```
/// # use guichet_stats::report::suppressed;
/// let counts = vec![vec![12], vec![3], vec![7], vec![22]];
/// assert_eq!(suppressed(&counts, false), [[false], [true], [true], [false]]);
/// ```
#[must_use]
pub fn suppressed(counts: &[Vec<i64>], across: bool) -> Vec<Vec<bool>> {
    let mut kept_back: Vec<Vec<bool>> = counts
        .iter()
        .map(|row| row.iter().map(|count| is_small(*count)).collect())
        .collect();
    let rows = counts.len();
    let columns = counts.iter().map(Vec::len).max().unwrap_or_default();
    loop {
        let mut more = None;
        for column in 0..columns {
            let line: Vec<(usize, usize)> = (0..rows).map(|row| (row, column)).collect();
            more = more.or_else(|| lone(counts, &kept_back, &line));
        }
        for row in (0..rows).filter(|_| across) {
            let line: Vec<(usize, usize)> = (0..columns).map(|column| (row, column)).collect();
            more = more.or_else(|| lone(counts, &kept_back, &line));
        }
        // Each round keeps one more cell back, so there are at most as many rounds as cells.
        let Some((row, column)) = more else {
            return kept_back;
        };
        if let Some(cell) = kept_back.get_mut(row).and_then(|row| row.get_mut(column)) {
            *cell = true;
        }
    }
}

/// The cell that is to be kept back with the only one of a line that is: the smallest that is not empty, the sum last.
fn lone(counts: &[Vec<i64>], kept_back: &[Vec<bool>], line: &[(usize, usize)]) -> Option<(usize, usize)> {
    let is_kept_back = |(row, column): (usize, usize)| {
        let cell = kept_back.get(row).and_then(|row| row.get(column));
        cell.copied().unwrap_or_default()
    };
    if line.iter().filter(|cell| is_kept_back(**cell)).count() != 1 {
        return None;
    }
    let count = |(row, column): (usize, usize)| {
        let cell = counts.get(row).and_then(|row| row.get(column));
        cell.copied().unwrap_or_default()
    };
    let sum = line.last().copied();
    let others = line
        .iter()
        .copied()
        .filter(|cell| !is_kept_back(*cell) && count(*cell) != 0);
    others.min_by_key(|cell| (Some(*cell) == sum, count(*cell), *cell))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_sums(inner: &[Vec<i64>]) -> Vec<Vec<i64>> {
        let mut rows: Vec<Vec<i64>> = inner
            .iter()
            .map(|row| row.iter().copied().chain([row.iter().sum()]).collect())
            .collect();
        let columns = rows[0].len();
        rows.push(
            (0..columns)
                .map(|column| rows.iter().map(|row| row[column]).sum())
                .collect(),
        );
        rows
    }

    #[test]
    fn what_is_nothing_or_enough_stays() {
        let counts = with_sums(&[vec![0, 5], vec![12, 7]]);
        assert!(suppressed(&counts, true).iter().flatten().all(|cell| !cell));
    }

    #[test]
    fn a_lone_case_takes_its_own_sum_along_where_nothing_else_is_there() {
        assert_eq!(
            suppressed(&[vec![3], vec![0], vec![3]], false),
            [[true], [false], [true]]
        );
    }

    proptest! {
        /// A line with one unknown is solved by its sum.
        #[test]
        fn no_small_cell_can_be_had_back_from_its_row_or_column(
            inner in prop::collection::vec(prop::collection::vec(0_i64..12, 4), 1..6)
        ) {
            let counts = with_sums(&inner);
            let kept_back = suppressed(&counts, true);
            for (row, line) in counts.iter().enumerate() {
                for (column, count) in line.iter().enumerate() {
                    prop_assert!(!is_small(*count) || kept_back[row][column]);
                }
            }
            for row in &kept_back {
                prop_assert_ne!(row.iter().filter(|cell| **cell).count(), 1);
            }
            for column in 0..5 {
                prop_assert_ne!(kept_back.iter().filter(|row| row[column]).count(), 1);
            }
        }
    }
}
