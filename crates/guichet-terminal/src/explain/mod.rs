//! Explanations of due dates for people: as text for a terminal, as a page that prints, as JSON.
//!
//! What is written depends on nothing but the explanation and the language, so two who ask hold the same paper.

mod html;
mod sheet;
mod text;
pub mod words;

use guichet_core::explain::Explanation;
use guichet_core::id::CaseId;
use serde::Serialize;

pub use html::html;
pub use text::{Layout, text};

/// One clock with its explanation, and what people call it.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// What the step or group is called in the procedure, where the clock is one of those.
    #[serde(skip)]
    pub name: Option<String>,
    /// The explanation.
    #[serde(flatten)]
    pub explanation: Explanation,
}

/// The explanations of a case's clocks, as `schemas/explanation.v1.schema.json` describes them.
///
/// ```
/// # use guichet_core::id::CaseId;
/// use guichet_terminal::explain::{Layout, Sheet, text};
/// let sheet = Sheet::new(CaseId::new("2010-1")?, "Food service licence", Vec::new());
/// assert_eq!(text(&sheet, guichet_core::lang::Lang::En, Layout::default()), "2010-1  Food service licence\n");
/// # Ok::<(), guichet_core::id::IdError>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Sheet {
    version: u16,
    case: CaseId,
    #[serde(skip)]
    procedure: String,
    clocks: Vec<Explained>,
}

impl Sheet {
    /// The clocks of a case under the procedure of this name.
    #[must_use]
    pub fn new(case: CaseId, procedure: impl Into<String>, clocks: Vec<Explained>) -> Self {
        Self {
            version: 1,
            case,
            procedure: procedure.into(),
            clocks,
        }
    }
}
