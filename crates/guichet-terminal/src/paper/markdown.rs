//! A document as Markdown, for sites that have their own pages.

use std::fmt::Write as _;

use guichet_catalogue::escape_markdown as plain;
use guichet_stats::report::{Part, Table};

use super::Title;

/// The document as Markdown.
#[must_use]
pub fn markdown(heading: &Title<'_>, parts: &[Part]) -> String {
    let mut text = format!("# {}\n\n{}\n", plain(heading.title), plain(heading.subtitle));
    for part in parts {
        // Writing to a string cannot fail, here and below.
        let _ = match part {
            Part::Heading { level, text: heading } => {
                let level = "#".repeat(usize::from(*level));
                writeln!(text, "\n{level} {}", plain(heading))
            }
            Part::Paragraph { text: paragraph } => writeln!(text, "\n{}", plain(paragraph)),
            // Inside a fence nothing is escaped, and a command has no line of its own that could end it.
            Part::Command { text: command } => {
                writeln!(text, "\n```text\n{}\n```", command.replace(['\n', '\r'], " "))
            }
            Part::Table(table) => {
                write_table(&mut text, table);
                Ok(())
            }
        };
    }
    text
}

fn write_table(text: &mut String, table: &Table) {
    text.push('\n');
    line(text, table.columns.iter().map(|column| plain(&column.name)));
    let rule = |numbers| if numbers { "---:" } else { "---" };
    line(
        text,
        table.columns.iter().map(|column| rule(column.numbers).to_owned()),
    );
    for row in &table.rows {
        line(text, row.iter().map(|cell| plain(&cell.text)));
    }
    if !table.notes.is_empty() {
        text.push('\n');
    }
    for note in &table.notes {
        let _ = writeln!(text, "- {}", plain(note));
    }
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}
