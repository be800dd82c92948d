//! Tables for people: as wide as the terminal, columns aligned whatever the script.

use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table};
use std::io::IsTerminal;

/// The narrowest table that is still laid out: a terminal that says less is not believed.
const COLUMNS_MIN: u16 = 40;

/// An empty table with these headings.
pub fn table<'h>(headings: impl IntoIterator<Item = &'h str>) -> Table {
    let mut table = fields();
    let bold = |heading: &str| Cell::new(heading).add_attribute(Attribute::Bold);
    table.set_header(headings.into_iter().map(bold));
    table
}

/// An empty table with these headings, for paper of so many columns: without an end, and without any style, where there
/// are none. It asks no terminal.
pub fn table_of<'h>(headings: impl IntoIterator<Item = &'h str>, columns: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    match columns {
        Some(columns) => {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(columns);
        }
        None => {
            table.force_no_tty();
        }
    }
    let bold = |heading: &str| Cell::new(heading).add_attribute(Attribute::Bold);
    table.set_header(headings.into_iter().map(bold));
    table
}

/// An empty table of names and values, without headings.
#[must_use]
pub fn fields() -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    if let Some(columns) = columns() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(columns);
    }
    table
}

/// How wide the terminal is, where the answer goes to one.
#[must_use]
pub fn columns() -> Option<u16> {
    let table = Table::new();
    std::io::stdout()
        .is_terminal()
        .then(|| table.width())
        .flatten()
        .map(|columns| columns.max(COLUMNS_MIN))
}

/// How many columns a text takes: Chinese characters and their punctuation take two.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffe6}') {
                2
            } else {
                1
            }
        })
        .sum()
}

/// `text` with blanks after it, up to this many columns.
#[must_use]
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Pieces in lines of at most so many columns, each line behind a margin; a piece longer than that has a line of its own.
#[must_use]
pub fn wrapped(pieces: &[String], between: &str, margin: usize, columns: Option<u16>) -> String {
    let room = columns.map_or(usize::MAX, |columns| usize::from(columns).saturating_sub(margin));
    let mut text = String::new();
    let mut used = 0;
    for piece in pieces {
        let wanted = width(piece) + width(between);
        if used == 0 || used + wanted > room {
            if used > 0 {
                text.push('\n');
            }
            text.push_str(&" ".repeat(margin));
            used = width(piece);
        } else {
            text.push_str(between);
            used += wanted;
        }
        text.push_str(piece);
    }
    if used > 0 {
        text.push('\n');
    }
    text
}

/// A number, at the right edge of its column.
pub fn number(number: impl std::fmt::Display) -> Cell {
    Cell::new(number).set_alignment(CellAlignment::Right)
}

/// Something that may be missing.
pub fn or_dash<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

/// Keeps every column as wide as what stands in it, but for those whose text may go on in the next line: dates, numbers
/// and identifiers are never broken.
pub fn wrap_only(table: &mut Table, flexible: &[usize]) {
    for (index, column) in table.column_iter_mut().enumerate() {
        if !flexible.contains(&index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// A text in lines of at most so many columns, the second and all further ones behind a margin. It breaks at blanks, and
/// between Chinese characters.
#[must_use]
pub fn hanging(text: &str, margin: usize, columns: Option<u16>) -> String {
    let room = columns.map_or(usize::MAX, |columns| {
        usize::from(columns).saturating_sub(margin).max(20)
    });
    let mut lines = String::new();
    let mut used = 0;
    for word in text.split_inclusive(|c: char| c == ' ' || c > '\u{2e80}') {
        if used > 0 && used + width(word.trim_end()) > room {
            lines.truncate(lines.trim_end().len());
            lines.push('\n');
            lines.push_str(&" ".repeat(margin));
            used = 0;
        }
        lines.push_str(word);
        used += width(word);
    }
    lines
}

/// The table as text, a line each row, without blanks at the ends of lines.
pub fn print(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_two_columns_a_character() {
        assert_eq!(width("收件 ok"), 7);
        assert_eq!(padded("收件", 6), "收件  ");
        assert_eq!(padded("longer", 3), "longer");
    }

    #[test]
    fn a_long_text_breaks_at_blanks_and_between_chinese_characters() {
        let english = "a due date past the calendar cannot be counted";
        assert_eq!(
            hanging(english, 2, Some(26)),
            "a due date past the\n  calendar cannot be\n  counted"
        );
        assert_eq!(
            hanging("日历之外的期限无法计算，命令会被拒绝", 1, Some(21)),
            "日历之外的期限无法计\n 算，命令会被拒绝"
        );
        assert_eq!(hanging(english, 2, None), english);
    }

    #[test]
    fn pieces_are_wrapped_between_and_never_inside() {
        let pieces = ["one", "two", "a piece that is too long", "收件"].map(str::to_owned);
        assert_eq!(
            wrapped(&pieces, ", ", 2, Some(12)),
            "  one, two\n  a piece that is too long\n  收件\n"
        );
        assert_eq!(
            wrapped(&pieces, ", ", 0, None),
            "one, two, a piece that is too long, 收件\n"
        );
        assert_eq!(wrapped(&[], ", ", 0, None), "");
    }
}
