//! Loading: from the documents of a folder to a catalogue that can be published.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::thread;

use guichet_core::flow::{Block, FLOW_DEPTH_MAX, FLOW_STEPS_MAX, soundness};
use guichet_core::hours::OpeningHours;
use guichet_core::id::{BlockId, CalendarId, DepartmentId, IdError, ProcedureId, StepId, Version};
use guichet_core::policy::Policy;
use guichet_core::procedure::{Names, Procedure};
use guichet_core::reference::{Catalogue, Centre, Department, Roster, Staff, Window};
use guichet_core::zone::Zone;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::policies;
use crate::shelf::{Asked, Shelf, WrittenLayer};
use crate::source::{Place, SourceMap, snippet};

/// The longest document that is read. A year of rosters has some twenty thousand bytes.
pub const DOCUMENT_BYTES_MAX: u64 = 1024 * 1024;
/// The most documents of one catalogue: a city has some hundreds of procedures.
pub const DOCUMENTS_MAX: usize = 2_000;
/// The most bytes of a whole catalogue, so that many long documents cannot fill the memory.
pub const CATALOGUE_BYTES_MAX: u64 = 32 * 1024 * 1024;

const CENTRE: &str = "centre.yaml";
const DEPARTMENTS: &str = "departments.yaml";
const WINDOWS: &str = "windows.yaml";
const ROSTERS: &str = "rosters.yaml";
const STAFF: &str = "staff.yaml";
const CALENDARS: &str = "calendars.yaml";
const PROCEDURES: &str = "procedures";
const FOLDER_OF_CALENDARS: &str = "calendars";

/// A catalogue with the documents that it came from.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The name of the catalogue: that of its folder.
    pub name: String,
    /// What can be published: sub-flows filled in.
    pub catalogue: Catalogue,
    /// The procedures as they were written, in the order in which the catalogue has them.
    pub written: Vec<Written>,
    /// The layers over calendars as they were written.
    pub layers: Vec<WrittenLayer>,
    /// What every guide says about this catalogue, such as that it is fictional.
    pub notice: Option<Names>,
    /// The facts that the host collects about a case, if the catalogue declares them.
    pub facts: Option<Vec<String>>,
    /// The documents, and where in them each value stands.
    pub sources: SourceMap,
}

/// A procedure as it was written: its sub-flows are named, not filled in.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document.
    pub file: String,
    /// What it says.
    pub procedure: Procedure,
}

/// Documents that are no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder or a document cannot be read.
    #[error("{file} cannot be read")]
    Unreadable {
        /// The folder or document.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A document that every catalogue has is not there.
    #[error(
        "the catalogue has no {file}; it needs centre.yaml, departments.yaml, windows.yaml and staff.yaml"
    )]
    Missing {
        /// The document.
        file: &'static str,
    },
    /// A document under a name that would be passed over.
    #[error("{file} would not be read; name it {expected}, or move it out of the catalogue")]
    Misnamed {
        /// The document.
        file: String,
        /// A name that is read.
        expected: String,
    },
    /// A document with too many bytes.
    #[error(
        "{file} has more than {DOCUMENT_BYTES_MAX} bytes; split it or take out what does not belong there"
    )]
    TooLong {
        /// The document.
        file: String,
    },
    /// Too many documents, or too many bytes in all.
    #[error("the catalogue has more than {DOCUMENTS_MAX} documents or {CATALOGUE_BYTES_MAX} bytes; split it")]
    TooMuch,
    /// A document that is no text.
    #[error("{file} is no UTF-8 text: byte {at} does not belong there")]
    NotUtf8 {
        /// The document.
        file: String,
        /// The byte, from 0.
        at: usize,
    },
    /// A document that is no YAML, or not of its shape.
    #[error("{place}: {problem}\n{snippet}")]
    Yaml {
        /// Where.
        place: Place,
        /// What is wrong.
        problem: String,
        /// The line with a caret.
        snippet: String,
    },
    /// A sub-flow that cannot be filled in.
    #[error("{place}: {problem}\n{snippet}")]
    SubFlow {
        /// Where.
        place: Place,
        /// What is wrong.
        problem: String,
        /// The line with a caret.
        snippet: String,
    },
    /// A calendar that neither ships nor lies beside the catalogue.
    #[error(
        "{place}: the calendar `{id}` does not ship, and there is no {id}.json or {id}.yaml with the other calendars; those that ship are {shipped}\n{snippet}"
    )]
    UnknownCalendar {
        /// Where.
        place: Place,
        /// The calendar.
        id: CalendarId,
        /// Those that ship.
        shipped: String,
        /// The line with a caret.
        snippet: String,
    },
    /// A calendar document that is no calendar.
    #[error("{file}: {problem}")]
    Calendar {
        /// The document.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// No catalogue of that name ships.
    #[error("no catalogue `{name}` ships; there are {shipped}")]
    NotShipped {
        /// What was asked for.
        name: String,
        /// Those that ship.
        shipped: String,
    },
}

/// One document: its path inside the catalogue, with `/` between the parts, and its text.
pub type Document = (String, String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CentreDocument {
    name: Names,
    zone: Zone,
    #[serde(default)]
    opening_hours: Option<OpeningHours>,
    #[serde(default)]
    notice: Option<Names>,
    #[serde(default)]
    facts: Option<Vec<String>>,
}

macro_rules! lists {
    ($($name:ident { $field:ident: $item:ty })+) => {$(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name { $field: Vec<$item> }
    )+};
}

lists! {
    Departments { departments: Department }
    Windows { windows: Window }
    Rosters { rosters: Roster }
    StaffList { staff: Staff }
    Calendars { calendars: CalendarId }
}

/// Reads the catalogue in a folder. `docs/catalogue.md` says which documents it has.
///
/// # Errors
///
/// [`LoadError`], with the document, line and column, and the line itself.
///
/// ```
/// let error = guichet_catalogue::load("no/such/folder".as_ref()).unwrap_err();
/// assert_eq!(error.to_string(), "no/such/folder cannot be read");
/// ```
pub fn load(folder: &Path) -> Result<Loaded, LoadError> {
    let name = folder.file_name().map_or_else(
        || folder.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    from_documents(&name, read_folder(folder)?)
}

/// Reads a catalogue from documents that are in memory.
///
/// # Errors
///
/// As [`load`].
///
/// ```
/// let error = guichet_catalogue::from_documents("empty", Vec::new()).unwrap_err();
/// assert!(error.to_string().starts_with("the catalogue has no centre.yaml"));
/// ```
pub fn from_documents(name: &str, documents: Vec<Document>) -> Result<Loaded, LoadError> {
    // Readers of YAML call themselves for every level, and the caller's stack may be that of a small thread.
    let stack = thread::Builder::new().stack_size(STACK_BYTES);
    let answer = thread::scope(|scope| {
        let reader = stack.spawn_scoped(scope, || read(name, documents))?;
        Ok(reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    answer.unwrap_or_else(|source| {
        Err(LoadError::Unreadable {
            file: name.to_owned(),
            source,
        })
    })
}

/// What the deepest document that is read needs, several times over: some 3 MiB without optimisation.
const STACK_BYTES: usize = 32 * 1024 * 1024;

fn read(name: &str, documents: Vec<Document>) -> Result<Loaded, LoadError> {
    let mut sources = SourceMap::default();
    let documents: BTreeMap<String, String> = documents.into_iter().collect();
    let centre: CentreDocument = required(&documents, &mut sources, CENTRE)?;
    let Departments { departments } = required(&documents, &mut sources, DEPARTMENTS)?;
    let Windows { windows } = required(&documents, &mut sources, WINDOWS)?;
    let StaffList { staff } = required(&documents, &mut sources, STAFF)?;
    let rosters =
        optional(&documents, &mut sources, ROSTERS)?.map_or_else(Vec::new, |Rosters { rosters }| rosters);
    let named = optional(&documents, &mut sources, CALENDARS)?
        .map_or_else(Vec::new, |Calendars { calendars }| calendars);
    let mut written = Vec::new();
    for (file, text) in documents
        .iter()
        .filter(|(file, _)| file.starts_with("procedures/"))
    {
        written.push(Written {
            procedure: parse(file, text, &mut sources)?,
            file: file.clone(),
        });
    }
    written.sort_by(|a, b| {
        let key = |written: &Written| (written.procedure.id.clone(), written.procedure.version);
        key(a).cmp(&key(b)).then_with(|| a.file.cmp(&b.file))
    });
    let procedures = Resolver::new(&written, &sources).all()?;
    let find = |file: &str| Ok(documents.get(&format!("{FOLDER_OF_CALENDARS}/{file}")).cloned());
    let mut shelf = Shelf::new("calendars/", &find);
    let mut calendars = Vec::new();
    for (at, id) in named.iter().enumerate() {
        let place = sources.place(CALENDARS, &format!("/calendars/{at}"));
        let asked = Asked {
            snippet: sources.snippet(&place),
            place,
        };
        calendars.push(shelf.calendar(&mut sources, id, asked)?);
    }
    let layers = shelf.layers;
    Ok(Loaded {
        name: name.to_owned(),
        catalogue: Catalogue {
            centre: Some(Centre {
                name: centre.name,
                zone: centre.zone,
                opening_hours: centre.opening_hours,
            }),
            departments,
            windows,
            rosters,
            staff,
            procedures,
            calendars,
            bulletins: Vec::new(),
            findings: Vec::new(),
        },
        written,
        layers,
        notice: centre.notice,
        facts: centre.facts,
        sources,
    })
}

fn read_folder(folder: &Path) -> Result<Vec<Document>, LoadError> {
    let mut documents = Vec::new();
    let mut bytes = 0;
    for name in entries(folder)? {
        if [CENTRE, DEPARTMENTS, WINDOWS, ROSTERS, STAFF, CALENDARS].contains(&name.as_str()) {
            read_document(folder, &name, &mut documents, &mut bytes)?;
        } else if let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) {
            return Err(LoadError::Misnamed {
                expected: format!(
                    "{stem}.yaml for a document of the centre, or procedures/{stem}.yaml for a procedure"
                ),
                file: name,
            });
        }
    }
    for (inner, suffixes) in [
        (PROCEDURES, [".yaml"].as_slice()),
        (FOLDER_OF_CALENDARS, &[".yaml", ".json"]),
    ] {
        if !folder.join(inner).is_dir() {
            continue;
        }
        for name in entries(&folder.join(inner))? {
            if suffixes.iter().any(|suffix| name.ends_with(suffix)) {
                read_document(folder, &format!("{inner}/{name}"), &mut documents, &mut bytes)?;
            } else if let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".json")) {
                return Err(LoadError::Misnamed {
                    file: format!("{inner}/{name}"),
                    expected: format!("{inner}/{stem}.yaml"),
                });
            }
        }
    }
    Ok(documents)
}

/// The names in a folder, in order: what a file system answers is chance.
fn entries(folder: &Path) -> Result<Vec<String>, LoadError> {
    let unreadable = |source| LoadError::Unreadable {
        file: folder.display().to_string(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        if names.len() >= DOCUMENTS_MAX * 2 {
            return Err(LoadError::TooMuch);
        }
        names.push(
            entry
                .map_err(unreadable)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    names.sort();
    Ok(names)
}

fn read_document(
    folder: &Path,
    name: &str,
    documents: &mut Vec<Document>,
    bytes_so_far: &mut u64,
) -> Result<(), LoadError> {
    let file = || name.to_owned();
    let mut bytes = Vec::new();
    File::open(folder.join(name))
        .and_then(|open| open.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|source| LoadError::Unreadable { file: file(), source })?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    *bytes_so_far = bytes_so_far.saturating_add(length);
    if length > DOCUMENT_BYTES_MAX {
        return Err(LoadError::TooLong { file: file() });
    }
    if documents.len() >= DOCUMENTS_MAX || *bytes_so_far > CATALOGUE_BYTES_MAX {
        return Err(LoadError::TooMuch);
    }
    let text = String::from_utf8(bytes).map_err(|error| LoadError::NotUtf8 {
        file: file(),
        at: error.utf8_error().valid_up_to(),
    })?;
    documents.push((file(), text));
    Ok(())
}

fn required<T: DeserializeOwned>(
    documents: &BTreeMap<String, String>,
    sources: &mut SourceMap,
    file: &'static str,
) -> Result<T, LoadError> {
    optional(documents, sources, file)?.ok_or(LoadError::Missing { file })
}

fn optional<T: DeserializeOwned>(
    documents: &BTreeMap<String, String>,
    sources: &mut SourceMap,
    file: &str,
) -> Result<Option<T>, LoadError> {
    documents
        .get(file)
        .map(|text| parse(file, text, sources))
        .transpose()
}

/// A document of another kind than those of a catalogue, such as the rules of findings: read with the same bounds, and refused
/// in the same words.
///
/// # Errors
///
/// [`LoadError::Yaml`] with line and column, or [`LoadError::TooLong`].
///
/// ```
/// # use std::collections::BTreeMap;
/// let read: BTreeMap<String, u8> = guichet_catalogue::from_yaml("days.yaml", "monday: 1")?;
/// assert_eq!(read.get("monday"), Some(&1));
/// let refused = guichet_catalogue::from_yaml::<BTreeMap<String, u8>>("days.yaml", "monday: first");
/// assert!(refused.is_err_and(|error| error.to_string().starts_with("days.yaml:1:9")));
/// # Ok::<(), guichet_catalogue::LoadError>(())
/// ```
pub fn from_yaml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, LoadError> {
    parse(file, text, &mut SourceMap::default())
}

pub(crate) fn parse<T: DeserializeOwned>(
    file: &str,
    text: &str,
    sources: &mut SourceMap,
) -> Result<T, LoadError> {
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > DOCUMENT_BYTES_MAX {
        return Err(LoadError::TooLong {
            file: file.to_owned(),
        });
    }
    match serde_saphyr::from_str_with_options(text, options()) {
        Ok(value) => {
            sources.add(file, text);
            Ok(value)
        }
        Err(error) => Err(yaml_error(file, text, &error)),
    }
}

/// How documents are read. A roster of a year has some two thousand nodes; what is far beyond that wants to burn memory.
pub(crate) fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        with_snippet: false,
        reject_unsupported_tags: true,
        budget: serde_saphyr::budget! {
            max_events: 400_000,
            max_nodes: 200_000,
            max_aliases: 100,
            max_anchors: 100,
            // A flow nests at most 24 blocks, each three values deep.
            max_depth: 80,
            max_documents: 1,
            max_recorded_anchor_events: 10_000,
        },
    }
}

fn yaml_error(file: &str, text: &str, error: &serde_saphyr::Error) -> LoadError {
    let place = error
        .location()
        .map_or_else(|| Place::start(file), |at| Place::of(file, at));
    let line = text.lines().nth(place.line - 1).unwrap_or_default();
    let problem = problem(error.without_snippet());
    // The place stands in front already.
    let problem = problem.replace(&format!(" at line {}, column {}", place.line, place.column), "");
    LoadError::Yaml {
        snippet: snippet(line, &place),
        place,
        problem,
    }
}

/// What is wrong, in words for people who write catalogues rather than parsers.
pub(crate) fn problem(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    use serde_saphyr::budget::BudgetBreach;

    if let Error::DuplicateMappingKey { key: Some(key), .. } = error {
        format!("the field `{key}` is there twice; take one of them out")
    } else if let Error::Budget {
        breach: BudgetBreach::Documents { .. },
        ..
    } = error
    {
        "a second document begins here; give each its own file".to_owned()
    } else if let Error::Unexpected {
        expected: "mapping start",
        ..
    } = error
    {
        "expected fields here, such as `name: value`".to_owned()
    } else if let Error::Budget { .. } = error {
        "the document nests or repeats more than any catalogue does; write it as one plain document"
            .to_owned()
    } else if let Error::Eof { .. } = error {
        "the document is empty or ends too early".to_owned()
    } else if let Error::InvalidScalar { .. } = error {
        "this is no number of the kind expected here; write a whole number without a sign".to_owned()
    } else if let Error::UnsupportedTag { .. } = error {
        "tags such as `!name` mean nothing here; take it out".to_owned()
    } else {
        error.to_string()
    }
}

/// Fills in the sub-flows of procedures.
struct Resolver<'a> {
    written: &'a [Written],
    sources: &'a SourceMap,
    done: BTreeMap<(ProcedureId, Version), Procedure>,
}

impl<'a> Resolver<'a> {
    const fn new(written: &'a [Written], sources: &'a SourceMap) -> Self {
        Self {
            written,
            sources,
            done: BTreeMap::new(),
        }
    }

    fn all(mut self) -> Result<Vec<Procedure>, LoadError> {
        let written = self.written;
        written
            .iter()
            .map(|written| self.procedure(written, &mut Vec::new()))
            .collect()
    }

    /// One procedure with its sub-flows filled in; `around` are the procedures that take it in.
    fn procedure(
        &mut self,
        written: &'a Written,
        around: &mut Vec<&'a Written>,
    ) -> Result<Procedure, LoadError> {
        let key = (written.procedure.id.clone(), written.procedure.version);
        if let Some(done) = self.done.get(&key) {
            return Ok(done.clone());
        }
        let mut procedure = written.procedure.clone();
        self.follow_law(&mut procedure, written)?;
        if let Some(flow) = &mut procedure.flow {
            around.push(written);
            self.block(flow, written, around)?;
            around.pop();
            let steps = flow.steps().len();
            if soundness::deeper_than(flow, FLOW_DEPTH_MAX) || steps > FLOW_STEPS_MAX {
                let place = self.sources.place(&written.file, "/flow");
                let problem = format!(
                    "with its sub-flows the flow has {steps} steps or nests too deep; at most {FLOW_STEPS_MAX} steps and \
                     {FLOW_DEPTH_MAX} blocks, one inside the other, can be followed"
                );
                return Err(self.refuse(place, problem));
            }
        }
        self.done.insert(key, procedure.clone());
        Ok(procedure)
    }

    /// Puts the policy of the law that a procedure names in its place.
    fn follow_law(&self, procedure: &mut Procedure, written: &Written) -> Result<(), LoadError> {
        let Some(law) = procedure.law.take() else {
            return Ok(());
        };
        let place = self.sources.place(&written.file, "/law");
        if procedure.policy != Policy::default() {
            let problem = "a procedure names a law or writes its policy, not both; take one out".to_owned();
            return Err(self.refuse(place, problem));
        }
        let shipped = policies::shipped(law.as_str()).and_then(|shipped| shipped.policy().ok());
        procedure.policy = shipped.ok_or_else(|| {
            let known: Vec<&str> = policies::SHIPPED.iter().map(|shipped| shipped.id()).collect();
            let problem = format!(
                "`{law}` is no law that ships; expected one of {}, or write the switches under `policy`",
                known.join(", ")
            );
            self.refuse(place, problem)
        })?;
        Ok(())
    }

    fn block(
        &mut self,
        block: &mut Block,
        written: &'a Written,
        around: &mut Vec<&'a Written>,
    ) -> Result<(), LoadError> {
        let id = block.id();
        match block {
            Block::Step(_) => Ok(()),
            Block::Sequence(blocks) => blocks
                .iter_mut()
                .try_for_each(|inner| self.block(inner, written, around)),
            Block::Parallel(group) => group
                .branches
                .iter_mut()
                .try_for_each(|inner| self.block(inner, written, around)),
            Block::Choice(choice) => {
                self.block(&mut choice.then, written, around)?;
                choice
                    .otherwise
                    .iter_mut()
                    .try_for_each(|inner| self.block(inner, written, around))
            }
            Block::Optional(optional) => self.block(&mut optional.block, written, around),
            Block::Procedure(sub) => {
                // Every sub-flow has a name: its own, or that of its procedure.
                let Some(id) = id else { return Ok(()) };
                let place = self.sources.place_of_id(&written.file, id.as_str());
                if sub.flow.is_some() {
                    let problem = format!(
                        "the sub-flow `{id}` spells out a flow; name the procedure only, and its flow is filled in"
                    );
                    return Err(self.refuse(place, problem));
                }
                let target = self.target(&sub.procedure, sub.version, &place)?;
                if let Some(start) = around.iter().position(|outer| {
                    outer.procedure.id == target.procedure.id
                        && outer.procedure.version == target.procedure.version
                }) {
                    let mut round: Vec<_> = around
                        .iter()
                        .skip(start)
                        .map(|outer| outer.procedure.id.to_string())
                        .collect();
                    round.push(target.procedure.id.to_string());
                    let problem = format!("the sub-flow `{id}` leads back to itself: {}", round.join(" → "));
                    return Err(self.refuse(place, problem));
                }
                if around.len() >= FLOW_DEPTH_MAX {
                    let problem = format!("sub-flows are taken in more than {FLOW_DEPTH_MAX} deep");
                    return Err(self.refuse(place, problem));
                }
                let resolved = self.procedure(target, around)?;
                let Some(mut flow) = resolved.flow else {
                    let problem = format!("the procedure `{}` has no flow to take in", sub.procedure);
                    return Err(self.refuse(place, problem));
                };
                take_in(&mut flow, &id, &resolved.department).map_err(|error| {
                    self.refuse(
                        place,
                        format!("the ids of the sub-flow `{id}` become too long: {error}"),
                    )
                })?;
                sub.version = Some(resolved.version);
                sub.id = Some(id);
                sub.flow = Some(flow);
                Ok(())
            }
        }
    }

    fn target(
        &self,
        procedure: &ProcedureId,
        version: Option<Version>,
        place: &Place,
    ) -> Result<&'a Written, LoadError> {
        let versions = || {
            self.written
                .iter()
                .filter(|written| written.procedure.id == *procedure)
        };
        let found = match version {
            Some(version) => versions().find(|written| written.procedure.version == version),
            None => versions().max_by_key(|written| written.procedure.version),
        };
        found.ok_or_else(|| {
            let problem = match version {
                Some(version) if versions().next().is_some() => {
                    format!("the procedure `{procedure}` has no version {version} in this catalogue")
                }
                Some(_) | None => format!(
                    "the procedure `{procedure}` is not in this catalogue; add its document to procedures/"
                ),
            };
            self.refuse(place.clone(), problem)
        })
    }

    fn refuse(&self, place: Place, problem: String) -> LoadError {
        LoadError::SubFlow {
            snippet: self.sources.snippet(&place),
            place,
            problem,
        }
    }
}

/// Makes a flow part of another one: its ids get a prefix, its steps keep their department, and it no longer decides the
/// case, because only the decision of the procedure around it does.
fn take_in(block: &mut Block, prefix: &BlockId, department: &DepartmentId) -> Result<(), IdError> {
    let step_id = |id: &StepId| StepId::new(&format!("{prefix}.{id}"));
    let block_id = |id: &BlockId| BlockId::new(&format!("{prefix}.{id}"));
    let own = block.id();
    match block {
        Block::Step(step) => {
            step.id = step_id(&step.id)?;
            step.four_eyes = step.four_eyes.iter().map(step_id).collect::<Result<_, _>>()?;
            step.department.get_or_insert_with(|| department.clone());
            if step.decides {
                step.role = Some(step.needed_role());
                step.decides = false;
            }
            Ok(())
        }
        Block::Sequence(blocks) => blocks
            .iter_mut()
            .try_for_each(|inner| take_in(inner, prefix, department)),
        Block::Parallel(group) => {
            group.id = block_id(&group.id)?;
            group.lead.get_or_insert_with(|| department.clone());
            group.veto = group.veto.iter().map(block_id).collect::<Result<_, _>>()?;
            if let Some(silence) = &mut group.silence {
                silence.only = silence.only.iter().map(step_id).collect::<Result<_, _>>()?;
            }
            group
                .branches
                .iter_mut()
                .try_for_each(|inner| take_in(inner, prefix, department))
        }
        Block::Choice(choice) => {
            choice.id = choice.id.as_ref().map(block_id).transpose()?;
            take_in(&mut choice.then, prefix, department)?;
            choice
                .otherwise
                .iter_mut()
                .try_for_each(|inner| take_in(inner, prefix, department))
        }
        Block::Optional(optional) => {
            optional.id = block_id(&optional.id)?;
            take_in(&mut optional.block, prefix, department)
        }
        Block::Procedure(sub) => {
            sub.id = own.as_ref().map(block_id).transpose()?;
            sub.flow
                .iter_mut()
                .try_for_each(|inner| take_in(inner, prefix, department))
        }
    }
}
