//! The catalogues that come with the binary.

use crate::load::{LoadError, Loaded, from_documents};

/// A catalogue that ships: its name, what it is, and its documents.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    documents: &'static [&'static [(&'static str, &'static str)]],
}

macro_rules! documents {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../catalogues/", $folder, "/", $path)))),+]
    };
}

const HARBIN_2010: &[(&str, &str)] = documents!(
    "harbin-2010":
    "calendars.yaml",
    "centre.yaml",
    "departments.yaml",
    "procedures/air-defence-review.yaml",
    "procedures/annual-inspection.yaml",
    "procedures/company-name.yaml",
    "procedures/company-registration.yaml",
    "procedures/completion-filing.yaml",
    "procedures/construction-permit.yaml",
    "procedures/eia-form.yaml",
    "procedures/eia-register.yaml",
    "procedures/eia-report.yaml",
    "procedures/enterprise-establishment.yaml",
    "procedures/feasibility.yaml",
    "procedures/fire-design-review.yaml",
    "procedures/food-service.yaml",
    "procedures/government-construction.yaml",
    "procedures/hygiene-licence.yaml",
    "procedures/land-planning-permit.yaml",
    "procedures/land-pre-examination.yaml",
    "procedures/land-use-right.yaml",
    "procedures/lightning-review.yaml",
    "procedures/medical-institution.yaml",
    "procedures/organisation-code.yaml",
    "procedures/pre-sale-permit.yaml",
    "procedures/preliminary-design.yaml",
    "procedures/private-construction.yaml",
    "procedures/project-filing.yaml",
    "procedures/project-verification.yaml",
    "procedures/provident-fund.yaml",
    "procedures/road-transport.yaml",
    "procedures/seal-filing.yaml",
    "procedures/senior-card.yaml",
    "procedures/site-opinion.yaml",
    "procedures/tax-registration.yaml",
    "procedures/works-planning-permit.yaml",
    "rosters.yaml",
    "staff.yaml",
    "windows.yaml",
);

const HARBIN_2010_AMENDED: &[(&str, &str)] = documents!(
    "harbin-2010-amended":
    "procedures/construction-permit.v2.yaml",
);

/// Every catalogue that ships, by name.
pub const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "harbin-2010",
        about: "fictional demo: a municipal service centre of 2010 with 28 items and three joint flows",
        documents: &[HARBIN_2010],
    },
    Shipped {
        name: "harbin-2010-amended",
        about: "the same, with the second version of the construction permit",
        documents: &[HARBIN_2010, HARBIN_2010_AMENDED],
    },
];

impl Shipped {
    /// Its documents, each with its path inside the catalogue.
    pub fn documents(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.documents.iter().copied().flatten().copied()
    }
}

/// The shipped catalogue with this name.
///
/// # Errors
///
/// [`LoadError::NotShipped`] when none has that name.
///
/// ```
/// let demo = guichet_catalogue::embedded("harbin-2010")?;
/// assert_eq!(demo.catalogue.departments.iter().filter(|department| !department.opinion_only).count(), 18);
/// # Ok::<(), guichet_catalogue::LoadError>(())
/// ```
pub fn embedded(name: &str) -> Result<Loaded, LoadError> {
    let Some(shipped) = SHIPPED.iter().find(|shipped| shipped.name == name) else {
        let names: Vec<_> = SHIPPED.iter().map(|shipped| shipped.name).collect();
        return Err(LoadError::NotShipped {
            name: name.chars().take(60).collect(),
            shipped: names.join(", "),
        });
    };
    let documents = shipped
        .documents()
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    from_documents(name, documents)
}
