//! The shelf: calendars by name, with the layers over them, wherever their documents lie.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use guichet_core::calendar::{Calendar, Layer, LayerError, LayerFault, LayerList};
use guichet_core::id::CalendarId;

use crate::calendars;
use crate::load::{DOCUMENT_BYTES_MAX, LoadError, parse};
use crate::source::{Place, SourceMap};

/// The most layers, one over the other: nation, province, city, district, centre, and some to spare.
pub const LAYERS_MAX: usize = 8;

/// A layer as it was written, with what is wrong with it.
#[derive(Clone, Debug)]
pub struct WrittenLayer {
    /// The document.
    pub file: String,
    /// What it says.
    pub layer: Layer,
    /// Its entries that cannot be, and were left out of the calendar, or that change nothing.
    pub faults: Vec<LayerFault>,
}

/// Finds the text of a document by its file name, such as `CN.json`; nothing where there is none.
type Find<'a> = dyn Fn(&str) -> Result<Option<String>, LoadError> + 'a;

/// Calendars that are made as they are asked for.
pub(crate) struct Shelf<'a> {
    find: &'a Find<'a>,
    /// What stands before a file name when a document is spoken of.
    folder: &'a str,
    done: BTreeMap<CalendarId, Arc<Calendar>>,
    pub(crate) layers: Vec<WrittenLayer>,
}

/// Why a calendar was asked for: what the answer names where there is none.
pub(crate) struct Asked {
    pub(crate) place: Place,
    pub(crate) snippet: String,
}

impl<'a> Shelf<'a> {
    pub(crate) const fn new(folder: &'a str, find: &'a Find<'a>) -> Self {
        Self {
            find,
            folder,
            done: BTreeMap::new(),
            layers: Vec::new(),
        }
    }

    /// The calendar of that name: a document of the folder, or else one that ships.
    pub(crate) fn calendar(
        &mut self,
        sources: &mut SourceMap,
        id: &CalendarId,
        asked: Asked,
    ) -> Result<Arc<Calendar>, LoadError> {
        self.over(sources, id, asked, &mut Vec::new())
    }

    fn over(
        &mut self,
        sources: &mut SourceMap,
        id: &CalendarId,
        asked: Asked,
        around: &mut Vec<CalendarId>,
    ) -> Result<Arc<Calendar>, LoadError> {
        if let Some(done) = self.done.get(id) {
            return Ok(Arc::clone(done));
        }
        if around.contains(id) || around.len() >= LAYERS_MAX {
            let mut round: Vec<_> = around.iter().map(ToString::to_string).collect();
            round.push(id.to_string());
            let round = round.join(" → ");
            let problem = if around.contains(id) {
                format!("the layer leads back to itself: {round}")
            } else {
                format!("more than {LAYERS_MAX} layers lie over one another: {round}")
            };
            return Err(LoadError::Yaml {
                place: asked.place,
                problem,
                snippet: asked.snippet,
            });
        }
        // An id may hold anything printable, and a document is only looked for inside its folder.
        let plain = !id.as_str().contains(['/', '\\']) && !id.as_str().starts_with('.');
        let mut found = None;
        for suffix in ["yaml", "json"].into_iter().filter(|_| plain) {
            let name = format!("{id}.{suffix}");
            if let Some(text) = (self.find)(&name)? {
                let file = format!("{}{name}", self.folder);
                if let Some((first, _)) = &found {
                    return Err(LoadError::Calendar {
                        problem: format!("there is also {first}; keep one of them"),
                        file,
                    });
                }
                found = Some((file, text));
            }
        }
        let calendar = match found {
            Some((file, text)) => {
                around.push(id.clone());
                let calendar = self.document(sources, &file, &text, around)?;
                around.pop();
                if calendar.id() != id {
                    return Err(LoadError::Calendar {
                        file,
                        problem: format!("the calendar calls itself `{}`; expected `{id}`", calendar.id()),
                    });
                }
                calendar
            }
            None => match calendars::shipped(id.as_str()) {
                Some(shipped) => shipped.calendar().map_err(|error| LoadError::Calendar {
                    file: format!("{id}.json"),
                    problem: error.to_string(),
                })?,
                None => return Err(unknown(id, asked)),
            },
        };
        let calendar = Arc::new(calendar);
        self.done.insert(id.clone(), Arc::clone(&calendar));
        Ok(calendar)
    }

    /// The calendar of a document: facts, or a layer over another calendar.
    pub(crate) fn document(
        &mut self,
        sources: &mut SourceMap,
        file: &str,
        text: &str,
        around: &mut Vec<CalendarId>,
    ) -> Result<Calendar, LoadError> {
        if !is_layer(file, text) {
            return calendars::parse(text).map_err(|error| LoadError::Calendar {
                file: file.to_owned(),
                problem: error.to_string(),
            });
        }
        let layer: Layer = parse(file, text, sources)?;
        let at = |sources: &SourceMap, field: &str| {
            let place = sources.place(file, field);
            Asked {
                snippet: sources.snippet(&place),
                place,
            }
        };
        if around.is_empty() {
            around.push(layer.id.clone());
        }
        let asked = at(sources, "/base");
        let base = self.over(sources, &layer.base, asked, around)?;
        let faults = layer.faults(&base);
        let laid = Calendar::layered(&base, &without(&layer, &faults));
        self.layers.push(WrittenLayer {
            file: file.to_owned(),
            layer,
            faults,
        });
        laid.map_err(|error| {
            let Asked { place, snippet } = at(sources, field(&error));
            LoadError::Yaml {
                problem: error.to_string(),
                place,
                snippet,
            }
        })
    }
}

/// The field of a layer's document that an error is about.
fn field(error: &LayerError) -> &'static str {
    match error {
        LayerError::WrongBase { .. } => "/base",
        LayerError::WrongBaseVersion { .. } => "/base_version",
        LayerError::SameName { .. } => "/id",
        // Version 0 is all that is left to be wrong with facts made of sound ones.
        LayerError::Facts(_) => "/version",
        LayerError::Fault { .. } | _ => "",
    }
}

/// A document that says what lies below it is a layer; people write them in YAML, programs in JSON.
fn is_layer(file: &str, text: &str) -> bool {
    let path = Path::new(file);
    let json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    !json
        || serde_json::from_str::<serde_json::Value>(text)
            .is_ok_and(|document| document.get("base").is_some())
}

/// The layer without the entries that cannot be.
fn without(layer: &Layer, faults: &[LayerFault]) -> Layer {
    let mut layer = layer.clone();
    let kept = |list: LayerList, at: usize| {
        !faults
            .iter()
            .any(|fault| fault.list == list && fault.at == at && fault.problem.forbids())
    };
    let mut at = 0..;
    layer
        .closed
        .retain(|_| at.next().is_some_and(|at| kept(LayerList::Closed, at)));
    let mut at = 0..;
    layer
        .opened
        .retain(|_| at.next().is_some_and(|at| kept(LayerList::Opened, at)));
    layer
}

fn unknown(id: &CalendarId, asked: Asked) -> LoadError {
    let shipped: Vec<_> = calendars::SHIPPED.iter().map(|shipped| shipped.id()).collect();
    LoadError::UnknownCalendar {
        place: asked.place,
        snippet: asked.snippet,
        id: id.clone(),
        shipped: shipped.join(", "),
    }
}

/// The calendar of a file: a document of facts, or a layer. What a layer names as its base lies beside it, or ships.
///
/// # Errors
///
/// [`LoadError`] when a document cannot be read or makes no calendar, with file and line. A layer's entry that cannot be
/// is an error here, as it would be when the catalogue is published.
///
/// ```
/// let error = guichet_catalogue::calendar_file("no/such.json".as_ref()).unwrap_err();
/// assert_eq!(error.to_string(), "no/such.json cannot be read");
/// ```
pub fn calendar_file(path: &Path) -> Result<Calendar, LoadError> {
    let file = path.display().to_string();
    let text = read_text(path)?.ok_or_else(|| LoadError::Unreadable {
        file: file.clone(),
        source: io::Error::new(io::ErrorKind::NotFound, "there is no such file"),
    })?;
    let beside = path.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
    let find = |name: &str| read_text(&beside.join(name));
    let folder = match beside.display().to_string() {
        folder if folder.is_empty() => folder,
        folder => format!("{folder}/"),
    };
    let mut sources = SourceMap::default();
    let mut shelf = Shelf::new(&folder, &find);
    let calendar = shelf.document(&mut sources, &file, &text, &mut Vec::new())?;
    for written in &shelf.layers {
        if let Some(fault) = written.faults.iter().find(|fault| fault.problem.forbids()) {
            let place = sources.place(&written.file, &path_of(fault));
            return Err(LoadError::Yaml {
                snippet: sources.snippet(&place),
                place,
                problem: fault.to_string(),
            });
        }
    }
    Ok(calendar)
}

/// Where the days of an entry stand in their document.
pub(crate) fn path_of(fault: &LayerFault) -> String {
    format!("/{}/{}/days", fault.list, fault.at)
}

/// The text of a file of bounded length; nothing where there is no such file.
fn read_text(path: &Path) -> Result<Option<String>, LoadError> {
    let file = || path.display().to_string();
    let unreadable = |source| LoadError::Unreadable { file: file(), source };
    let mut bytes = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(open) => open
            .take(DOCUMENT_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?,
    };
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > DOCUMENT_BYTES_MAX {
        return Err(LoadError::TooLong { file: file() });
    }
    let text = String::from_utf8(bytes).map_err(|error| LoadError::NotUtf8 {
        file: file(),
        at: error.utf8_error().valid_up_to(),
    })?;
    Ok(Some(text))
}
