//! Where the rules of performance scores come from: the binary, or a file.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use guichet_stats::report::Rules;

use crate::context::Failure;
use crate::import::mapping::located;

/// The rules that come with the binary.
pub(super) const DEFAULT: &str = "default";
const DEFAULT_TEXT: &str = include_str!("../../../rules/default.yaml");
/// The longest file that is read. A scheme has some thousand bytes.
const RULES_BYTES_MAX: u64 = 256 * 1024;

/// The rules with the shipped name, or in the file at a path.
///
/// # Errors
///
/// [`Failure`] where the file is not to be had or is no scheme, with line and column.
pub(super) fn find(name_or_path: &str) -> Result<Rules, Failure> {
    if name_or_path == DEFAULT {
        return parse("default.yaml", DEFAULT_TEXT);
    }
    let path = Path::new(name_or_path);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|open| open.take(RULES_BYTES_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|error| {
        Failure::file(path, "cannot read the rules", &error)
            .help("name a YAML file, or `default` for the rules that come with guichet")
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > RULES_BYTES_MAX {
        return Err(refused(format!(
            "{name_or_path} has more than {RULES_BYTES_MAX} bytes; is it another file?"
        )));
    }
    match String::from_utf8(bytes) {
        Ok(text) => parse(name_or_path, &text),
        Err(error) => Err(refused(format!(
            "{name_or_path} is no UTF-8 text: byte {} does not belong there",
            error.utf8_error().valid_up_to()
        ))),
    }
}

fn parse(file: &str, text: &str) -> Result<Rules, Failure> {
    // A scheme has some hundred nodes; what is far beyond that wants to burn memory.
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 50_000,
            max_nodes: 20_000,
            max_aliases: 100,
            max_anchors: 100,
            max_depth: 16,
            max_documents: 1,
            max_recorded_anchor_events: 10_000,
        },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let (line, column, problem) = located(file, &error);
        let problem = problem
            .replace("a nonzero i16", "points other than 0, from -32768 to 32767")
            .replace("a nonzero u16", "a number from 1 to 65535");
        refused(format!("{file}:{line}:{column}: {problem}"))
    })
}

fn refused(cause: String) -> Failure {
    Failure::config("rules", "the rules of the scores cannot be used")
        .because(cause)
        .help("schemas/performance-rules.v1.schema.json says what they look like, docs/reports.md what they mean")
        .zh(
            "评分规则无法使用",
            Some("格式见 schemas/performance-rules.v1.schema.json，含义见 docs/reports.md"),
        )
}
