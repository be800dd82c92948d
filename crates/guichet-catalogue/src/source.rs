//! The text of a catalogue's documents, and where in it each value stands.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use crate::width::{columns, expand};

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The document, by its path inside the catalogue.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// How many characters the value has; at least 1.
    pub length: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Every document of a catalogue, with the places of its values.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: BTreeMap<String, Document>,
}

#[derive(Clone, Debug)]
struct Document {
    text: String,
    /// By path, such as `/flow/sequence/0/step/id`.
    spots: BTreeMap<String, Spot>,
}

#[derive(Clone, Debug)]
struct Spot {
    line: usize,
    column: usize,
    length: usize,
    scalar: Option<String>,
}

impl SourceMap {
    /// Adds a document that was read as YAML before; places in one that is no YAML are unknown.
    pub(crate) fn add(&mut self, file: &str, text: &str) {
        let mut spots = BTreeMap::new();
        if let Ok(root) = serde_saphyr::from_str_with_options::<Marked>(text, crate::load::options()) {
            root.collect("", &mut spots);
        }
        let text = text.to_owned();
        self.files.insert(file.to_owned(), Document { text, spots });
    }

    /// The documents, in order of their paths.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The text of one document.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&str> {
        self.files.get(file).map(|document| document.text.as_str())
    }

    /// The place of the value at a path such as `/terms/promised/term`, or of the nearest one around it.
    #[must_use]
    pub fn place(&self, file: &str, path: &str) -> Place {
        let spots = self.files.get(file).map(|document| &document.spots);
        let mut path = path;
        loop {
            if let Some(spot) = spots.and_then(|spots| spots.get(path)) {
                return spot.at(file);
            }
            match path.rsplit_once('/') {
                Some((around, _)) => path = around,
                None => return Place::start(file),
            }
        }
    }

    /// The place where a flow gives the step or block `id` its name. An id from a sub-flow stands where that sub-flow
    /// is taken in.
    #[must_use]
    pub fn place_of_id(&self, file: &str, id: &str) -> Place {
        let mut id = id;
        loop {
            let named = |key| self.place_of_text(file, "/flow", key, id);
            if let Some(place) = named("/id").or_else(|| named("/procedure/procedure")) {
                return place;
            }
            match id.rsplit_once('.') {
                Some((around, _)) => id = around,
                None => return self.place(file, "/flow"),
            }
        }
    }

    /// The first place below `under` where a path ending in `key` has the value `text`.
    pub(crate) fn place_of_text(&self, file: &str, under: &str, key: &str, text: &str) -> Option<Place> {
        let spots = self
            .files
            .get(file)
            .into_iter()
            .flat_map(|document| &document.spots);
        let mut fitting = spots.filter(|(path, spot)| {
            path.starts_with(under) && path.ends_with(key) && spot.scalar.as_deref() == Some(text)
        });
        fitting.next().map(|(_, spot)| spot.at(file))
    }

    /// The line of a place with a caret under the value, as a compiler shows it; nothing where the line is unknown.
    #[must_use]
    pub fn snippet(&self, place: &Place) -> String {
        let Some(line) = self.line(place) else {
            return String::new();
        };
        snippet(line, place)
    }

    /// The line on which a place stands.
    #[must_use]
    pub fn line(&self, place: &Place) -> Option<&str> {
        self.text(&place.file)?.lines().nth(place.line.checked_sub(1)?)
    }
}

/// A line with a caret under the value at `place`. A wide character takes two columns, so that the caret stands right.
pub(crate) fn snippet(line: &str, place: &Place) -> String {
    /// What a terminal shows of a line without breaking it.
    const SHOWN_CHARS_MAX: usize = 120;

    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let start = place.column.saturating_sub(1);
    // A long line is shown around the value.
    let skipped = start.saturating_sub(SHOWN_CHARS_MAX * 2 / 3);
    let shown: String = line.chars().skip(skipped).take(SHOWN_CHARS_MAX).collect();
    let before: String = line.chars().skip(skipped).take(start - skipped).collect();
    let value: String = shown.chars().skip(start - skipped).take(place.length).collect();
    let before = " ".repeat(columns(&expand(&before)));
    let carets = "^".repeat(columns(&expand(&value)).max(1));
    format!(
        "{margin} |\n{number} | {}\n{margin} | {before}{carets}\n",
        expand(&shown).trim_end()
    )
}

impl Place {
    pub(crate) fn start(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            line: 1,
            column: 1,
            length: 1,
        }
    }

    pub(crate) fn of(file: &str, location: Location) -> Self {
        Self {
            file: file.to_owned(),
            line: usize::try_from(location.line()).unwrap_or(usize::MAX).max(1),
            column: usize::try_from(location.column()).unwrap_or(usize::MAX).max(1),
            length: usize::try_from(location.span().len()).unwrap_or(1).max(1),
        }
    }
}

impl Spot {
    fn at(&self, file: &str) -> Place {
        Place {
            file: file.to_owned(),
            line: self.line,
            column: self.column,
            length: self.length,
        }
    }
}

/// A YAML value that knows where it stands.
struct Marked(Spanned<Node>);

enum Node {
    Scalar(String),
    List(Vec<Marked>),
    Map(Vec<(String, Marked)>),
}

impl Marked {
    fn collect(&self, path: &str, spots: &mut BTreeMap<String, Spot>) {
        let place = Place::of("", self.0.referenced);
        let scalar = match &self.0.value {
            Node::Scalar(text) => Some(text.clone()),
            Node::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    item.collect(&format!("{path}/{at}"), spots);
                }
                None
            }
            Node::Map(entries) => {
                for (key, value) in entries {
                    value.collect(&format!("{path}/{key}"), spots);
                }
                None
            }
        };
        let length = scalar.as_ref().map_or(1, |text| text.chars().count().max(1));
        spots.insert(
            path.to_owned(),
            Spot {
                line: place.line,
                column: place.column,
                length,
                scalar,
            },
        );
    }
}

impl<'de> Deserialize<'de> for Marked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Scalar(value.to_string()))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Scalar(value.to_string()))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Scalar(value.to_string()))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Scalar(value.to_string()))
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Scalar(value.to_owned()))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
                Ok(Node::Scalar(String::new()))
            }

            fn visit_none<E: de::Error>(self) -> Result<Node, E> {
                Ok(Node::Scalar(String::new()))
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
                Node::deserialize(deserializer)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Map(entries))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_path_and_an_id_by_its_text() {
        let mut sources = SourceMap::default();
        sources.add(
            "p.yaml",
            "flow:\n  sequence:\n    - step: {id: 受理, term: 5wd}\n    - procedure: {procedure: eia}\n",
        );
        let at = |place: Place| (place.line, place.column, place.length);
        assert_eq!(
            at(sources.place("p.yaml", "/flow/sequence/0/step/term")),
            (3, 28, 3)
        );
        assert_eq!(
            at(sources.place("p.yaml", "/flow/sequence/0/step/safety")),
            (3, 13, 1)
        );
        assert_eq!(at(sources.place_of_id("p.yaml", "受理")), (3, 18, 2));
        assert_eq!(at(sources.place_of_id("p.yaml", "eia.intake")), (4, 30, 3));
        let place = sources.place("p.yaml", "/flow/sequence/0/step/term");
        assert_eq!(
            sources.snippet(&place),
            "  |\n3 |     - step: {id: 受理, term: 5wd}\n  |                              ^^^\n"
        );
    }
}
