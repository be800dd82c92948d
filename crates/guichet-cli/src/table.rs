//! Tables for people: as wide as the terminal, columns aligned whatever the script.

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use std::io::IsTerminal;

/// The narrowest table that is still laid out: a terminal that says less is not believed.
const COLUMNS_MIN: u16 = 40;

/// An empty table with these headings.
pub(crate) fn table<'h>(headings: impl IntoIterator<Item = &'h str>) -> Table {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        if let Some(columns) = table.width() {
            table.set_width(columns.max(COLUMNS_MIN));
        }
    }
    let bold = |heading: &str| Cell::new(heading).add_attribute(Attribute::Bold);
    table.set_header(headings.into_iter().map(bold));
    table
}

/// A table of names and values, without headings.
pub(crate) fn fields() -> Table {
    let mut table = table([]);
    table.set_header(Vec::<Cell>::new());
    table
}

/// A number, at the right edge of its column.
pub(crate) fn number(number: impl std::fmt::Display) -> Cell {
    Cell::new(number).set_alignment(CellAlignment::Right)
}

/// Something that may be missing.
pub(crate) fn or_dash<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

/// The table as text, a line each row, without blanks at the ends of lines.
pub(crate) fn print(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
