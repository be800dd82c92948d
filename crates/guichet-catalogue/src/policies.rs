//! The policies that ship with the house: how the laws of several jurisdictions count time, each a document under
//! `policies/`.

use guichet_core::policy::Policy;

/// A policy that ships: its id, and its document as text.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    id: &'static str,
    yaml: &'static str,
}

macro_rules! shipped {
    ($($id:literal),+ $(,)?) => {
        /// Every policy that ships, by id.
        pub const SHIPPED: &[Shipped] = &[$(Shipped {
            id: $id,
            yaml: include_str!(concat!("../policies/", $id, ".yaml")),
        }),+];
    };
}

shipped!(
    "cn-all",
    "fr-sva",
    "kr-civil",
    "nl-awb",
    "us-fcc",
    "us-fcc-other",
    "vn-61"
);

impl Shipped {
    /// The id by which procedures name it as their law.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.id
    }

    /// Its document.
    #[must_use]
    pub const fn yaml(self) -> &'static str {
        self.yaml
    }

    /// The policy.
    ///
    /// # Errors
    ///
    /// When the document is no policy: never for one of [`SHIPPED`].
    pub fn policy(self) -> Result<Policy, serde_saphyr::Error> {
        parse(self.yaml)
    }
}

/// The policy of a YAML document.
///
/// # Errors
///
/// What is wrong with the text or with an entry, and where.
///
/// ```
/// let error = guichet_catalogue::policies::parse("first_day: sometimes").unwrap_err();
/// assert!(error.to_string().contains("`sometimes` is no reading of an edge day; expected one of counted, left_out"));
/// ```
pub fn parse(yaml: &str) -> Result<Policy, serde_saphyr::Error> {
    serde_saphyr::from_str_with_options(yaml, crate::load::options())
}

/// The shipped policy of this id, if there is one.
#[must_use]
pub fn shipped(id: &str) -> Option<Shipped> {
    SHIPPED.iter().find(|shipped| shipped.id == id).copied()
}
