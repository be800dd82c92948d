//! CSV: one row at a time, as events of cases or as whole cases.

use std::collections::{BTreeMap, VecDeque};

use ::csv::StringRecord;

use super::input::Input;
use super::mapping::{CaseFact, ColumnEvent, CsvNames, Facts, Mapping, Row};
use super::rows::{Bad, Cell, Header, Rows, line_of};
use super::source::{
    ACTIVITY_BYTES_MAX, CASE_ID_BYTES_MAX, CASE_TABLE_BYTES_MAX, Item, Lost, Place, Problem, Reason, Refused,
    SourceCase, SourceEvent, Stop, Value, check_length, excerpt, stop,
};
use super::times::Times;

/// Reads CSV.
pub(super) struct CsvReader {
    rows: Rows,
    columns: Columns,
    times: Times,
    table: Option<Table>,
    /// The case of the row before.
    last: String,
    entry: u64,
    ready: VecDeque<Item>,
    is_done: bool,
}

/// Which column of the log holds what.
struct Columns {
    case: Cell,
    shape: Shape,
    person: Option<usize>,
    group: Option<usize>,
    role: Option<usize>,
    lifecycle: Option<usize>,
    task: Option<usize>,
    facts: Vec<(CaseFact, Cell)>,
    rest: Vec<Cell>,
}

enum Shape {
    Events { activity: Cell, time: Cell },
    Cases(Vec<CellEvent>),
}

struct CellEvent {
    activity: String,
    time: Cell,
    person: Option<usize>,
    group: Option<usize>,
}

impl CsvReader {
    pub(super) fn new(log: Input, cases: Option<Input>, mapping: &Mapping) -> Result<Self, Stop> {
        let start = log.place();
        let Some(names) = &mapping.csv else {
            let problem = Problem::WrongFormat {
                found: "no XML",
                log: mapping.log.to_string(),
                wanted: "has no `csv` section",
            };
            return Err(stop(None, problem));
        };
        let mut ready = VecDeque::new();
        let mut times = Times::new(mapping, names.time_format.clone());
        let table = match cases {
            Some(input) => Some(Table::read(input, names, mapping, &mut times, &mut ready)?),
            None => None,
        };
        let mut rows = Rows::new(log, names);
        let header = rows.header()?;
        let columns = Columns::new(&header, names, mapping, start)?;
        Ok(Self {
            rows,
            columns,
            times,
            table,
            last: String::new(),
            entry: 0,
            ready,
            is_done: false,
        })
    }

    pub(super) const fn times(&self) -> &Times {
        &self.times
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.rows.place().byte
    }

    /// The next item; `None` behind the last row.
    pub(super) fn next(&mut self) -> Result<Option<Item>, Stop> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if self.is_done {
                return Ok(self
                    .table
                    .as_mut()
                    .and_then(Table::next_without_events)
                    .map(Item::Case));
            }
            match self.rows.next()? {
                Some(Ok((place, record))) => self.row(place, &record),
                Some(Err(bad)) => self.bad_row(bad),
                None => self.is_done = true,
            }
        }
    }

    /// How many events one row stands for.
    fn events_of_row(&self) -> u64 {
        match &self.columns.shape {
            Shape::Events { .. } => 1,
            Shape::Cases(events) => events.len() as u64,
        }
    }

    fn bad_row(&mut self, bad: Bad) {
        self.entry += self.events_of_row();
        let what = match self.columns.shape {
            Shape::Events { .. } => Lost::Event,
            Shape::Cases(_) => Lost::Case { events: 0 },
        };
        self.ready.push_back(Item::Refused(bad.refused(what)));
    }

    fn row(&mut self, place: Place, record: &StringRecord) {
        let before = self.entry;
        self.entry += self.events_of_row();
        let case = cell(record, self.columns.case.at);
        let checked = match case {
            Some(case) => check_length("case id", case, CASE_ID_BYTES_MAX).map(|()| case),
            None => Err(Reason::NoCase(self.columns.case.name.clone())),
        };
        let case = match checked {
            Ok(case) => case,
            Err(reason) => {
                let what = match &self.columns.shape {
                    Shape::Events { .. } => Lost::Event,
                    Shape::Cases(events) => Lost::Case {
                        events: events
                            .iter()
                            .filter(|event| cell(record, event.time.at).is_some())
                            .count() as u64,
                    },
                };
                self.refuse(what, place, reason, &line_of(record));
                return;
            }
        };
        match &self.columns.shape {
            Shape::Events { .. } => {
                match event_of(record, case, place, self.entry, &self.columns, &mut self.times) {
                    Ok(event) => {
                        self.case_of_event(place, record, case);
                        self.ready.push_back(Item::Event(event));
                    }
                    Err(reason) => self.refuse(Lost::Event, place, reason, &line_of(record)),
                }
            }
            Shape::Cases(_) => self.whole_case(place, record, case, before),
        }
    }

    /// Gives out the case before the first of its events in a row.
    fn case_of_event(&mut self, place: Place, record: &StringRecord, case: &str) {
        if self.last == case {
            return;
        }
        case.clone_into(&mut self.last);
        let mut facts = self.facts(place, record);
        let mut attributes = BTreeMap::new();
        let mut stands = place;
        if let Some(row) = self.table.as_mut().and_then(|table| table.find(case)) {
            // The file of cases is about cases, so it has the last word.
            facts.extend(row.facts);
            attributes = row.attributes;
            stands = row.place;
        }
        self.ready.push_back(Item::Case(SourceCase {
            id: case.to_owned(),
            place: stands,
            facts,
            attributes,
        }));
    }

    fn whole_case(&mut self, place: Place, record: &StringRecord, case: &str, before: u64) {
        let facts = self.facts(place, record);
        self.ready.push_back(Item::Case(SourceCase {
            id: case.to_owned(),
            place,
            facts,
            attributes: rest_of(record, &self.columns.rest),
        }));
        let Shape::Cases(events) = &self.columns.shape else {
            return;
        };
        for (entry, event) in (before + 1..).zip(events) {
            let Some(text) = cell(record, event.time.at) else {
                continue;
            };
            let item = match self.times.read(text) {
                Ok(at) => Item::Event(SourceEvent {
                    case: case.to_owned(),
                    entry,
                    place,
                    activity: event.activity.clone(),
                    at,
                    at_text: text.to_owned(),
                    person: event.person.and_then(|at| owned(record, at)),
                    group: event.group.and_then(|at| owned(record, at)),
                    role: None,
                    lifecycle: None,
                    task: None,
                    attributes: BTreeMap::new(),
                }),
                Err(reason) => Item::Refused(Refused {
                    what: Lost::Event,
                    place,
                    reason,
                    excerpt: excerpt(&format!("{}={text}", event.time.name)),
                }),
            };
            self.ready.push_back(item);
        }
    }

    fn facts(&mut self, place: Place, record: &StringRecord) -> BTreeMap<CaseFact, Value> {
        facts_of(
            record,
            &self.columns.facts,
            place,
            &mut self.times,
            &mut self.ready,
        )
    }

    fn refuse(&mut self, what: Lost, place: Place, reason: Reason, found: &str) {
        let excerpt = excerpt(found);
        self.ready.push_back(Item::Refused(Refused {
            what,
            place,
            reason,
            excerpt,
        }));
    }
}

fn event_of(
    record: &StringRecord,
    case: &str,
    place: Place,
    entry: u64,
    columns: &Columns,
    times: &mut Times,
) -> Result<SourceEvent, Reason> {
    let Shape::Events { activity, time } = &columns.shape else {
        return Err(Reason::NoActivity(String::new()));
    };
    let name = cell(record, activity.at).ok_or_else(|| Reason::NoActivity(activity.name.clone()))?;
    check_length("activity", name, ACTIVITY_BYTES_MAX)?;
    let text = cell(record, time.at).ok_or_else(|| Reason::NoTime(time.name.clone()))?;
    let at = times.read(text)?;
    let optional = |column: Option<usize>| column.and_then(|at| owned(record, at));
    Ok(SourceEvent {
        case: case.to_owned(),
        entry,
        place,
        activity: name.to_owned(),
        at,
        at_text: text.to_owned(),
        person: optional(columns.person),
        group: optional(columns.group),
        role: optional(columns.role),
        lifecycle: optional(columns.lifecycle),
        task: optional(columns.task),
        attributes: rest_of(record, &columns.rest),
    })
}

/// A cell that is not blank.
fn cell(record: &StringRecord, at: usize) -> Option<&str> {
    record.get(at).filter(|text| !text.trim().is_empty())
}

fn owned(record: &StringRecord, at: usize) -> Option<String> {
    cell(record, at).map(ToOwned::to_owned)
}

fn rest_of(record: &StringRecord, rest: &[Cell]) -> BTreeMap<String, Value> {
    rest.iter()
        .filter_map(|column| Some((column.name.clone(), Value::Text(owned(record, column.at)?))))
        .collect()
}

fn facts_of(
    record: &StringRecord,
    columns: &[(CaseFact, Cell)],
    place: Place,
    times: &mut Times,
    ready: &mut VecDeque<Item>,
) -> BTreeMap<CaseFact, Value> {
    let mut facts = BTreeMap::new();
    for (fact, column) in columns {
        let Some(text) = owned(record, column.at) else {
            continue;
        };
        let value = if fact.is_instant() {
            times.read(&text).map(|at| Value::Instant {
                at,
                text: times.kept(&text),
            })
        } else {
            Ok(Value::Text(text.clone()))
        };
        match value {
            Ok(value) => {
                facts.insert(*fact, value);
            }
            Err(reason) => ready.push_back(Item::Refused(Refused {
                what: Lost::Attribute,
                place,
                reason,
                excerpt: excerpt(&format!("{}={text}", column.name)),
            })),
        }
    }
    facts
}

impl Columns {
    fn new(header: &Header, names: &CsvNames, mapping: &Mapping, place: Place) -> Result<Self, Stop> {
        let mut missing = Vec::new();
        let mut taken = Vec::new();
        let mut need = |name: &str| {
            let cell = header.need(name, &mut missing);
            taken.push(cell.at);
            cell
        };
        let case = need(&names.case);
        let shape = match names.row {
            Row::Event => Shape::Events {
                activity: need(names.activity.as_deref().unwrap_or_default()),
                time: need(names.time.as_deref().unwrap_or_default()),
            },
            Row::Case => {
                let event = |event: &ColumnEvent| CellEvent {
                    activity: event.activity.clone(),
                    time: need(&event.time),
                    person: event.person.as_deref().map(|name| need(name).at),
                    group: event.group.as_deref().map(|name| need(name).at),
                };
                Shape::Cases(names.events.iter().map(event).collect())
            }
        };
        let mut optional = |name: &Option<String>| name.as_deref().map(|name| need(name).at);
        let [person, group, role, lifecycle, task] = [
            &names.person,
            &names.group,
            &names.role,
            &names.lifecycle,
            &names.task,
        ]
        .map(&mut optional);
        let facts: Vec<_> = names
            .facts
            .named()
            .map(|(fact, name)| (fact, header.need(name, &mut missing)))
            .collect();
        // A fact is taken from the first row of a case; what later rows say there stays with their events.
        if names.row == Row::Case {
            taken.extend(facts.iter().map(|(_, cell)| cell.at));
        }
        header.check(&missing, mapping, place)?;
        Ok(Self {
            case,
            shape,
            person,
            group,
            role,
            lifecycle,
            task,
            facts,
            rest: header.rest(&taken),
        })
    }
}

/// The second file: what it says of each case.
struct Table {
    rows: BTreeMap<String, TableRow>,
    /// Cases without events, in the order of the file; made when the log is at its end.
    left: Option<VecDeque<SourceCase>>,
}

#[derive(Clone)]
struct TableRow {
    place: Place,
    facts: BTreeMap<CaseFact, Value>,
    attributes: BTreeMap<String, Value>,
    is_used: bool,
}

impl Table {
    fn read(
        input: Input,
        names: &CsvNames,
        mapping: &Mapping,
        times: &mut Times,
        ready: &mut VecDeque<Item>,
    ) -> Result<Self, Stop> {
        /// What a row takes beside its text, roughly.
        const ROW_BYTES: usize = 256;
        const CELL_BYTES: usize = 96;
        let start = input.place();
        let Some(file) = &names.cases else {
            let problem =
                Problem::CasesUnwanted("the mapping has no `csv.cases` section that says how to read it");
            return Err(stop(start, problem));
        };
        let mut input = Rows::new(input, names);
        let header = input.header()?;
        let (case, facts, rest) = Self::columns(&header, &file.case, &file.facts, mapping, start)?;
        let mut rows: BTreeMap<String, TableRow> = BTreeMap::new();
        let mut bytes = 0;
        loop {
            let (place, record) = match input.next()? {
                Some(Ok(row)) => row,
                Some(Err(bad)) => {
                    ready.push_back(Item::Refused(bad.refused(Lost::Case { events: 0 })));
                    continue;
                }
                None => return Ok(Self { rows, left: None }),
            };
            let id = cell(&record, case.at)
                .ok_or_else(|| Reason::NoCase(case.name.clone()))
                .and_then(|id| {
                    check_length("case id", id, CASE_ID_BYTES_MAX)?;
                    match rows.get(id) {
                        Some(first) => Err(Reason::CaseRepeated {
                            case: excerpt(id),
                            line: first.place.line,
                        }),
                        None => Ok(id.to_owned()),
                    }
                });
            match id {
                Ok(id) => {
                    bytes += ROW_BYTES + record.as_slice().len() + record.len() * CELL_BYTES;
                    if bytes > CASE_TABLE_BYTES_MAX {
                        return Err(stop(place, Problem::CaseTableTooLong));
                    }
                    let row = TableRow {
                        place,
                        facts: facts_of(&record, &facts, place, times, ready),
                        attributes: rest_of(&record, &rest),
                        is_used: false,
                    };
                    rows.insert(id, row);
                }
                Err(reason) => ready.push_back(Item::Refused(Refused {
                    what: Lost::Case { events: 0 },
                    place,
                    reason,
                    excerpt: excerpt(&line_of(&record)),
                })),
            }
        }
    }

    #[expect(
        clippy::type_complexity,
        reason = "three lists of columns, named by the caller"
    )]
    fn columns(
        header: &Header,
        case: &str,
        facts: &Facts,
        mapping: &Mapping,
        place: Place,
    ) -> Result<(Cell, Vec<(CaseFact, Cell)>, Vec<Cell>), Stop> {
        let mut missing = Vec::new();
        let case = header.need(case, &mut missing);
        let facts: Vec<_> = facts
            .named()
            .map(|(fact, name)| (fact, header.need(name, &mut missing)))
            .collect();
        header.check(&missing, mapping, place)?;
        let mut taken: Vec<_> = facts.iter().map(|(_, cell)| cell.at).collect();
        taken.push(case.at);
        Ok((case, facts, header.rest(&taken)))
    }

    fn find(&mut self, case: &str) -> Option<TableRow> {
        let row = self.rows.get_mut(case)?;
        row.is_used = true;
        Some(row.clone())
    }

    fn next_without_events(&mut self) -> Option<SourceCase> {
        if self.left.is_none() {
            let rows = std::mem::take(&mut self.rows);
            let mut left: Vec<_> = rows
                .into_iter()
                .filter(|(_, row)| !row.is_used)
                .map(|(id, row)| SourceCase {
                    id,
                    place: row.place,
                    facts: row.facts,
                    attributes: row.attributes,
                })
                .collect();
            left.sort_by_key(|case| case.place);
            self.left = Some(left.into());
        }
        self.left.as_mut()?.pop_front()
    }
}
