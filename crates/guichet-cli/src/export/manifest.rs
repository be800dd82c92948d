//! The manifest of a Parquet export: what is in the folder, and what it was made from.

use guichet_stats::table::Column;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dictionary;

/// The version of the manifest's form.
pub const MANIFEST_VERSION: u16 = 1;

/// What a Parquet export holds: `schemas/export-manifest.v1.schema.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Manifest of a Parquet export", extend("$id" = "urn:guichet:schema:export-manifest:v1"))]
pub struct Manifest {
    /// The version of this form.
    pub version: u16,
    /// What it was made with.
    pub versions: Versions,
    /// How far the log was read: one past the last position.
    pub position: u64,
    /// Where the centre's clock stands; by it a row belongs to its month.
    pub zone: String,
    /// The tables.
    pub tables: Vec<TableEntry>,
}

/// What an export was made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The version of Guichet.
    pub guichet: String,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableEntry {
    /// Its name, which is that of its folder.
    pub name: String,
    /// How many rows it has, over all files.
    pub rows: u64,
    /// The column whose month says in which folder a row is.
    pub month_of: String,
    /// Its columns, in their order.
    pub columns: Vec<ColumnEntry>,
    /// Its files, by path.
    pub files: Vec<FileEntry>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnEntry {
    /// Its name.
    pub name: String,
    /// What its cells hold: text, integer, flag, date, instant, or decimal with its places in brackets.
    #[serde(rename = "type")]
    pub kind: String,
    /// The unit of its numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// What it means, in Chinese.
    pub zh: String,
    /// What it means, in English.
    pub en: String,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Where it is, from the folder of the export on.
    pub path: String,
    /// The year of its rows.
    pub year: i16,
    /// The month of its rows, from 1.
    pub month: i8,
    /// How many rows it has.
    pub rows: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in small hexadecimal digits.
    pub sha256: String,
}

impl ColumnEntry {
    pub(super) fn of(column: &Column) -> Self {
        Self {
            name: column.name.to_owned(),
            kind: dictionary::kind(column),
            unit: column.unit.map(str::to_owned),
            nullable: column.nullable,
            zh: column.meaning.zh.to_owned(),
            en: column.meaning.en.to_owned(),
        }
    }
}
