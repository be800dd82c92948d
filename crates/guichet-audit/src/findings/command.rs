//! `guichet-audit findings`: what can be typed, and what is answered.

use std::fs::File;
use std::io::Read as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use guichet_catalogue::{DOCUMENT_BYTES_MAX, LoadError};
use guichet_core::id::{DepartmentId, PersonId, Position, StreamId, WindowId};
use guichet_core::reference::{Directory, FindingStanding};
use guichet_log::codec::Event;
use guichet_stats::AsOf;
use guichet_terminal::context::{Context, Exit, Failure, Lang};
use guichet_terminal::table;

use super::listing::{Filter, Listing, RulesListing};
use super::rule::{RuleId, Rules, Severity};
use super::threads::find_verified;
use crate::args::{LogArgs, Verified, cores};
use crate::as_of::Moment;
use crate::source::Source;
use crate::verify::Against;

/// The most threads that ask the rules: one that reads keeps no more of them busy.
const THREADS_MAX: usize = 4;

/// What `guichet-audit findings` takes.
#[derive(Clone, Debug, Args)]
pub struct FindingsArgs {
    #[command(flatten)]
    log: LogArgs,
    /// As of when: a day, an instant, position:N [default: the end of the log]
    #[arg(long, value_name = "MOMENT", default_value = "now", hide_default_value = true)]
    as_of: Moment,
    /// By which rules: a YAML file (schemas/finding-rules.v1.schema.json) [default: those that ship]
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// List the rules with what is set of each, and look into no log
    #[arg(long)]
    rules_show: bool,
    /// Only of these rules, such as B1,B7
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    rule: Vec<RuleId>,
    /// Only of this weight or more: notice, warning, serious
    #[arg(long, value_name = "WEIGHT")]
    severity: Option<Severity>,
    /// Only of this department
    #[arg(long, value_name = "DEPARTMENT")]
    department: Vec<DepartmentId>,
    /// Only at this window
    #[arg(long, value_name = "WINDOW")]
    window: Vec<WindowId>,
    /// Only by this member of staff
    #[arg(long, value_name = "PERSON")]
    handler: Vec<PersonId>,
    /// Only of cases of this agent
    #[arg(long, value_name = "PERSON")]
    agent: Vec<PersonId>,
    /// Only between these two windows
    #[arg(long, num_args = 2, value_names = ["WINDOW", "WINDOW"])]
    pair: Vec<WindowId>,
    /// Only about this case, person, window or department, or `log`
    #[arg(long, value_name = "NAME")]
    about: Vec<String>,
    /// Only those that stand so: open, issued, explained, upheld, cancelled
    #[arg(long, value_name = "STANDING", value_delimiter = ',')]
    standing: Vec<FindingStanding>,
}

impl FindingsArgs {
    fn filter(&self) -> Filter {
        let pairs = self.pair.chunks_exact(2).filter_map(|pair| match pair {
            [a, b] => Some((a.clone(), b.clone())),
            _ => None,
        });
        Filter {
            rules: self.rule.iter().copied().collect(),
            at_least: self.severity,
            departments: self.department.iter().cloned().collect(),
            windows: self.window.iter().cloned().collect(),
            handlers: self.handler.iter().cloned().collect(),
            agents: self.agent.iter().cloned().collect(),
            pairs: pairs.collect(),
            subjects: self.about.iter().cloned().collect(),
            standings: self.standing.iter().copied().collect(),
        }
    }
}

/// Looks through a log for what the rules name, or lists the rules.
///
/// # Errors
///
/// [`Failure`] when the rules or the log cannot be read.
pub fn run(args: &FindingsArgs, context: Context) -> Result<Exit, Failure> {
    let rules = args.rules.as_deref().map_or_else(|| Ok(Rules::default()), read)?;
    if args.rules_show {
        let listing = RulesListing::of(&rules);
        context.answer(&listing, || listing.text(context.lang, table::columns()))?;
        return Ok(Exit::Ok);
    }
    let Verified { verification, source } = args.log.open_verified(&Against::default(), cores(), context)?;
    let broken = &verification.findings;
    let found = match source {
        Some(source) => {
            let as_of = as_of(args.as_of, source.as_ref())?;
            find_verified(source.records(Position::START), broken, rules, as_of, threads())?
        }
        None => find_verified::<Failure>([], broken, rules, AsOf::Now, threads())?,
    };
    if !broken.is_empty() {
        let read = found.position;
        context.remark(&match context.lang {
            Lang::Zh => format!("注意：日志未通过核验（见 B16）；其他规则只检查到位置 {read}；详情请运行 `guichet-audit verify`"),
            Lang::En => format!(
                "note: the log does not pass verification (see B16); the other rules were asked up to position {read}; \
                 `guichet-audit verify` says more"
            ),
        });
    }
    let listing = Listing::of(&found, &args.filter());
    context.answer(&listing, || {
        listing.text(&found.directory, context.lang, table::columns())
    })?;
    Ok(Exit::with_findings(!listing.findings.is_empty()))
}

/// How many threads ask the rules here.
pub(crate) fn threads() -> NonZeroUsize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    NonZeroUsize::new(cores.min(THREADS_MAX)).unwrap_or(NonZeroUsize::MIN)
}

/// A moment by the centre's clock needs to know where that stands.
fn as_of(moment: Moment, source: &dyn Source) -> Result<AsOf, Failure> {
    let mut directory = Directory::default();
    if let (Moment::Wall(_), Ok(stream)) = (moment, StreamId::new("reference/centre")) {
        for recorded in source.streams(&[stream].into())? {
            if let Event::Reference(event) = &recorded.event {
                directory.apply(event);
            }
        }
    }
    Ok(moment.as_of(directory.zone()))
}

/// Reads a rule file.
pub(crate) fn read(path: &Path) -> Result<Rules, Failure> {
    let mut text = String::new();
    let opened = File::open(path);
    let read = opened.and_then(|file| file.take(DOCUMENT_BYTES_MAX + 1).read_to_string(&mut text));
    read.map_err(|error| Failure::file(path, "cannot read the rules of findings", &error))?;
    let file = path.to_string_lossy();
    Rules::read(&file, &text).map_err(|error: LoadError| {
        Failure::config("finding_rules", "the rules of findings cannot be used")
            .because_of(&error)
            .help("schemas/finding-rules.v1.schema.json says what they look like, docs/findings.md what they mean")
            .zh(
                "异常规则无法使用",
                Some("格式见 schemas/finding-rules.v1.schema.json，含义见 docs/findings.md"),
            )
    })
}
