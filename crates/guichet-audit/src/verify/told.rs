//! What verification tells people and programs.

use std::fmt::Write as _;

use comfy_table::Table;
use guichet_terminal::context::{Context, Failure, Lang};
use guichet_terminal::table;
use serde::Serialize;

use super::{Finding, OfDatabase, Verification};

/// The version of what `guichet-audit verify --json` writes.
const VERSION: u8 = 1;

/// `schemas/verification.v1.schema.json`.
#[derive(Serialize)]
struct Report<'a> {
    version: u8,
    #[serde(flatten)]
    verification: &'a Verification,
}

/// Writes what verification came to.
///
/// # Errors
///
/// [`Failure`] when standard output cannot be written.
pub fn print(verification: &Verification, context: Context) -> Result<(), Failure> {
    let report = Report {
        version: VERSION,
        verification,
    };
    context.answer(&report, || text(verification, context))
}

fn text(verification: &Verification, context: Context) -> String {
    let Verification {
        head,
        database,
        signature_checked,
        records,
        streams,
        heads: _,
        kept_heads,
        findings,
    } = verification;
    let mut facts = table::fields();
    let signature = match (*signature_checked, findings.iter().any(Finding::is_of_signature)) {
        (true, _) => context.say("由该密钥签署", "signed by the key"),
        (false, true) => context.say("并非由该密钥签署", "not signed by the key"),
        (false, false) => context.say(
            "未核验：未给出公钥（--key）",
            "not checked: no public key was given (--key)",
        ),
    };
    if let Some(log) = &head.log {
        facts.add_row([context.say("日志", "log"), log]);
    }
    facts.add_row([context.say("记录", "records"), &records.to_string()]);
    facts.add_row([context.say("流", "streams"), &streams.to_string()]);
    facts.add_row([context.say("根", "root"), &head.root]);
    if let Some(database) = database {
        of_database(database, *kept_heads, context, &mut facts);
    } else {
        facts.add_row([context.say("签署", "signature"), signature]);
        facts.add_row([
            context.say("比对的签署头", "heads compared"),
            &verification.heads_compared(context.lang),
        ]);
    }
    let mut text = table::print(&facts);
    text.push('\n');
    if findings.is_empty() {
        text.push_str(context.say(
            "完整、有序、未被改动：未发现任何问题\n",
            "complete, in order and untouched: nothing was found\n",
        ));
        return text;
    }
    let mut shown = table::table([
        context.say("位置", "position"),
        context.say("发现", "finding"),
        context.say("何处", "where"),
        context.say("详情", "detail"),
    ]);
    for finding in findings {
        let place = finding.stream.as_deref().or(finding.file.as_deref());
        shown.add_row([
            finding.position.to_string(),
            finding.kind.name(context.lang).to_owned(),
            table::or_dash(place),
            finding.detail.clone(),
        ]);
    }
    table::wrap_only(&mut shown, &[3]);
    text.push_str(&table::print(&shown));
    let count = findings.len();
    // Writing into a string does not fail.
    let _ = match context.lang {
        Lang::Zh => writeln!(text, "\n发现 {count} 处问题"),
        Lang::En => writeln!(text, "\nfindings: {count}"),
    };
    text
}

impl Verification {
    /// How many heads the records of an archive were compared with.
    pub(crate) fn heads_compared(&self, lang: Lang) -> String {
        let Self {
            heads, kept_heads, ..
        } = self;
        match lang {
            Lang::Zh => format!("归档内 {heads} 个，先前保存 {kept_heads} 个"),
            Lang::En => format!("{heads} of the archive, {kept_heads} kept earlier"),
        }
    }
}

impl OfDatabase {
    /// Where the records are.
    pub(crate) fn placed(&self, lang: Lang) -> String {
        let Self { sealed, journal, .. } = self;
        match lang {
            Lang::Zh => format!("已封存 {sealed} 条，日志文件中 {journal} 条"),
            Lang::En => format!("{sealed} sealed, {journal} in the journal"),
        }
    }
}

fn of_database(database: &OfDatabase, kept_heads: u64, context: Context, facts: &mut Table) {
    facts.add_row([context.say("位于", "where"), &database.placed(context.lang)]);
    if let Some(from) = database.index_from {
        facts.add_row([
            context.say("索引", "index"),
            &match context.lang {
                Lang::Zh => format!("打开数据库时将从位置 {from} 起重建，读到的内容不变"),
                Lang::En => {
                    format!("opening would build it anew from position {from}; nothing that is read changes")
                }
            },
        ]);
    }
    facts.add_row([
        context.say("比对的签署头", "heads compared"),
        &match (context.lang, kept_heads) {
            (Lang::Zh, 0) => "无：数据库自身没有签署头，请用 --kept 给出先前保存的签署头".to_owned(),
            (Lang::En, 0) => {
                "none: a database has no signed head of its own; name one that you kept with --kept"
                    .to_owned()
            }
            (Lang::Zh, _) => format!("先前保存 {kept_heads} 个"),
            (Lang::En, _) => format!("{kept_heads} kept earlier"),
        },
    ]);
}
