//! The data dictionary: what the tables and their columns mean, for programs and for people.

use std::fmt::Write as _;
use std::path::Path;

use guichet_stats::table::{Column, Table, Type, Words};

use super::csv::{Sheet, Style};
use crate::context::{Failure, Lang};
use crate::output::{self, WholeFile};

/// Writes it as CSV and as a page in each language.
pub(super) fn write(folder: &Path, tables: &[Table], style: Style) -> Result<(), Failure> {
    let path = folder.join("dictionary.csv");
    let mut sheet = Sheet::of(style, WholeFile::begin(&path)?)?;
    sheet.texts([
        "table",
        "column",
        "type",
        "unit",
        "nullable",
        "meaning_zh",
        "meaning_en",
    ])?;
    for table in tables {
        for column in &table.columns {
            sheet.texts([
                table.name,
                column.name,
                &kind(column),
                column.unit.unwrap_or_default(),
                if column.nullable { "true" } else { "false" },
                column.meaning.zh,
                column.meaning.en,
            ])?;
        }
    }
    sheet.into_inner()?.finish()?;
    for (lang, name) in [(Lang::Zh, "dictionary.zh.md"), (Lang::En, "dictionary.en.md")] {
        output::save(&folder.join(name), page(tables, lang).as_bytes())?;
    }
    Ok(())
}

/// The type, with its decimal places where it has some.
pub(super) fn kind(column: &Column) -> String {
    match column.kind {
        Type::Decimal(places) => format!("decimal({places})"),
        other @ (Type::Text | Type::Integer | Type::Flag | Type::Date | Type::Instant) => {
            other.as_str().to_owned()
        }
    }
}

fn page(tables: &[Table], lang: Lang) -> String {
    let say = |words: Words| match lang {
        Lang::Zh => words.zh,
        Lang::En => words.en,
    };
    let mut page = String::new();
    page.push_str(match lang {
        Lang::Zh => "# 数据字典\n\n时间为 RFC 3339（UTC），日期为中心所在地的日历日，空单元格表示没有值。\n",
        Lang::En => {
            "# Data dictionary\n\nInstants are RFC 3339 in UTC, dates those of the centre's calendar; an empty cell is no value.\n"
        }
    });
    for table in tables {
        let (row, head) = match lang {
            Lang::Zh => ("每行：", "| 列 | 类型 | 单位 | 可空 | 含义 |"),
            Lang::En => ("One row: ", "| column | type | unit | may be empty | meaning |"),
        };
        // Writing into a string does not fail.
        let _ = writeln!(
            page,
            "\n## {}\n\n{row}{}\n\n{head}\n|---|---|---|---|---|",
            table.name,
            say(table.row)
        );
        for column in &table.columns {
            let nullable = match (column.nullable, lang) {
                (true, Lang::Zh) => "是",
                (true, Lang::En) => "yes",
                (false, _) => "",
            };
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {nullable} | {} |",
                column.name,
                kind(column),
                column.unit.unwrap_or_default(),
                say(column.meaning)
            );
        }
    }
    page
}
