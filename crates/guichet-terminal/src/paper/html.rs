//! A document as a page that stands alone and prints well.

use std::fmt::Write as _;

use guichet_catalogue::escape;
use guichet_stats::report::{Cell, Part, Table};

use super::Title;

const STYLE: &str = "body{font-family:'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','Helvetica Neue',Arial,'Noto Sans',sans-serif;\
color:#1d2733;background:#fff;line-height:1.5;max-width:72rem;margin:2rem auto;padding:0 1.25rem}\
h1{font-size:1.7rem;line-height:1.25;margin:0}h2{font-size:1.25rem;margin:2rem 0 .6rem;padding-bottom:.25rem;border-bottom:2px solid #3a6ea5}\
h3{font-size:1rem;margin:1.4rem 0 .4rem}.subtitle{color:#4a5866;margin:.2rem 0 1rem}\
.table{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}table.narrow{width:auto;min-width:26rem}\
th,td{text-align:left;vertical-align:top;padding:.28rem .5rem;border-bottom:1px solid #cfd6dd}th{background:#edf4fb;font-weight:600}\
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}td.kept{color:#5c6773}td.s{white-space:nowrap}\
ul.notes{color:#4a5866;font-size:.82rem;margin:.4rem 0 0;padding-left:1.1rem}\
pre{background:#f5f6f8;border:1px solid #cfd6dd;border-radius:6px;padding:.5rem .8rem;white-space:pre-wrap;overflow-wrap:anywhere}\
@page{size:A4 landscape;margin:14mm}\
@media print{body{margin:0;max-width:none;padding:0;font-size:9.5pt}h2,h3{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}\
.table{overflow:visible}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

/// The most characters of a text that is not broken.
const SHORT_MAX: usize = 10;

/// The most columns of a table that is no wider than it has to be.
const NARROW_COLUMNS_MAX: usize = 4;

/// The document as one HTML page that needs nothing beside it.
#[must_use]
pub fn html(heading: &Title<'_>, parts: &[Part]) -> String {
    let title = escape(heading.title);
    let subtitle = escape(heading.subtitle);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} · {subtitle}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p class=\"subtitle\">{subtitle}</p>\n",
        heading.lang,
    );
    for part in parts {
        // Writing to a string cannot fail, here and below.
        let _ = match part {
            Part::Heading { level, text } => writeln!(page, "<h{level}>{}</h{level}>", escape(text)),
            Part::Paragraph { text } => writeln!(page, "<p>{}</p>", escape(text)),
            Part::Command { text } => writeln!(page, "<pre><code>{}</code></pre>", escape(text)),
            Part::Table(table) => {
                write_table(&mut page, table);
                Ok(())
            }
        };
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn write_table(page: &mut String, table: &Table) {
    // A name far from its number is hard to follow.
    let width = if table.columns.len() <= NARROW_COLUMNS_MAX {
        " class=\"narrow\""
    } else {
        ""
    };
    let _ = write!(page, "<div class=\"table\">\n<table{width}>\n<thead><tr>");
    for column in &table.columns {
        let class = if column.numbers { " class=\"n\"" } else { "" };
        let _ = write!(page, "<th scope=\"col\"{class}>{}</th>", escape(&column.name));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        page.push_str("<tr>");
        for (cell, column) in row.iter().zip(&table.columns) {
            let _ = write!(
                page,
                "<td{}>{}</td>",
                class(cell, column.numbers),
                escape(&cell.text)
            );
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
    if !table.notes.is_empty() {
        page.push_str("<ul class=\"notes\">\n");
        for note in &table.notes {
            let _ = writeln!(page, "<li>{}</li>", escape(note));
        }
        page.push_str("</ul>\n");
    }
}

fn class(cell: &Cell, numbers: bool) -> &'static str {
    match (numbers, cell.suppressed) {
        (true, true) => " class=\"n kept\"",
        (true, false) => " class=\"n\"",
        (false, true) => " class=\"kept\"",
        // A day or a short word is read in one piece.
        (false, false) if cell.text.chars().count() <= SHORT_MAX => " class=\"s\"",
        (false, false) => "",
    }
}
