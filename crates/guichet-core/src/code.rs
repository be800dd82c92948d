//! Codes: the one text by which a small set of choices is known in files, in records and on screens.
//!
//! A choice is stored as its code, never as its place in a list, so that the list can grow and be put in order.

/// Text that is no code of the set that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no {what}; expected one of {expected}")]
pub struct CodeError {
    /// What was read.
    pub found: String,
    /// The name of the set.
    pub what: &'static str,
    /// All codes of the set.
    pub expected: String,
}

/// Defines an enum whose variants are written as codes: in JSON, YAML and bytes alike.
///
/// ```
/// guichet_core::codes! {
///     /// A colour.
///     Colour("colour") {
///         /// As grass.
///         Green = "green",
///     }
/// }
/// assert_eq!("green".parse(), Ok(Colour::Green));
/// assert_eq!("red".parse::<Colour>().unwrap_err().to_string(), "`red` is no colour; expected one of green");
/// ```
#[macro_export]
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident ($what:literal) { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every choice, in the order of this page.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::code::CodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($code => Ok(Self::$variant),)+
                    _ => Err($crate::code::unknown(text, $what, &[$($code),+])),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::code::deserialize(deserializer, $what)
            }
        }
    };
}
pub(crate) use codes;

/// The error for text that is none of `codes`: what [`codes!`](crate::codes) writes calls it.
#[must_use]
pub fn unknown(found: &str, what: &'static str, codes: &[&str]) -> CodeError {
    CodeError {
        found: found.chars().take(60).collect(),
        what,
        expected: codes.join(", "),
    }
}

/// Reads a code: what [`codes!`](crate::codes) writes calls it.
///
/// # Errors
///
/// The deserializer's, when there is no text, or the text is no code.
pub fn deserialize<'de, D, T>(deserializer: D, what: &'static str) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: std::str::FromStr<Err = CodeError>,
{
    struct Code<T>(&'static str, std::marker::PhantomData<T>);

    impl<T: std::str::FromStr<Err = CodeError>> serde::de::Visitor<'_> for Code<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "a {}", self.0)
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Code(what, std::marker::PhantomData))
}
