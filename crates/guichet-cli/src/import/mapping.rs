//! The mapping: which columns and attributes of a log mean what, and what its activities become.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use guichet_core::time::{Date, Term, Timestamp};
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use schemars::JsonSchema;
use serde::Deserialize;

/// The longest mapping file that is read. The shipped ones have about two thousand bytes.
pub const MAPPING_BYTES_MAX: u64 = 256 * 1024;

/// The most rules for activities in one mapping: each event is compared with each rule until one fits.
pub const RULES_MAX: usize = 4_096;

/// The longest name of a log, because it stands in front of every case id and command id.
pub const LOG_NAME_CHARS_MAX: usize = 40;

/// The mappings that come with the binary: their names, what they are for, and their text.
///
/// ```
/// # use guichet_cli::import::mapping::SHIPPED;
/// assert!(SHIPPED.iter().any(|shipped| shipped.name == "receipt"));
/// ```
pub const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "bpic20_domestic",
        about: "expense declarations of a university, 2017–2018, as CSV or XES",
        text: include_str!("../../mappings/bpic20_domestic.yaml"),
    },
    Shipped {
        name: "nyc311_2018",
        about: "service requests of a city, 2018, as CSV with one row a case",
        text: include_str!("../../mappings/nyc311_2018.yaml"),
    },
    Shipped {
        name: "receipt",
        about: "receipt of environmental permit applications, 2010–2012, as XES or CSV",
        text: include_str!("../../mappings/receipt.yaml"),
    },
    Shipped {
        name: "xes",
        about: "any XES log, by its standard attributes",
        text: include_str!("../../mappings/xes.yaml"),
    },
];

/// A mapping that comes with the binary.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    /// The YAML.
    pub text: &'static str,
}

/// Says which columns or attributes of an event log hold what, and what its activities become.
///
/// Activities that no rule names become generic recorded steps, so nothing is dropped.
///
/// ```
/// # use guichet_cli::import::mapping::{Becomes, Mapping};
/// let mapping = Mapping::from_yaml("mine.yaml", "log: mine\nactivities:\n  - {activity: 'Receive*', becomes: submit}\n")?;
/// assert_eq!(mapping.becomes("Receive letter", None, true), Becomes::Submit);
/// assert_eq!(mapping.becomes("Archive", None, true), Becomes::Step);
/// # Ok::<(), guichet_cli::import::mapping::MappingError>(())
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Mapping of an event log", extend("$id" = "urn:guichet:schema:mapping:v1"))]
pub struct Mapping {
    /// The name of the log: the procedure of its cases has it, and it stands in front of command ids, so the same log
    /// imported twice under one name adds nothing. Up to 40 of a-z, 0-9, `-`, `_` and `.`.
    pub log: LogName,
    /// What stands in front of the source's case ids, such as `receipt/`, so that logs that count their cases alike can
    /// go into one centre. Left out: nothing.
    #[serde(default)]
    #[schemars(length(max = 40))]
    pub case_prefix: Option<String>,
    /// Which form of file this mapping is for.
    #[serde(default)]
    pub format: Format,
    /// The zone of instants written without a distance from UTC: a name such as `Europe/Amsterdam`, or a fixed distance
    /// such as `+08:00`. Without it such instants are refused.
    #[serde(default)]
    pub time_zone: Option<Zone>,
    /// What to do with a local time that the zone has twice, or not at all, because clocks were changed.
    #[serde(default)]
    pub local_time: LocalTime,
    /// The id of the calendar whose working days count for these cases, such as `NL_ATW`.
    #[serde(default)]
    pub calendar: Option<String>,
    /// The terms that the rules of that place set for these cases.
    #[serde(default)]
    pub terms: Terms,
    /// The names of attributes in XES files. Left out: the standard ones.
    #[serde(default)]
    pub xes: XesNames,
    /// The names of columns in CSV files. Left out: this mapping takes no CSV.
    #[serde(default)]
    pub csv: Option<CsvNames>,
    /// What activities become. The first rule that fits counts.
    #[serde(default)]
    pub activities: Vec<Rule>,
    /// What facts about a case become, beside facts.
    #[serde(default)]
    pub facts_become: FactsBecome,
}

/// What facts about a case become, beside facts: commands of the import's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactsBecome {
    /// What `ended` becomes, once all files are read.
    #[serde(default)]
    pub ended: Option<EndedBecomes>,
    /// Of which clock `deadline` is the due date that was announced when the case was submitted.
    #[serde(default)]
    pub deadline: Option<DeadlineBecomes>,
}

/// What the fact that a case ended becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndedBecomes {
    /// The case is completed at that instant, unless an event completed it.
    Complete,
}

/// What the deadline of a case becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineBecomes {
    /// The due date by law, as announced.
    Statutory,
    /// The due date that the centre promised, as announced.
    Promised,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Whatever the file is.
    #[default]
    Any,
    /// XES only.
    Xes,
    /// CSV only.
    Csv,
}

/// The terms that the rules of a place set: a whole number and `wd` (working days), `cd` (calendar days), `w` (weeks)
/// or `mo` (months).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The term set by law, like `8w`.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = r"^[0-9]{1,5}(wd|cd|w|mo)$"))]
    pub statutory: Option<Term>,
    /// The term published by the centre, like `20wd`.
    #[serde(default)]
    #[schemars(with = "Option<String>", regex(pattern = r"^[0-9]{1,5}(wd|cd|w|mo)$"))]
    pub promised: Option<Term>,
}

/// What to do with a local time that a zone has twice, or not at all, because clocks were changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LocalTime {
    /// The first of two; a missing one moves forward by the length of the gap (as RFC 5545 has it).
    #[default]
    Compatible,
    /// The earlier of the two instants that are possible.
    Earlier,
    /// The later of the two instants that are possible.
    Later,
    /// The event is refused.
    Refuse,
}

/// The names of attributes in an XES file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct XesNames {
    /// The attribute of a trace that names the case.
    pub case: String,
    /// The attribute of an event that names the activity.
    pub activity: String,
    /// The attribute of an event that says when.
    pub time: String,
    /// Who did it.
    pub person: String,
    /// The group or department of that person.
    pub group: String,
    /// The role of that person.
    pub role: String,
    /// The place in the activity's own life (`start`, `complete`).
    pub lifecycle: String,
    /// The id of the task or step.
    pub task: String,
    /// Which attributes of a trace are facts about the case.
    pub facts: Facts,
}

impl Default for XesNames {
    fn default() -> Self {
        Self {
            case: "concept:name".to_owned(),
            activity: "concept:name".to_owned(),
            time: "time:timestamp".to_owned(),
            person: "org:resource".to_owned(),
            group: "org:group".to_owned(),
            role: "org:role".to_owned(),
            lifecycle: "lifecycle:transition".to_owned(),
            task: "concept:instance".to_owned(),
            facts: Facts::default(),
        }
    }
}

/// The names of columns in a CSV file, and how it is written. Columns that are not named stay attributes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvNames {
    /// What one row is.
    #[serde(default)]
    pub row: Row,
    /// The character between cells: one ASCII character, `\t` for a tab.
    #[serde(default = "comma")]
    #[schemars(with = "String", length(min = 1, max = 1))]
    pub delimiter: char,
    /// The character around cells that hold a delimiter or a line end.
    #[serde(default = "double_quote")]
    #[schemars(with = "String", length(min = 1, max = 1))]
    pub quote: char,
    /// How instants are written, in the letters of `strftime`, like `%d.%m.%Y %H:%M`. Left out: as in RFC 3339, with or
    /// without a distance from UTC. A format without hours means the beginning of the day.
    #[serde(default)]
    pub time_format: Option<String>,
    /// The column that names the case.
    pub case: String,
    /// The column that names the activity. Needed when a row is an event.
    #[serde(default)]
    pub activity: Option<String>,
    /// The column that says when. Needed when a row is an event.
    #[serde(default)]
    pub time: Option<String>,
    /// The column that says who.
    #[serde(default)]
    pub person: Option<String>,
    /// The column with the group or department of that person.
    #[serde(default)]
    pub group: Option<String>,
    /// The column with the role of that person.
    #[serde(default)]
    pub role: Option<String>,
    /// The column with the place in the activity's own life (`start`, `complete`).
    #[serde(default)]
    pub lifecycle: Option<String>,
    /// The column with the id of the task or step.
    #[serde(default)]
    pub task: Option<String>,
    /// Which columns of this file are facts about the case. Where a row is an event, the first row of a case counts.
    #[serde(default)]
    pub facts: Facts,
    /// Where a row is a case: which of its columns are events.
    #[serde(default)]
    pub events: Vec<ColumnEvent>,
    /// The second file, with one row a case, if there is one.
    #[serde(default)]
    pub cases: Option<CaseFile>,
}

const fn comma() -> char {
    ','
}

const fn double_quote() -> char {
    '"'
}

/// What one row of a CSV file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// One event of a case.
    #[default]
    Event,
    /// A whole case, with its instants in several columns.
    Case,
}

/// A column of a row that is a case, read as one event; where the cell is empty the event did not happen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnEvent {
    /// The name of the activity.
    pub activity: String,
    /// The column that says when.
    pub time: String,
    /// The column that says who.
    #[serde(default)]
    pub person: Option<String>,
    /// The column with the group or department.
    #[serde(default)]
    pub group: Option<String>,
}

/// The second file of a CSV log: one row a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// The column that names the case.
    pub case: String,
    /// Which columns are facts about the case.
    #[serde(default)]
    pub facts: Facts,
}

/// The well-known facts about a case, each with the name of its column or attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// When the applicant submitted.
    pub submitted: Option<String>,
    /// When the case ended.
    pub ended: Option<String>,
    /// The last instant that is in time.
    pub deadline: Option<String>,
    /// When it was planned to end.
    pub planned_end: Option<String>,
    /// The department answerable for it.
    pub department: Option<String>,
    /// The way by which it came in.
    pub channel: Option<String>,
    /// The person answerable for it.
    pub responsible: Option<String>,
    /// The group answerable for it.
    pub group: Option<String>,
    /// Who applied, as an id.
    pub applicant: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
    /// The amount of money it is about.
    pub amount: Option<String>,
    /// How it stood when the log was written.
    pub status: Option<String>,
}

impl Facts {
    /// The facts that are named, each with its column or attribute.
    pub fn named(&self) -> impl Iterator<Item = (CaseFact, &str)> {
        [
            (CaseFact::Submitted, &self.submitted),
            (CaseFact::Ended, &self.ended),
            (CaseFact::Deadline, &self.deadline),
            (CaseFact::PlannedEnd, &self.planned_end),
            (CaseFact::Department, &self.department),
            (CaseFact::Channel, &self.channel),
            (CaseFact::Responsible, &self.responsible),
            (CaseFact::Group, &self.group),
            (CaseFact::Applicant, &self.applicant),
            (CaseFact::Subject, &self.subject),
            (CaseFact::Amount, &self.amount),
            (CaseFact::Status, &self.status),
        ]
        .into_iter()
        .filter_map(|(fact, name)| name.as_deref().map(|name| (fact, name)))
    }
}

/// A well-known fact about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseFact {
    /// When the applicant submitted; an instant.
    Submitted,
    /// When the case ended; an instant.
    Ended,
    /// The last instant that is in time.
    Deadline,
    /// When it was planned to end; an instant.
    PlannedEnd,
    /// The department answerable for it.
    Department,
    /// The way by which it came in.
    Channel,
    /// The person answerable for it.
    Responsible,
    /// The group answerable for it.
    Group,
    /// Who applied.
    Applicant,
    /// What it is about.
    Subject,
    /// The amount of money it is about.
    Amount,
    /// How it stood when the log was written.
    Status,
}

impl CaseFact {
    /// Whether the fact is an instant.
    #[must_use]
    pub const fn is_instant(self) -> bool {
        match self {
            Self::Submitted | Self::Ended | Self::Deadline | Self::PlannedEnd => true,
            Self::Department
            | Self::Channel
            | Self::Responsible
            | Self::Group
            | Self::Applicant
            | Self::Subject
            | Self::Amount
            | Self::Status => false,
        }
    }

    /// The name as the mapping file writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Ended => "ended",
            Self::Deadline => "deadline",
            Self::PlannedEnd => "planned_end",
            Self::Department => "department",
            Self::Channel => "channel",
            Self::Responsible => "responsible",
            Self::Group => "group",
            Self::Applicant => "applicant",
            Self::Subject => "subject",
            Self::Amount => "amount",
            Self::Status => "status",
        }
    }
}

impl fmt::Display for CaseFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the activities that fit a pattern become.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The name of the activity; `*` stands for any characters.
    #[schemars(length(min = 1))]
    pub activity: String,
    /// The rule holds only for events at this place in the activity's own life (`complete`), in any letter case.
    #[serde(default)]
    pub lifecycle: Option<String>,
    /// What such an event becomes.
    pub becomes: Becomes,
    /// What it becomes from the second time on in the same case. Left out: the same.
    #[serde(default)]
    pub again: Option<Becomes>,
}

/// What an event of the source becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Becomes {
    /// The applicant submits.
    Submit,
    /// The centre accepts.
    Accept,
    /// The centre decides.
    Decide {
        /// What it decides.
        outcome: Decided,
    },
    /// The case is completed.
    Complete,
    /// The applicant withdraws.
    Withdraw,
    /// The case goes to another department or window.
    Transfer,
    /// The result is handed over.
    Deliver,
    /// The case goes back to an earlier step.
    SendBack,
    /// The centre asks the applicant for a correction.
    RequestCorrection,
    /// The applicant hands in what was asked for.
    SubmitCorrection,
    /// A generic recorded step, under the source's own name.
    Step,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// What was asked for is given.
    Granted,
    /// What was asked for is not given.
    Refused,
}

/// The name of a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(extend("pattern" = "^[a-z0-9_.-]{1,40}$"))]
pub struct LogName(String);

impl LogName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LogName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let fits = !name.is_empty()
            && name.len() <= LOG_NAME_CHARS_MAX
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
        if fits {
            Ok(Self(name))
        } else {
            Err(format!(
                "`{}` is no name of a log; expected 1 to {LOG_NAME_CHARS_MAX} of a-z, 0-9, `-`, `_` and `.`",
                super::source::excerpt(&name)
            ))
        }
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A time zone, by name or by a fixed distance from UTC.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// The name as the mapping has it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The zone of a centre whose clocks these are.
    pub(super) fn of_centre(&self) -> guichet_core::zone::Zone {
        let name = self.zone.iana_name().unwrap_or(&self.name);
        // A name that this reads is one that the other reads too.
        name.parse().unwrap_or_default()
    }

    /// The date that clocks of the zone show at an instant.
    pub(super) fn date_of(&self, at: Timestamp) -> Option<Date> {
        let at = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
        let offset = self.zone.to_offset(at).seconds();
        Some(
            Timestamp::from_micros(at.as_microsecond() + i64::from(offset) * 1_000_000)
                .date_at(guichet_core::time::Offset::UTC),
        )
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        // Only the zones inside the binary: the same mapping reads the same log to the same instants everywhere.
        let zone = fixed(&name).or_else(|| TimeZoneDatabase::bundled().get(&name).ok());
        match zone {
            Some(zone) => Ok(Self { name, zone }),
            None => Err(format!(
                "`{}` is no time zone; expected a name such as Europe/Amsterdam, or a distance from UTC such as +08:00",
                super::source::excerpt(&name)
            )),
        }
    }
}

/// Reads `+08:00` or `-03:30`.
fn fixed(name: &str) -> Option<TimeZone> {
    let (sign, rest) = match name.as_bytes().first()? {
        b'+' => (1, name.get(1..)?),
        b'-' => (-1, name.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two_digits = |text: &str| {
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<i32>().ok())
            .flatten()
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    if hours > 18 || minutes > 59 {
        return None;
    }
    let offset = Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()?;
    Some(TimeZone::fixed(offset))
}

/// A mapping that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// Neither a shipped name nor a file.
    #[error(
        "there is no mapping `{name}`: {shipped} come with guichet; anything else is taken as the path of a YAML file"
    )]
    Unknown {
        /// What was asked for.
        name: String,
        /// The shipped names.
        shipped: String,
    },
    /// The file cannot be read.
    #[error("the mapping {file} cannot be read")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is too long.
    #[error("the mapping {file} is longer than {MAPPING_BYTES_MAX} bytes; is it the log?")]
    TooLong {
        /// The file.
        file: String,
    },
    /// The file is not UTF-8.
    #[error("the mapping {file} is not UTF-8 (from byte {at} on); save it as UTF-8")]
    NotUtf8 {
        /// The file.
        file: String,
        /// The first byte that does not fit, from 0.
        at: usize,
    },
    /// The YAML is broken, or is no mapping.
    #[error("{file}:{line}:{column}: {problem}")]
    Yaml {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// What is wrong, with the lines around it.
        problem: String,
    },
    /// The YAML is well-formed, but what it says does not fit together.
    #[error("the mapping {file} does not fit together: {problem}")]
    Misfit {
        /// The file.
        file: String,
        /// What does not fit.
        problem: String,
    },
}

impl Mapping {
    /// The mapping with a shipped name, or in the file at a path.
    ///
    /// # Errors
    ///
    /// [`MappingError`] when there is none, or it cannot be used.
    ///
    /// ```
    /// # use guichet_cli::import::mapping::Mapping;
    /// assert_eq!(Mapping::find("receipt")?.log.as_str(), "receipt");
    /// # Ok::<(), guichet_cli::import::mapping::MappingError>(())
    /// ```
    pub fn find(name_or_path: &str) -> Result<Self, MappingError> {
        if let Some(shipped) = SHIPPED.iter().find(|shipped| shipped.name == name_or_path) {
            return Self::from_yaml(&format!("{}.yaml", shipped.name), shipped.text);
        }
        let path = Path::new(name_or_path);
        if !path.exists() {
            let names: Vec<_> = SHIPPED.iter().map(|shipped| shipped.name).collect();
            return Err(MappingError::Unknown {
                name: super::source::excerpt(name_or_path),
                shipped: names.join(", "),
            });
        }
        let file = name_or_path.to_owned();
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|open| open.take(MAPPING_BYTES_MAX + 1).read_to_end(&mut bytes));
        if let Err(source) = read {
            return Err(MappingError::Unreadable { file, source });
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::from_yaml(&file, &text),
            Err(error) => Err(MappingError::NotUtf8 {
                file,
                at: error.utf8_error().valid_up_to(),
            }),
        }
    }

    /// Reads a mapping from YAML; `file` is the name that errors show.
    ///
    /// # Errors
    ///
    /// [`MappingError`] with line, column and the lines around it.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, MappingError> {
        if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAPPING_BYTES_MAX {
            return Err(MappingError::TooLong {
                file: file.to_owned(),
            });
        }
        // A mapping has a few hundred nodes; what is far beyond that wants to burn memory.
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_events: 100_000,
                max_nodes: 50_000,
                max_aliases: 100,
                max_anchors: 100,
                max_depth: 16,
                max_documents: 1,
                max_recorded_anchor_events: 10_000,
            },
        };
        let mapping: Self =
            serde_saphyr::from_str_with_options(text, options).map_err(|error| yaml_error(file, &error))?;
        match mapping.misfit() {
            Some(problem) => Err(MappingError::Misfit {
                file: file.to_owned(),
                problem,
            }),
            None => Ok(mapping),
        }
    }

    /// What an event of this activity becomes; `first` says that the case has had no event of this activity before.
    #[must_use]
    pub fn becomes(&self, activity: &str, lifecycle: Option<&str>, first: bool) -> Becomes {
        match self.rule(activity, lifecycle) {
            Some(rule) if first => rule.becomes,
            Some(rule) => rule.again.unwrap_or(rule.becomes),
            None => Becomes::Step,
        }
    }

    /// The first rule that fits an activity.
    #[must_use]
    pub fn rule(&self, activity: &str, lifecycle: Option<&str>) -> Option<&Rule> {
        self.activities.iter().find(|rule| {
            fits(&rule.activity, activity)
                && rule
                    .lifecycle
                    .as_deref()
                    .is_none_or(|wanted| lifecycle.is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
        })
    }

    /// What does not fit together, in a sentence.
    fn misfit(&self) -> Option<String> {
        if self.activities.len() > RULES_MAX {
            return Some(format!(
                "`activities` has {} rules; at most {RULES_MAX} are taken",
                self.activities.len()
            ));
        }
        if let Some(prefix) = self
            .case_prefix
            .as_ref()
            .filter(|prefix| prefix.len() > LOG_NAME_CHARS_MAX)
        {
            return Some(format!(
                "`case_prefix` has {} bytes; at most {LOG_NAME_CHARS_MAX} are taken",
                prefix.len()
            ));
        }
        if let Some(place) = self.activities.iter().position(|rule| rule.activity.is_empty()) {
            return Some(format!(
                "rule {} of `activities` has an empty `activity`",
                place + 1
            ));
        }
        match (&self.csv, self.format) {
            (None, Format::Csv) => Some("`format` is csv, but there is no `csv` section".to_owned()),
            (Some(_), Format::Xes) => {
                Some("`format` is xes, but there is a `csv` section; take one of them out".to_owned())
            }
            (Some(csv), Format::Any | Format::Csv) => csv.misfit(),
            (None, Format::Any | Format::Xes) => None,
        }
    }
}

impl CsvNames {
    fn misfit(&self) -> Option<String> {
        for (name, mark) in [("delimiter", self.delimiter), ("quote", self.quote)] {
            if !mark.is_ascii() || mark == '\n' || mark == '\r' || mark == '\0' {
                return Some(format!(
                    "`csv.{name}` is {mark:?}; expected one ASCII character that ends no line"
                ));
            }
        }
        if self.delimiter == self.quote {
            return Some(format!(
                "`csv.delimiter` and `csv.quote` are both {:?}",
                self.quote
            ));
        }
        match self.row {
            Row::Event if self.activity.is_none() => Some(
                "`csv.activity` is missing; where a row is an event it names the activity's column"
                    .to_owned(),
            ),
            Row::Event if self.time.is_none() => Some(
                "`csv.time` is missing; where a row is an event it names the column of the instant"
                    .to_owned(),
            ),
            Row::Event if !self.events.is_empty() => {
                Some("`csv.events` is for rows that are cases; add `row: case`, or take it out".to_owned())
            }
            Row::Case if self.events.is_empty() => Some(
                "`csv.events` is missing; where a row is a case it says which columns are events".to_owned(),
            ),
            Row::Case if self.activity.is_some() || self.time.is_some() => Some(
                "`csv.activity` and `csv.time` are for rows that are events; use `csv.events`".to_owned(),
            ),
            Row::Case if self.cases.is_some() => {
                Some("`csv.cases` is for rows that are events; here each row is a case already".to_owned())
            }
            Row::Event | Row::Case => None,
        }
    }
}

fn yaml_error(file: &str, error: &serde_saphyr::Error) -> MappingError {
    let (line, column, problem) = located(file, error);
    MappingError::Yaml {
        file: file.to_owned(),
        line,
        column,
        problem: problem
            .replace("more than a document needs:", "more than a mapping needs:")
            .replace("give each its own file", "a mapping is one document"),
    }
}

/// Where a document is no YAML or not of its form: line, column, and what is wrong with the lines around it.
pub(crate) fn located(file: &str, error: &serde_saphyr::Error) -> (u64, u64, String) {
    let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
    let text = error.to_string();
    // The place stands in front already, and the parser does not know the file's name.
    let problem = text
        .strip_prefix(&format!("error: line {line} column {column}: "))
        .unwrap_or(&text)
        .replace("--> <input>:", &format!("--> {file}:"))
        .replace(", set DuplicateKeyPolicy in Options if acceptable", "")
        .replace(
            "budget breached: Documents { documents: 2 }",
            "a second document begins; give each its own file",
        )
        .replace("budget breached:", "more than a document needs:")
        .replace("expected mapping start", "expected `name: value` inside");
    // Where the parser looks one token ahead, its snippet shows the better place of the two.
    let (line, column) = shown_place(&problem, file).unwrap_or((line, column));
    (line, column, problem)
}

/// The place in the first `--> file:line:column`.
fn shown_place(problem: &str, file: &str) -> Option<(u64, u64)> {
    let (_, rest) = problem.split_once(&format!("--> {file}:"))?;
    let (line, column) = rest.lines().next()?.split_once(':')?;
    Some((line.parse().ok()?, column.trim().parse().ok()?))
}

/// Whether a text fits a pattern in which `*` stands for any characters. Linear in practice, quadratic at worst.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    // Without a star the text is the pattern; with one, the part behind the last star is the end of the text.
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_characters_and_everything_else_for_itself() {
        for (pattern, text, expected) in [
            ("Submit", "Submit", true),
            ("Submit", "Submitted", false),
            ("Submit*", "Submitted", true),
            ("*by EMPLOYEE", "SUBMITTED by EMPLOYEE", true),
            ("T0*advice*3", "T09-3 Process advice from party 3", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("受理*", "受理通知", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} against {text}");
        }
    }
}
