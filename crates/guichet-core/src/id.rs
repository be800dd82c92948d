//! Identifiers: short printable names, one type for each kind of thing, and the two counters of the log.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest identifier, in bytes: it has one length byte in a record, and people read it aloud.
pub const ID_BYTES_MAX: usize = 128;

/// Text that is no identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing at all.
    #[error("an identifier is empty")]
    Empty,
    /// More bytes than the kind of identifier may have.
    #[error("an identifier has {0} bytes, and {1} is the most")]
    TooLong(usize, usize),
    /// A character that cannot be seen, or that separates things elsewhere.
    #[error("an identifier holds {found:?} at byte {at}; control characters and line breaks are not allowed")]
    Unprintable {
        /// The character.
        found: char,
        /// Its place, in bytes.
        at: usize,
    },
    /// Blanks at an end, which nobody would see.
    #[error("an identifier begins or ends with a blank")]
    Blank,
}

/// What stands before a case's id in the name of its stream.
const CASE_PREFIX: &str = "case/";

fn check(text: &str, bytes_max: usize) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > bytes_max {
        return Err(IdError::TooLong(text.len(), bytes_max));
    }
    if let Some((at, found)) = text
        .char_indices()
        .find(|(_, c)| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'))
    {
        return Err(IdError::Unprintable { found, at });
    }
    if text.trim() != text {
        return Err(IdError::Blank);
    }
    Ok(())
}

/// How many texts a thread keeps to share. A centre's windows, departments, staff, procedures and steps are some hundreds.
const SHARED_TEXTS: usize = 1024;

thread_local! {
    /// The texts that identifiers on this thread had last, each in the place that its bytes lead to.
    static SHARED: RefCell<Vec<Option<Arc<str>>>> = const { RefCell::new(Vec::new()) };
}

/// The text of an identifier that many records name: one that this thread has read before is not made again.
///
/// A history of a million cases names the same few hundred windows, steps and people; shared, they take no room in what is
/// folded from it, and are not checked again.
fn shared(text: &str, bytes_max: usize) -> Result<Arc<str>, IdError> {
    let place = place_of(text);
    let known = SHARED.try_with(|texts| {
        let texts = texts.try_borrow().ok()?;
        let known = texts.get(place)?.as_ref()?;
        (**known == *text && text.len() <= bytes_max).then(|| Arc::clone(known))
    });
    if let Ok(Some(known)) = known {
        return Ok(known);
    }
    let made = own(text, bytes_max)?;
    // A thread that is ending shares nothing more.
    let _ = SHARED.try_with(|texts| {
        let mut texts = texts.try_borrow_mut().ok()?;
        if texts.is_empty() {
            texts.resize(SHARED_TEXTS, None);
        }
        *texts.get_mut(place)? = Some(Arc::clone(&made));
        Some(())
    });
    Ok(made)
}

/// Where a text is kept: a few multiplications over its bytes, eight at a time.
fn place_of(text: &str) -> usize {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let mix = |hash: u64, word: &[u8; 8]| {
        let product = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // The upper bits are the well mixed ones: the next word meets them, and so does the place.
        product.rotate_left(32)
    };
    let hash = mix(words.iter().fold(text.len() as u64, mix), &last);
    usize::try_from((hash & 0xffff_ffff) >> 16).unwrap_or_default() % SHARED_TEXTS
}

/// The text of an identifier that few records name: checked, and made for it alone.
fn own(text: &str, bytes_max: usize) -> Result<Arc<str>, IdError> {
    check(text, bytes_max)?;
    Ok(text.into())
}

/// Reads an identifier from text where it lies.
struct Text<T>(fn(&str) -> Result<T, IdError>);

impl<T> de::Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $make:ident($max:expr),)+) => {$(
        $(#[$doc])*
        ///
        /// Printable text of bounded length; cloning is cheap.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier that reads `text`.
            ///
            /// # Errors
            ///
            /// [`IdError`] when `text` is empty, too long, or holds what cannot be seen.
            pub fn new(text: &str) -> Result<Self, IdError> {
                $make(text, $max).map(Self)
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text(Self::new))
            }
        }
    )+};
}

ids! {
    /// A case (办件): the number on the receipt.
    CaseId = own(ID_BYTES_MAX),
    /// A stream of the log: all events of one case, or one stream of reference data.
    StreamId = own(ID_BYTES_MAX + CASE_PREFIX.len()),
    /// A command: the same id always gets the same answer.
    CommandId = own(ID_BYTES_MAX),
    /// A procedure (事项), without its version.
    ProcedureId = shared(ID_BYTES_MAX),
    /// A department present in the centre.
    DepartmentId = shared(ID_BYTES_MAX),
    /// A window (窗口).
    WindowId = shared(ID_BYTES_MAX),
    /// A person the records refer to: staff, applicant or agent. Names stay with the host.
    PersonId = shared(ID_BYTES_MAX),
    /// A step of a flow.
    StepId = shared(ID_BYTES_MAX),
    /// A block of a flow that has a name: a parallel group, a choice, an optional part, a sub-flow.
    BlockId = shared(ID_BYTES_MAX),
    /// A required material, as the procedure lists it.
    MaterialId = shared(ID_BYTES_MAX),
    /// A document that the host keeps, by its reference or hash.
    DocumentId = own(ID_BYTES_MAX),
    /// A fee, as the procedure lists it.
    FeeId = shared(ID_BYTES_MAX),
    /// A special procedure (特别程序) of a case.
    SpecialProcedureId = own(ID_BYTES_MAX),
    /// An occasion on which an applicant may rate the service.
    OpportunityId = own(ID_BYTES_MAX),
    /// A complaint.
    ComplaintId = own(ID_BYTES_MAX),
    /// A calendar.
    CalendarId = shared(ID_BYTES_MAX),
    /// How a law counts time.
    PolicyId = shared(ID_BYTES_MAX),
}

impl PolicyId {
    /// The Administrative License Law of China: what counts where a procedure names no other law.
    #[must_use]
    pub fn cn_all() -> Self {
        Self("cn-all".into())
    }
}

impl StreamId {
    /// The stream that holds a case.
    ///
    /// ```
    /// # use guichet_core::id::{CaseId, StreamId};
    /// assert_eq!(StreamId::of_case(&CaseId::new("2010-17")?).as_str(), "case/2010-17");
    /// # Ok::<(), guichet_core::id::IdError>(())
    /// ```
    #[must_use]
    pub fn of_case(case: &CaseId) -> Self {
        Self(format!("{CASE_PREFIX}{case}").into())
    }

    /// The case that this stream holds, if it holds one.
    #[must_use]
    pub fn case(&self) -> Option<CaseId> {
        self.case_name().and_then(|id| CaseId::new(id).ok())
    }

    /// The id of that case as text, for those who only look it up.
    #[must_use]
    pub fn case_name(&self) -> Option<&str> {
        case_of(&self.0)
    }
}

/// The id of the case, as text, that the stream with this name holds, if it holds one.
///
/// ```
/// # use guichet_core::id::case_of;
/// assert_eq!(case_of("case/2010-17"), Some("2010-17"));
/// assert_eq!(case_of("reference/staff"), None);
/// ```
#[must_use]
pub fn case_of(stream: &str) -> Option<&str> {
    stream.strip_prefix(CASE_PREFIX)
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl $name {
            /// The first one.
            pub const START: Self = Self(0);

            /// The one after.
            #[must_use]
            pub const fn next(self) -> Self {
                self.plus(1)
            }

            /// The one `count` further on.
            #[must_use]
            pub const fn plus(self, count: u64) -> Self {
                Self(self.0.saturating_add(count))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )+};
}

counters! {
    /// A place in the log, from 0, without gaps.
    Position,
    /// A place in a stream, from 0, without gaps.
    Revision,
    /// A version of a procedure or a calendar, from 1.
    Version,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_printable_text_of_bounded_length() {
        assert_eq!(CaseId::new(""), Err(IdError::Empty));
        assert_eq!(CaseId::new(&"x".repeat(129)), Err(IdError::TooLong(129, 128)));
        assert_eq!(
            CaseId::new("a\nb"),
            Err(IdError::Unprintable { found: '\n', at: 1 })
        );
        assert_eq!(CaseId::new(" a"), Err(IdError::Blank));
        assert_eq!(
            CaseId::new("黑A-2010/17").map(|id| id.to_string()),
            Ok("黑A-2010/17".to_owned())
        );
    }

    #[test]
    fn what_many_records_name_is_made_once_a_thread_and_what_one_names_is_its_own() {
        let same = |a: &Arc<str>, b: &Arc<str>| Arc::ptr_eq(a, b);
        let windows = ["W31", "W31"].map(|text| WindowId::new(text).unwrap().0);
        assert!(same(&windows[0], &windows[1]));
        let elsewhere = std::thread::spawn(|| WindowId::new("W31").unwrap().0);
        assert!(!same(&windows[0], &elsewhere.join().unwrap()));
        let cases = ["W31", "W31"].map(|text| CaseId::new(text).unwrap().0);
        assert!(!same(&cases[0], &cases[1]));
    }

    #[test]
    fn texts_that_share_a_place_stay_apart_and_no_text_is_known_unchecked() {
        let mut places = std::collections::BTreeSet::new();
        for number in 0..4 * SHARED_TEXTS {
            let text = format!("person-{number:05}");
            assert_eq!(PersonId::new(&text).unwrap().as_str(), text);
            places.insert(place_of(&text));
        }
        // As many as a fair spread leaves empty, e^-4 of them, and no more.
        assert!(places.len() > SHARED_TEXTS * 9 / 10, "{} places", places.len());
        for text in ["", " a", "a\n"] {
            assert_eq!(PersonId::new(text).map(|_| ()), CaseId::new(text).map(|_| ()));
            assert!(PersonId::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_stream_knows_its_case() {
        let case = CaseId::new("17").unwrap();
        assert_eq!(StreamId::of_case(&case).case(), Some(case));
        assert_eq!(StreamId::new("reference/staff").unwrap().case(), None);
    }
}
