//! XES (1.0, 2.0 and IEEE 1849): one trace at a time.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::mem;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::input::Input;
use super::mapping::XesNames;
use super::source::{
    ACTIVITY_BYTES_MAX, ATTRIBUTE_DEPTH_MAX, ATTRIBUTES_MAX, CASE_ID_BYTES_MAX, ELEMENT_BYTES_MAX,
    ELEMENT_DEPTH_MAX, Item, Lost, Place, Problem, Reason, Refused, SourceCase, SourceEvent, Stop,
    TAG_ATTRIBUTES_MAX, TRACE_BYTES_MAX, TRACE_EVENTS_MAX, Value, check_length, excerpt, stop,
};
use super::times::Times;

/// Reads XES.
pub(super) struct XesReader {
    xml: NsReader<Input>,
    buffer: Vec<u8>,
    names: XesNames,
    times: Times,
    /// The namespace of the first element: elements of another one are someone else's, and are passed over.
    namespace: Option<String>,
    /// The elements that are open, by their names.
    open: Vec<String>,
    state: State,
    entry: u64,
    /// Read and not yet given out.
    ready: VecDeque<Item>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Inside,
    Behind,
}

/// What the parser found.
enum Token {
    Open(Tag),
    Close,
    Text(String),
    End,
}

struct Tag {
    kind: Kind,
    key: Option<String>,
    value: Option<String>,
    place: Place,
}

/// The elements of XES.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Log,
    Trace,
    Event,
    Attribute(Type),
    Values,
    /// `extension`, `global` and `classifier`: they declare, and say nothing of a case.
    Declaration,
    /// An element of another namespace.
    Foreign,
    Unknown(String),
}

/// The types of attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    String,
    Date,
    Int,
    Float,
    Boolean,
    Id,
    List,
    Container,
}

/// The attributes of one trace or event as they come in.
#[derive(Default)]
struct Bag {
    values: BTreeMap<String, Value>,
    refused: Vec<(String, Refused)>,
    is_full: bool,
}

impl Bag {
    fn put(&mut self, key: String, value: Value, place: Place) {
        if self.values.len() >= ATTRIBUTES_MAX {
            if !self.is_full {
                self.is_full = true;
                self.refuse(key, place, Reason::TooManyAttributes, &value.to_string());
            }
            return;
        }
        match self.values.entry(key) {
            Entry::Vacant(free) => {
                free.insert(value);
            }
            Entry::Occupied(taken) => {
                let key = taken.key().clone();
                self.refuse(
                    key.clone(),
                    place,
                    Reason::Repeated(excerpt(&key)),
                    &value.to_string(),
                );
            }
        }
    }

    fn refuse(&mut self, key: String, place: Place, reason: Reason, found: &str) {
        self.refuse_as(Lost::Attribute, key, place, reason, found);
    }

    fn refuse_as(&mut self, what: Lost, key: String, place: Place, reason: Reason, found: &str) {
        // More refusals than attributes are allowed are a flood, of which the beginning says enough.
        if self.refused.len() < ATTRIBUTES_MAX {
            let excerpt = excerpt(found);
            self.refused.push((
                key,
                Refused {
                    what,
                    place,
                    reason,
                    excerpt,
                },
            ));
        }
    }

    /// Takes an attribute out as text; empty text is none.
    fn take_text(&mut self, key: &str) -> Option<String> {
        let text = match self.values.remove(key)? {
            Value::Text(text) => text,
            other @ (Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Instant { .. }) => {
                other.to_string()
            }
        };
        (!text.trim().is_empty()).then_some(text)
    }

    /// Why there is no attribute with this key: because it was refused, or for the reason given.
    fn why_missing(&mut self, key: &str, place: Place, missing: Reason) -> (Place, Reason, String) {
        match self.refused.iter().position(|(refused, _)| refused == key) {
            Some(at) => {
                let (_, refused) = self.refused.swap_remove(at);
                (refused.place, refused.reason, refused.excerpt)
            }
            None => (place, missing, String::new()),
        }
    }

    /// The cases and events that lay in it, where none should: they are told even when the whole is refused.
    fn misplaced(self) -> impl Iterator<Item = Refused> {
        self.refused
            .into_iter()
            .map(|(_, refused)| refused)
            .filter(|refused| refused.what != Lost::Attribute)
    }

    /// The beginning of what it holds, for a report.
    fn excerpt(&self) -> String {
        let pairs: Vec<_> = self
            .values
            .iter()
            .take(4)
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        excerpt(&pairs.join(", "))
    }
}

impl XesReader {
    pub(super) fn new(input: Input, names: XesNames, times: Times) -> Self {
        let mut xml = NsReader::from_reader(input);
        xml.config_mut().expand_empty_elements = true;
        Self {
            xml,
            buffer: Vec::new(),
            names,
            times,
            namespace: None,
            open: Vec::new(),
            state: State::Before,
            entry: 0,
            ready: VecDeque::new(),
        }
    }

    pub(super) const fn times(&self) -> &Times {
        &self.times
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.xml.get_ref().place().byte
    }

    /// The next item; `None` behind the log.
    pub(super) fn next(&mut self) -> Result<Option<Item>, Stop> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            let place = self.place();
            match self.token()? {
                Token::Open(tag) if self.state == State::Inside => self.in_log(&tag)?,
                Token::Open(tag) => self.first(&tag)?,
                Token::Close => self.state = State::Behind,
                Token::Text(text) if self.state == State::Inside => {
                    self.refuse(Lost::Attribute, place, Reason::StrayText, &text);
                }
                Token::Text(_) => return Err(broken(place, "text outside of the first element")),
                Token::End if self.state == State::Before => {
                    return Err(broken(place, "it has no element"));
                }
                Token::End => return Ok(None),
            }
        }
    }

    fn first(&mut self, tag: &Tag) -> Result<(), Stop> {
        if self.state == State::Behind {
            return Err(broken(tag.place, "a second element follows the first"));
        }
        if tag.kind != Kind::Log {
            let name = self.open.last().cloned().unwrap_or_default();
            return Err(stop(tag.place, Problem::NotXes(excerpt(&name))));
        }
        self.state = State::Inside;
        Ok(())
    }

    fn in_log(&mut self, tag: &Tag) -> Result<(), Stop> {
        match tag.kind {
            Kind::Trace => self.trace(tag.place),
            Kind::Event => {
                self.entry += 1;
                self.refuse(Lost::Event, tag.place, Reason::OutsideTrace, "");
                self.pass().map(|_| ())
            }
            // What the log says of itself is no fact about a case.
            Kind::Attribute(_) | Kind::Declaration | Kind::Foreign => self.pass().map(|_| ()),
            Kind::Log | Kind::Values | Kind::Unknown(_) => {
                let name = self.open.last().cloned().unwrap_or_default();
                self.refuse(
                    Lost::Attribute,
                    tag.place,
                    Reason::UnknownElement(excerpt(&name)),
                    "",
                );
                self.pass().map(|_| ())
            }
        }
    }

    fn trace(&mut self, place: Place) -> Result<(), Stop> {
        let mut bag = Bag::default();
        let mut events = Vec::new();
        let mut count: u64 = 0;
        let mut is_too_long = false;
        loop {
            let here = self.place();
            is_too_long |=
                here.byte.saturating_sub(place.byte) > TRACE_BYTES_MAX || events.len() > TRACE_EVENTS_MAX;
            if is_too_long {
                // Its events are counted and numbered, and no longer kept.
                bag = Bag::default();
                events = Vec::new();
            }
            match self.token()? {
                Token::Open(tag) => match tag.kind {
                    Kind::Event => {
                        self.entry += 1;
                        count += 1;
                        if is_too_long {
                            self.pass()?;
                        } else {
                            count += self.event(tag.place, &mut events)?;
                        }
                    }
                    Kind::Attribute(kind) if !is_too_long => {
                        self.attribute(kind, tag, "", 1, None, &mut bag)?;
                    }
                    Kind::Attribute(_) | Kind::Foreign => {
                        self.pass()?;
                    }
                    kind
                    @ (Kind::Log | Kind::Trace | Kind::Values | Kind::Declaration | Kind::Unknown(_)) => {
                        self.misplaced(&kind, tag.place, &mut bag)?;
                    }
                },
                Token::Text(text) => bag.refuse(String::new(), here, Reason::StrayText, &text),
                Token::Close | Token::End => break,
            }
        }
        if is_too_long {
            self.refuse(Lost::Case { events: count }, place, Reason::TraceTooLong, "");
            return Ok(());
        }
        self.finish_trace(place, bag, events, count);
        Ok(())
    }

    fn finish_trace(&mut self, place: Place, mut bag: Bag, events: Vec<Item>, count: u64) {
        let found = bag.excerpt();
        let id = bag.take_text(&self.names.case);
        let id = if let Some(id) = id {
            check_length("case id", &id, CASE_ID_BYTES_MAX)
                .map(|()| id)
                .map_err(|reason| (place, reason, found))
        } else {
            let missing = Reason::NoCase(self.names.case.clone());
            let (at, reason, text) = bag.why_missing(&self.names.case, place, missing);
            Err((at, reason, if text.is_empty() { found } else { text }))
        };
        let id = match id {
            Ok(id) => id,
            Err((at, reason, found)) => {
                self.ready.extend(bag.misplaced().map(Item::Refused));
                self.refuse(Lost::Case { events: count }, at, reason, &found);
                return;
            }
        };
        let mut facts = BTreeMap::new();
        for (fact, name) in self.names.facts.named() {
            let Some(value) = bag.values.remove(name) else {
                continue;
            };
            match value {
                Value::Text(text) if fact.is_instant() => match self.times.read(&text) {
                    Ok(at) => {
                        let text = self.times.kept(&text);
                        facts.insert(fact, Value::Instant { at, text });
                    }
                    Err(reason) => bag.refuse(name.to_owned(), place, reason, &format!("{name}={text}")),
                },
                value @ (Value::Text(_)
                | Value::Integer(_)
                | Value::Float(_)
                | Value::Boolean(_)
                | Value::Instant { .. }) => {
                    facts.insert(fact, value);
                }
            }
        }
        self.give_refused(bag.refused);
        self.ready.push_back(Item::Case(SourceCase {
            id: id.clone(),
            place,
            facts,
            attributes: bag.values,
        }));
        self.ready.extend(events.into_iter().map(|item| match item {
            Item::Event(event) => Item::Event(SourceEvent {
                case: id.clone(),
                ..event
            }),
            other @ (Item::Case(_) | Item::Refused(_)) => other,
        }));
    }

    /// Reads one event, and says how many others lie inside of it, where none should.
    fn event(&mut self, place: Place, into: &mut Vec<Item>) -> Result<u64, Stop> {
        let entry = self.entry;
        let mut bag = Bag::default();
        loop {
            let here = self.place();
            match self.token()? {
                Token::Open(tag) => match tag.kind {
                    Kind::Attribute(kind) => self.attribute(kind, tag, "", 1, None, &mut bag)?,
                    Kind::Foreign => {
                        self.pass()?;
                    }
                    kind @ (Kind::Log
                    | Kind::Trace
                    | Kind::Event
                    | Kind::Values
                    | Kind::Declaration
                    | Kind::Unknown(_)) => self.misplaced(&kind, tag.place, &mut bag)?,
                },
                Token::Text(text) => bag.refuse(String::new(), here, Reason::StrayText, &text),
                Token::Close | Token::End => break,
            }
        }
        let found = bag.excerpt();
        match self.finish_event(place, entry, &mut bag) {
            Ok(event) => {
                into.extend(bag.refused.into_iter().map(|(_, refused)| Item::Refused(refused)));
                let attributes = bag.values;
                into.push(Item::Event(SourceEvent { attributes, ..event }));
            }
            Err(why) => {
                into.extend(bag.misplaced().map(Item::Refused));
                let (place, reason, text) = *why;
                let excerpt = if text.is_empty() { found } else { text };
                let what = Lost::Event;
                into.push(Item::Refused(Refused {
                    what,
                    place,
                    reason,
                    excerpt,
                }));
            }
        }
        Ok(self.entry - entry)
    }

    fn finish_event(
        &mut self,
        place: Place,
        entry: u64,
        bag: &mut Bag,
    ) -> Result<SourceEvent, Box<(Place, Reason, String)>> {
        let names = &self.names;
        let Some(activity) = bag.take_text(&names.activity) else {
            return Err(Box::new(bag.why_missing(
                &names.activity,
                place,
                Reason::NoActivity(names.activity.clone()),
            )));
        };
        if let Err(reason) = check_length("activity", &activity, ACTIVITY_BYTES_MAX) {
            return Err(Box::new((place, reason, excerpt(&activity))));
        }
        let (at, at_text) = match bag.values.remove(&names.time) {
            Some(Value::Instant { at, text }) => (at, text),
            Some(other) => {
                let text = other.to_string();
                match self.times.read(&text) {
                    Ok(at) => (at, text),
                    Err(reason) => return Err(Box::new((place, reason, String::new()))),
                }
            }
            None => {
                return Err(Box::new(bag.why_missing(
                    &names.time,
                    place,
                    Reason::NoTime(names.time.clone()),
                )));
            }
        };
        Ok(SourceEvent {
            case: String::new(),
            entry,
            place,
            activity,
            at,
            at_text,
            person: bag.take_text(&names.person),
            group: bag.take_text(&names.group),
            role: bag.take_text(&names.role),
            lifecycle: bag.take_text(&names.lifecycle),
            task: bag.take_text(&names.task),
            attributes: BTreeMap::new(),
        })
    }

    /// Reads one attribute and those inside of it, up to its end. `number` is its place in a list, where keys repeat.
    fn attribute(
        &mut self,
        kind: Type,
        tag: Tag,
        outer: &str,
        depth: usize,
        number: Option<u64>,
        bag: &mut Bag,
    ) -> Result<(), Stop> {
        let Tag {
            key, value, place, ..
        } = tag;
        if depth > ATTRIBUTE_DEPTH_MAX {
            bag.refuse(
                String::new(),
                place,
                Reason::TooDeep,
                key.as_deref().unwrap_or_default(),
            );
            return self.pass().map(|_| ());
        }
        let Some(key) = key else {
            let element = self.open.last().cloned().unwrap_or_default();
            let reason = Reason::Incomplete {
                element: excerpt(&element),
                wanted: "key",
            };
            bag.refuse(String::new(), place, reason, value.as_deref().unwrap_or_default());
            return self.pass().map(|_| ());
        };
        let name = match (outer, number) {
            ("", _) => key,
            (outer, None) => format!("{outer}/{key}"),
            (outer, Some(number)) => format!("{outer}/{number}/{key}"),
        };
        match (kind, value) {
            (Type::List | Type::Container, _) => {}
            (_, Some(text)) => match self.value(kind, &name, text) {
                Ok(value) => bag.put(name.clone(), value, place),
                Err((reason, text)) => bag.refuse(name.clone(), place, reason, &format!("{name}={text}")),
            },
            (_, None) => {
                let element = self.open.last().cloned().unwrap_or_default();
                let reason = Reason::Incomplete {
                    element: excerpt(&element),
                    wanted: "value",
                };
                bag.refuse(name.clone(), place, reason, &name);
            }
        }
        let mut numbers = (kind == Type::List).then_some(0);
        self.inner(&name, depth, &mut numbers, bag)
    }

    /// Reads what lies inside an attribute, up to the attribute's end.
    fn inner(
        &mut self,
        outer: &str,
        depth: usize,
        numbers: &mut Option<u64>,
        bag: &mut Bag,
    ) -> Result<(), Stop> {
        loop {
            let here = self.place();
            match self.token()? {
                Token::Open(tag) => match tag.kind {
                    Kind::Attribute(kind) => {
                        *numbers = numbers.map(|number| number + 1);
                        let number = *numbers;
                        self.attribute(kind, tag, outer, depth + 1, number, bag)?;
                    }
                    Kind::Values if numbers.is_some() => self.inner(outer, depth, numbers, bag)?,
                    Kind::Foreign => {
                        self.pass()?;
                    }
                    kind @ (Kind::Log
                    | Kind::Trace
                    | Kind::Event
                    | Kind::Values
                    | Kind::Declaration
                    | Kind::Unknown(_)) => self.misplaced(&kind, tag.place, bag)?,
                },
                Token::Text(text) => bag.refuse(String::new(), here, Reason::StrayText, &text),
                Token::Close | Token::End => return Ok(()),
            }
        }
    }

    fn value(&mut self, kind: Type, key: &str, text: String) -> Result<Value, (Reason, String)> {
        let wrong = |expected, text: String| {
            let key = excerpt(key);
            Err((
                Reason::WrongType {
                    key,
                    text: excerpt(&text),
                    expected,
                },
                text,
            ))
        };
        match kind {
            Type::String | Type::Id | Type::List | Type::Container => Ok(Value::Text(text)),
            Type::Date => match self.times.read(&text) {
                Ok(at) => Ok(Value::Instant { at, text }),
                Err(reason) => Err((reason, text)),
            },
            Type::Int => match text.trim().parse() {
                Ok(number) => Ok(Value::Integer(number)),
                Err(_) => wrong("whole number of 64 bits", text),
            },
            Type::Float => match text.trim().parse::<f64>() {
                Ok(_) => Ok(Value::Float(text)),
                Err(_) => wrong("number", text),
            },
            Type::Boolean => match text.trim() {
                "true" | "1" | "True" | "TRUE" => Ok(Value::Boolean(true)),
                "false" | "0" | "False" | "FALSE" => Ok(Value::Boolean(false)),
                _ => wrong("true or false", text),
            },
        }
    }

    /// Refuses an element where it has no place, with the events that lie in it.
    fn misplaced(&mut self, kind: &Kind, place: Place, bag: &mut Bag) -> Result<(), Stop> {
        let name = excerpt(self.open.last().map_or("", String::as_str));
        let is_event = *kind == Kind::Event;
        self.entry += u64::from(is_event);
        let inside = self.pass()?;
        let what = match kind {
            Kind::Event if inside == 0 => Lost::Event,
            Kind::Log | Kind::Trace | Kind::Event => Lost::Case {
                events: inside + u64::from(is_event),
            },
            Kind::Attribute(_) | Kind::Values | Kind::Declaration | Kind::Foreign | Kind::Unknown(_) => {
                Lost::Attribute
            }
        };
        bag.refuse_as(what, String::new(), place, Reason::UnknownElement(name), "");
        Ok(())
    }

    /// Passes over the rest of the element that was opened last, and says how many events were in it.
    fn pass(&mut self) -> Result<u64, Stop> {
        let outside = self.open.len().saturating_sub(1);
        let before = self.entry;
        while self.open.len() > outside {
            match self.token()? {
                Token::Open(tag) => self.entry += u64::from(tag.kind == Kind::Event),
                Token::Close | Token::Text(_) => {}
                Token::End => break,
            }
        }
        Ok(self.entry - before)
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

    fn give_refused(&mut self, refused: Vec<(String, Refused)>) {
        self.ready
            .extend(refused.into_iter().map(|(_, refused)| Item::Refused(refused)));
    }

    fn place(&self) -> Place {
        self.xml.get_ref().place()
    }

    /// The next tag, end or text that is not blank.
    fn token(&mut self) -> Result<Token, Stop> {
        // The buffer is taken out of `self` while the event borrows from it.
        let mut buffer = mem::take(&mut self.buffer);
        let token = loop {
            buffer.clear();
            let place = self.place();
            self.xml.get_mut().allow(ELEMENT_BYTES_MAX);
            match self.read(&mut buffer, place) {
                Ok(None) => {}
                Ok(Some(token)) => break Ok(token),
                Err(stop) => break Err(stop),
            }
        };
        self.buffer = buffer;
        token
    }

    /// One step of the parser; `None` for what says nothing (comments, blanks).
    fn read(&mut self, buffer: &mut Vec<u8>, place: Place) -> Result<Option<Token>, Stop> {
        let event = match self.xml.read_event_into(buffer) {
            Ok(event) => event,
            Err(error) => return Err(self.stop(error, place)),
        };
        match event {
            Event::Start(start) | Event::Empty(start) => {
                let tag = read_tag(&start, &self.xml, &mut self.namespace, place)?;
                self.open.push(start.name().0.to_owned());
                if self.open.len() > ELEMENT_DEPTH_MAX {
                    return Err(stop(place, Problem::TooDeep));
                }
                Ok(Some(Token::Open(tag)))
            }
            Event::End(_) => {
                self.open.pop();
                Ok(Some(Token::Close))
            }
            Event::Text(text) => {
                let text: &str = &text;
                if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() {
                    return Ok(None);
                }
                Ok(Some(Token::Text(excerpt(text.trim()))))
            }
            Event::CData(text) => Ok(Some(Token::Text(excerpt(&text)))),
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                Ok(Some(Token::Text(excerpt(&format!("&{name};")))))
            }
            Event::DocType(_) => Err(stop(place, Problem::Doctype)),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(name)) if !is_utf8(&name) => Err(stop(place, Problem::Encoding(excerpt(&name)))),
                Some(Ok(_)) | None => Ok(None),
                Some(Err(error)) => Err(stop(place, Problem::Xml(excerpt(&error.to_string())))),
            },
            Event::Comment(_) | Event::PI(_) => Ok(None),
            Event::Eof => match self.open.last() {
                Some(name) => Err(stop(self.place(), Problem::CutOff(excerpt(name)))),
                None => Ok(Some(Token::End)),
            },
        }
    }

    fn stop(&self, error: quick_xml::Error, place: Place) -> Stop {
        let here = self.place();
        match error {
            quick_xml::Error::Io(_) if self.xml.get_ref().is_exhausted() => {
                stop(place, Problem::ElementTooLong)
            }
            quick_xml::Error::Io(error) => {
                let error = std::io::Error::new(error.kind(), error.to_string());
                stop(here, Problem::Unreadable(error))
            }
            quick_xml::Error::Encoding(_) => stop(place, Problem::NotUtf8),
            // A tag that is never closed swallows the rest, so its beginning says more than its end.
            error @ (quick_xml::Error::Syntax(_)
            | quick_xml::Error::IllFormed(_)
            | quick_xml::Error::InvalidAttr(_)
            | quick_xml::Error::Escape(_)
            | quick_xml::Error::Namespace(_)) => stop(place, Problem::Xml(message(&error))),
        }
    }
}

fn broken(place: Place, problem: &str) -> Stop {
    stop(place, Problem::Xml(problem.to_owned()))
}

fn message(error: &quick_xml::Error) -> String {
    let text = error.to_string();
    let text = text
        .strip_prefix("ill-formed document: ")
        .or_else(|| text.strip_prefix("syntax error: "))
        .unwrap_or(&text);
    text.chars()
        .take(200)
        .map(|c| if c.is_control() { '·' } else { c })
        .collect()
}

fn is_utf8(name: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn read_tag(
    start: &BytesStart<'_>,
    xml: &NsReader<Input>,
    namespace: &mut Option<String>,
    place: Place,
) -> Result<Tag, Stop> {
    let broken = |problem: String| stop(place, Problem::Xml(problem));
    let (resolved, local) = xml.resolver().resolve_element(start.name());
    let found = match resolved {
        ResolveResult::Bound(namespace) => namespace.0,
        ResolveResult::Unbound => "",
        ResolveResult::Unknown(prefix) => {
            return Err(broken(format!(
                "the prefix `{}` is not declared",
                excerpt(&prefix)
            )));
        }
    };
    let is_ours = namespace.get_or_insert_with(|| found.to_owned()) == found;
    let mut tag = Tag {
        kind: if is_ours {
            kind(local.as_ref())
        } else {
            Kind::Foreign
        },
        key: None,
        value: None,
        place,
    };
    for (number, attribute) in start.attributes().enumerate() {
        if number >= TAG_ATTRIBUTES_MAX {
            return Err(broken(format!(
                "a tag has more than {TAG_ATTRIBUTES_MAX} attributes"
            )));
        }
        let attribute = attribute.map_err(|error| broken(message(&error.into())))?;
        let into = match attribute.key.0 {
            "key" => &mut tag.key,
            "value" => &mut tag.value,
            _ => continue,
        };
        let text = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| broken(message(&error)))?;
        if let Some(c) = text
            .chars()
            .find(|c| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r' | '\x7f'))
        {
            return Err(broken(format!(
                "the character U+{:04X} is not allowed in XML",
                u32::from(c)
            )));
        }
        *into = Some(text.into_owned());
    }
    Ok(tag)
}

fn kind(name: &str) -> Kind {
    match name {
        "log" => Kind::Log,
        "trace" => Kind::Trace,
        "event" => Kind::Event,
        "string" => Kind::Attribute(Type::String),
        "date" => Kind::Attribute(Type::Date),
        "int" => Kind::Attribute(Type::Int),
        "float" => Kind::Attribute(Type::Float),
        "boolean" => Kind::Attribute(Type::Boolean),
        "id" => Kind::Attribute(Type::Id),
        "list" => Kind::Attribute(Type::List),
        "container" => Kind::Attribute(Type::Container),
        "values" => Kind::Values,
        "extension" | "global" | "classifier" => Kind::Declaration,
        other => Kind::Unknown(other.chars().take(60).collect()),
    }
}
