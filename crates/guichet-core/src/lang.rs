//! The two languages of the house.

/// A language in which the house speaks to people.
///
/// ```
/// # use guichet_core::lang::Lang;
/// assert_eq!(Lang::Zh.tag(), "zh-CN");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Its tag, as HTML wants it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
}
