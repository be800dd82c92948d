//! Parquet: a folder a table, a folder a year and a month in it, and a manifest beside them.
//!
//! A part is one file with one group of rows. Rows wait in memory until their part is full, or until too many wait: then the
//! largest part is written as it is. The same log gives the same bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use ::parquet::basic::{Compression, GzipLevel, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::{Type as Schema, TypePtr};
use guichet::core::zone::Zone;
use guichet_log::merkle::Hash;
use guichet_log::projection::Projection as _;
use guichet_stats::Facts;
use guichet_stats::table::{Column, Row, Rows, Table, Type, Value};
use sha2::{Digest as _, Sha256};

use super::csv::Style;
use super::manifest::{ColumnEntry, FileEntry, MANIFEST_VERSION, Manifest, TableEntry, Versions};
use super::{Counts, Source, dictionary};
use crate::context::Failure;
use crate::output::{self, WholeFolder};

/// The most rows of a part: what a reader takes at once.
const PART_ROWS_MAX: usize = 50_000;

/// The most rows that wait in memory, over all parts: a row of events takes about a kilobyte.
const WAITING_ROWS_MAX: usize = 100_000;

/// Writes the tables into a folder that is there whole or not at all.
pub(super) async fn write(folder: &Path, tables: &[Table], source: &Source<'_>) -> Result<Counts, Failure> {
    let whole = WholeFolder::begin(folder)?;
    let mut lake = Lake::begin(whole.place(), folder, tables)?;
    let mut facts = Facts::default();
    source
        .each_event(|recorded| {
            for (at, table) in tables.iter().enumerate() {
                if let Rows::Records(row) = table.rows {
                    lake.put(at, row(&recorded), source.zone())?;
                }
            }
            facts.apply(&recorded);
            Ok(())
        })
        .await?;
    for (at, table) in tables.iter().enumerate() {
        if let Rows::Facts(rows) = table.rows {
            rows(&facts).try_for_each(|row| lake.put(at, row, source.zone()))?;
        }
    }
    let tables_written = lake.end()?;
    dictionary::write(whole.place(), tables, Style::default())?;
    let rows = tables_written.iter().map(|table| table.rows).sum();
    let manifest = Manifest {
        version: MANIFEST_VERSION,
        versions: Versions {
            guichet: env!("CARGO_PKG_VERSION").to_owned(),
        },
        position: source.to.0,
        zone: source.zone().to_string(),
        tables: tables_written,
    };
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(|error| Failure::output(&error.into()))?;
    text.push(b'\n');
    output::save(&whole.place().join("manifest.json"), &text)?;
    whole.finish()?;
    Ok(Counts {
        tables: Some(tables.len() as u64),
        rows: Some(rows),
        ..Counts::default()
    })
}

/// The tables as they are written.
struct Lake<'t> {
    root: &'t Path,
    /// What failures call the folder.
    named: &'t Path,
    tables: Vec<Shore<'t>>,
    properties: WriterPropertiesPtr,
    waiting: usize,
}

/// One table as it is written.
struct Shore<'t> {
    table: &'t Table,
    schema: TypePtr,
    /// Which column says the month.
    month_at: usize,
    parts: BTreeMap<Month, Part>,
    files: Vec<FileEntry>,
}

/// A year and a month.
type Month = (i16, i8);

/// The rows of a month that wait, by column.
#[derive(Default)]
struct Part {
    columns: Vec<Cells>,
    rows: usize,
    /// How many parts of the month are written.
    written: usize,
}

/// The cells of a column: which are there, and those.
struct Cells {
    there: Vec<i16>,
    values: Values,
}

enum Values {
    Text(Vec<ByteArray>),
    Number(Vec<i64>),
    Flag(Vec<bool>),
    Date(Vec<i32>),
}

impl<'t> Lake<'t> {
    fn begin(root: &'t Path, named: &'t Path, tables: &'t [Table]) -> Result<Self, Failure> {
        let failed = |error: ParquetError| unwritten(named, &error);
        let level = GzipLevel::try_new(6).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::GZIP(level))
            .set_created_by(concat!("guichet ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let tables = tables.iter().map(|table| {
            Ok(Shore {
                table,
                schema: schema(table).map_err(failed)?,
                month_at: table
                    .columns
                    .iter()
                    .position(|column| column.name == table.month_of)
                    .unwrap_or_default(),
                parts: BTreeMap::new(),
                files: Vec::new(),
            })
        });
        Ok(Self {
            root,
            named,
            tables: tables.collect::<Result<_, Failure>>()?,
            properties: Arc::new(properties),
            waiting: 0,
        })
    }

    fn put(&mut self, at: usize, row: Row, zone: &Zone) -> Result<(), Failure> {
        let Some(shore) = self.tables.get_mut(at) else {
            return Ok(());
        };
        let date = match row.get(shore.month_at) {
            Some(Some(Value::Date(date))) => *date,
            Some(Some(Value::Instant(at))) => zone.date(*at),
            Some(Some(Value::Text(_) | Value::Integer(_) | Value::Flag(_) | Value::Decimal(_)) | None)
            | None => guichet::core::time::Date::from_days(0),
        };
        let (year, month, _) = date.ymd();
        let part = shore.parts.entry((year, month)).or_default();
        part.put(&shore.table.columns, row);
        self.waiting += 1;
        if part.rows >= PART_ROWS_MAX {
            return self.write(at, (year, month));
        }
        if self.waiting < WAITING_ROWS_MAX {
            return Ok(());
        }
        let parts = self.tables.iter().enumerate().flat_map(|(at, shore)| {
            shore
                .parts
                .iter()
                .map(move |(month, part)| (part.rows, at, *month))
        });
        match parts.max() {
            Some((_, at, month)) => self.write(at, month),
            None => Ok(()),
        }
    }

    /// Writes what waits of a month as its next part.
    fn write(&mut self, at: usize, month: Month) -> Result<(), Failure> {
        let Some(shore) = self.tables.get_mut(at) else {
            return Ok(());
        };
        let Some(part) = shore.parts.get_mut(&month) else {
            return Ok(());
        };
        let rows = std::mem::take(&mut part.rows);
        let columns = std::mem::take(&mut part.columns);
        let number = part.written;
        part.written += 1;
        self.waiting -= rows;
        let bytes =
            file(&shore.schema, &self.properties, columns).map_err(|error| unwritten(self.named, &error))?;
        let (year, month) = month;
        let folder = format!("{}/year={year:04}/month={month:02}", shore.table.name);
        let path = format!("{folder}/part-{number:05}.parquet");
        let written = std::fs::create_dir_all(self.root.join(folder))
            .and_then(|()| File::create_new(self.root.join(&path)))
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()
            });
        written.map_err(|error| Failure::file(self.named, "cannot write", &error))?;
        shore.files.push(FileEntry {
            path,
            year,
            month,
            rows: rows as u64,
            bytes: bytes.len() as u64,
            sha256: Hash(Sha256::digest(&bytes).into()).to_string(),
        });
        Ok(())
    }

    /// Writes what waits still, and says what was written.
    fn end(mut self) -> Result<Vec<TableEntry>, Failure> {
        for at in 0..self.tables.len() {
            let months = self.tables.get(at).map(|shore| {
                let waiting = shore.parts.iter().filter(|(_, part)| part.rows > 0);
                waiting.map(|(month, _)| *month).collect::<Vec<_>>()
            });
            for month in months.unwrap_or_default() {
                self.write(at, month)?;
            }
        }
        let tables = self.tables.into_iter().map(|mut shore| {
            shore.files.sort_by(|a, b| a.path.cmp(&b.path));
            TableEntry {
                name: shore.table.name.to_owned(),
                rows: shore.files.iter().map(|file| file.rows).sum(),
                month_of: shore.table.month_of.to_owned(),
                columns: shore.table.columns.iter().map(ColumnEntry::of).collect(),
                files: shore.files,
            }
        });
        Ok(tables.collect())
    }
}

impl Part {
    fn put(&mut self, columns: &[Column], row: Row) {
        if self.columns.is_empty() {
            self.columns = columns.iter().map(Cells::of).collect();
        }
        for (cells, cell) in self.columns.iter_mut().zip(row) {
            cells.put(cell);
        }
        self.rows += 1;
    }
}

impl Cells {
    const fn of(column: &Column) -> Self {
        Self {
            there: Vec::new(),
            values: match column.kind {
                Type::Text => Values::Text(Vec::new()),
                Type::Integer | Type::Instant | Type::Decimal(_) => Values::Number(Vec::new()),
                Type::Flag => Values::Flag(Vec::new()),
                Type::Date => Values::Date(Vec::new()),
            },
        }
    }

    /// Takes a cell. One of another type than its column's is none.
    fn put(&mut self, cell: Option<Value>) {
        let is_there = match (&mut self.values, cell) {
            (Values::Text(texts), Some(Value::Text(text))) => {
                texts.push(ByteArray::from(text.into_bytes()));
                true
            }
            (Values::Number(numbers), Some(Value::Integer(number) | Value::Decimal(number))) => {
                numbers.push(number);
                true
            }
            (Values::Number(numbers), Some(Value::Instant(at))) => {
                numbers.push(at.as_micros());
                true
            }
            (Values::Flag(flags), Some(Value::Flag(flag))) => {
                flags.push(flag);
                true
            }
            (Values::Date(dates), Some(Value::Date(date))) => {
                dates.push(date.days());
                true
            }
            (Values::Text(_) | Values::Number(_) | Values::Flag(_) | Values::Date(_), _) => false,
        };
        self.there.push(i16::from(is_there));
    }

    fn write(&self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        // Columns that are never empty have no levels, and take none.
        let there = Some(self.there.as_slice());
        match &self.values {
            Values::Text(texts) => column.typed::<ByteArrayType>().write_batch(texts, there, None),
            Values::Number(numbers) => column.typed::<Int64Type>().write_batch(numbers, there, None),
            Values::Flag(flags) => column.typed::<BoolType>().write_batch(flags, there, None),
            Values::Date(dates) => column.typed::<Int32Type>().write_batch(dates, there, None),
        }?;
        Ok(())
    }
}

fn schema(table: &Table) -> Result<TypePtr, ParquetError> {
    let fields = table.columns.iter().map(|column| {
        let physical = match column.kind {
            Type::Text => Physical::BYTE_ARRAY,
            Type::Integer | Type::Instant | Type::Decimal(_) => Physical::INT64,
            Type::Flag => Physical::BOOLEAN,
            Type::Date => Physical::INT32,
        };
        let logical = match column.kind {
            Type::Text => Some(LogicalType::String),
            Type::Integer | Type::Flag => None,
            Type::Date => Some(LogicalType::Date),
            Type::Instant => Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
            Type::Decimal(places) => Some(LogicalType::decimal(i32::from(places), 18)),
        };
        let repetition = if column.nullable {
            Repetition::OPTIONAL
        } else {
            Repetition::REQUIRED
        };
        let builder = Schema::primitive_type_builder(column.name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical);
        let builder = match column.kind {
            Type::Decimal(places) => builder.with_scale(i32::from(places)).with_precision(18),
            Type::Text | Type::Integer | Type::Flag | Type::Date | Type::Instant => builder,
        };
        builder.build().map(Arc::new)
    });
    Schema::group_type_builder(table.name)
        .with_fields(fields.collect::<Result<_, _>>()?)
        .build()
        .map(Arc::new)
}

fn file(
    schema: &TypePtr,
    properties: &WriterPropertiesPtr,
    columns: Vec<Cells>,
) -> Result<Vec<u8>, ParquetError> {
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::clone(schema), Arc::clone(properties))?;
    let mut group = writer.next_row_group()?;
    for cells in columns {
        let Some(mut column) = group.next_column()? else {
            break;
        };
        cells.write(&mut column)?;
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}

fn unwritten(folder: &Path, error: &ParquetError) -> Failure {
    Failure::store("file", format!("cannot write `{}`", folder.display())).because(error.to_string())
}

#[cfg(test)]
mod tests {
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use guichet::core::time::{Timestamp, date};
    use guichet_stats::table::Words;

    use super::*;

    fn column(name: &'static str, kind: Type, nullable: bool) -> Column {
        Column {
            name,
            kind,
            unit: None,
            meaning: Words {
                zh: "含义",
                en: "meaning",
            },
            nullable,
        }
    }

    /// A table with a column of every type.
    fn table() -> Table {
        Table {
            name: "all",
            row: Words {
                zh: "行",
                en: "a row",
            },
            columns: vec![
                column("day", Type::Date, false),
                column("text", Type::Text, true),
                column("number", Type::Integer, true),
                column("flag", Type::Flag, true),
                column("at", Type::Instant, true),
                column("share", Type::Decimal(2), true),
            ],
            month_of: "day",
            rows: Rows::Facts(|_| Box::new(std::iter::empty())),
        }
    }

    fn row(month: i8, text: &str) -> Row {
        vec![
            Some(Value::Date(date(2010, month, 1))),
            Some(Value::Text(text.to_owned())),
            Some(Value::Integer(i64::MIN)),
            Some(Value::Flag(true)),
            Some(Value::Instant(Timestamp::from_micros(1_267_405_200_250_000))),
            Some(Value::Decimal(-1_234)),
        ]
    }

    #[test]
    fn every_type_and_no_value_are_read_back_from_the_part_of_their_month() {
        let dir = tempfile::tempdir().unwrap();
        let tables = [table()];
        let mut lake = Lake::begin(dir.path(), dir.path(), &tables).unwrap();
        lake.put(0, row(3, "件\n\"😀\u{1}"), &Zone::UTC).unwrap();
        let mut nothing: Row = vec![None; 6];
        nothing[0] = Some(Value::Date(date(2010, 3, 31)));
        lake.put(0, nothing, &Zone::UTC).unwrap();
        lake.put(0, row(4, ""), &Zone::UTC).unwrap();
        let written = lake.end().unwrap().remove(0);
        let paths: Vec<_> = written.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "all/year=2010/month=03/part-00000.parquet",
                "all/year=2010/month=04/part-00000.parquet"
            ]
        );
        let file = File::open(dir.path().join(paths[0])).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows: Vec<_> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().to_string())
            .collect();
        assert_eq!(
            rows,
            [
                "{day: 2010-03-01, text: \"件\n\"😀\u{1}\", number: -9223372036854775808, flag: true, \
                 at: 2010-03-01 01:00:00.250000 +00:00, share: -12.34}",
                "{day: 2010-03-31, text: null, number: null, flag: null, at: null, share: null}",
            ]
        );
    }

    #[test]
    fn a_month_with_many_rows_has_several_parts_and_waiting_rows_have_a_bound() {
        let dir = tempfile::tempdir().unwrap();
        let tables = [table()];
        let mut lake = Lake::begin(dir.path(), dir.path(), &tables).unwrap();
        let rows = PART_ROWS_MAX + WAITING_ROWS_MAX + 11;
        for number in 0..rows {
            let month = if number < PART_ROWS_MAX {
                1
            } else {
                2 + i8::try_from(number % 11).unwrap()
            };
            lake.put(0, row(month, "x"), &Zone::UTC).unwrap();
            assert!(lake.waiting < WAITING_ROWS_MAX);
        }
        let written = lake.end().unwrap().remove(0);
        assert_eq!(written.rows, rows as u64);
        assert_eq!(written.files[0].rows, PART_ROWS_MAX as u64);
        // January, the eleven months that waited, and what came after the one of them that was written first.
        assert_eq!(written.files.len(), 13);
    }
}
