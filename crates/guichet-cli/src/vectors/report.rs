//! What running vectors says: counts by kind, what differed, what was no vector.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::file::VectorFile;
use super::{Books, KINDS, Terms, Verdict, ask, merkle, satisfaction, service_hours};
use crate::context::{Context, Lang};
use crate::table::{self, number};

/// The characters of a value or a reason that a line for people shows.
const SHOWN_CHARS_MAX: usize = 240;

/// The characters of a name that a reason tells.
const NAME_CHARS_MAX: usize = 60;

/// Everything that `guichet vectors run --json` says: `schemas/vectors.v1.schema.json`.
#[derive(Serialize)]
pub(super) struct Report {
    version: u8,
    #[serde(flatten)]
    total: Tally,
    pub(super) files: Vec<FileReport>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            version: 1,
            total: Tally::default(),
            files: Vec::new(),
        }
    }
}

/// How many vectors came out how.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Tally {
    vectors: u64,
    agreed: u64,
    differed: u64,
    broken: u64,
    unknown: u64,
}

impl Tally {
    const fn count(&mut self, verdict: &Verdict) {
        self.vectors += 1;
        match verdict {
            Verdict::Agreed => self.agreed += 1,
            Verdict::Differs { .. } => self.differed += 1,
            Verdict::Broken(_) => self.broken += 1,
            Verdict::UnknownKind => self.unknown += 1,
        }
    }
}

#[derive(Serialize)]
pub(super) struct FileReport {
    file: String,
    kinds: BTreeMap<String, Tally>,
    differences: Vec<Difference>,
    broken: Vec<Broken>,
}

#[derive(Serialize)]
struct Difference {
    kind: String,
    id: String,
    expected: Value,
    got: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
}

#[derive(Serialize)]
struct Broken {
    kind: String,
    id: String,
    reason: String,
}

impl Report {
    pub(super) const fn all_agreed(&self) -> bool {
        self.total.agreed == self.total.vectors
    }

    pub(super) fn add(&mut self, name: String, file: VectorFile, books: &mut Books) {
        let mut report = FileReport {
            file: name,
            kinds: BTreeMap::new(),
            differences: Vec::new(),
            broken: Vec::new(),
        };
        let terms = Terms {
            schedules: service_hours::schedules(&file.schedules),
            tolerance: file.tolerance,
        };
        for (place, vector) in file.vectors.unwrap_or_default().iter().enumerate() {
            let place = format!("#{}", place + 1);
            let vector: Value = match serde_json::from_str(vector.get()) {
                Ok(vector) => vector,
                Err(error) => {
                    let reason = Verdict::Broken(error.to_string());
                    self.take(&mut report, NO_KIND, place, reason);
                    continue;
                }
            };
            let kind = kind_of(&vector);
            let verdict = match kind {
                Some(kind) => ask(kind, &vector, &terms, books),
                None => Verdict::Broken("missing field `kind`, a text".to_owned()),
            };
            let id = vector.get("id").and_then(Value::as_str);
            self.take(
                &mut report,
                kind.unwrap_or(NO_KIND),
                id.map_or(place, str::to_owned),
                verdict,
            );
        }
        merkle::run(
            file.known_roots.as_ref(),
            file.trees.as_deref(),
            |kind, id, verdict| {
                self.take(&mut report, kind, id, verdict);
            },
        );
        self.files.push(report);
    }

    fn take(&mut self, report: &mut FileReport, kind: &str, id: String, verdict: Verdict) {
        let kind = kind.to_owned();
        self.total.count(&verdict);
        report.kinds.entry(kind.clone()).or_default().count(&verdict);
        match verdict {
            Verdict::Agreed | Verdict::UnknownKind => {}
            Verdict::Differs {
                expected,
                got,
                because,
            } => report.differences.push(Difference {
                kind,
                id,
                expected,
                got,
                because,
            }),
            Verdict::Broken(reason) => report.broken.push(Broken { kind, id, reason }),
        }
    }
}

/// What stands for the kind of a vector that names none.
const NO_KIND: &str = "?";

/// The kind of a vector. Those of satisfaction name none, and are known by what they count.
fn kind_of(vector: &Value) -> Option<&str> {
    match vector.get("kind") {
        Some(kind) => kind.as_str(),
        None => vector.get("counts_1_to_5").map(|_| satisfaction::SATISFACTION),
    }
}

/// For people.
pub(super) fn text(report: &Report, context: Context) -> String {
    let mut text = String::new();
    for file in &report.files {
        text.push_str(&file.file);
        text.push('\n');
        text.push_str(&kinds(file, context));
        let unknown = file.kinds.iter().filter(|(_, tally)| tally.unknown > 0);
        // Writing into a string does not fail.
        for (kind, tally) in unknown {
            let (kind, known) = (named(kind), KINDS.join(", "));
            let _ = match context.lang {
                Lang::Zh => writeln!(
                    text,
                    "未知类型 {kind}：{} 条未检验；本版本支持 {known}",
                    tally.unknown
                ),
                Lang::En => writeln!(
                    text,
                    "unknown kind {kind}: {} left out; this build knows {known}",
                    vectors(tally.unknown)
                ),
            };
        }
        for broken in &file.broken {
            let (id, kind) = (
                short(&broken.id, NAME_CHARS_MAX),
                short(&broken.kind, NAME_CHARS_MAX),
            );
            let reason = clean(&broken.reason);
            let _ = match context.lang {
                Lang::Zh => writeln!(text, "{id}（{kind}）不是测试向量：{reason}"),
                Lang::En => writeln!(text, "{id} ({kind}) is no vector: {reason}"),
            };
        }
        for difference in &file.differences {
            let (id, kind) = (
                short(&difference.id, NAME_CHARS_MAX),
                short(&difference.kind, NAME_CHARS_MAX),
            );
            let (expected, got) = (shown(&difference.expected), shown(&difference.got));
            let _ = match context.lang {
                Lang::Zh => write!(text, "{id}（{kind}）：应为 {expected}，得到 {got}"),
                Lang::En => write!(text, "{id} ({kind}): expected {expected}, got {got}"),
            };
            if let Some(because) = &difference.because {
                let _ = write!(text, "{}{because}", context.say("：", ": "));
            }
            text.push('\n');
        }
        text.push('\n');
    }
    let Tally {
        vectors: all, agreed, ..
    } = report.total;
    let _ = match context.lang {
        Lang::Zh => writeln!(text, "共 {all} 条，一致 {agreed} 条"),
        Lang::En => writeln!(text, "{agreed} of {} agreed", vectors(all)),
    };
    text
}

fn vectors(count: u64) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} vector{s}")
}

fn kinds(file: &FileReport, context: Context) -> String {
    let mut table = table::table([
        context.say("类型", "kind"),
        context.say("向量", "vectors"),
        context.say("一致", "agreed"),
        context.say("不一致", "differed"),
        context.say("无效", "broken"),
        context.say("未知", "unknown"),
    ]);
    for (kind, tally) in &file.kinds {
        table.add_row(vec![
            short(kind, NAME_CHARS_MAX).into(),
            number(tally.vectors),
            number(tally.agreed),
            number(tally.differed),
            number(tally.broken),
            number(tally.unknown),
        ]);
    }
    table::wrap_only(&mut table, &[0]);
    table::print(&table)
}

/// A value of a vector for a line that people read: of bounded length, and nothing in it moves the cursor.
fn shown(value: &Value) -> String {
    clean(&value.to_string())
}

/// A name that a vector gives, in quotes.
pub(super) fn named(name: &str) -> String {
    short(&Value::from(name).to_string(), NAME_CHARS_MAX)
}

fn clean(text: &str) -> String {
    short(text, SHOWN_CHARS_MAX)
}

fn short(text: &str, chars_max: usize) -> String {
    let mut short: String = text
        .chars()
        .take(chars_max)
        .map(|c| if c.is_control() { '·' } else { c })
        .collect();
    if text.chars().nth(chars_max).is_some() {
        short.push('…');
    }
    short
}
