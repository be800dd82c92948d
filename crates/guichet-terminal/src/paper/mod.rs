//! Documents on paper: headings, paragraphs and tables as a page that prints, and as Markdown.
//!
//! What is written depends on nothing but the document, so two who ask hold the same paper.
//!
//! ```
//! use guichet_stats::report::Part;
//! use guichet_terminal::paper::{Title, html, markdown};
//! let title = Title { lang: "en", title: "Food & drink", subtitle: "2010" };
//! let parts = [Part::Paragraph { text: "Nothing happened.".to_owned() }];
//! let page = html(&title, &parts);
//! assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && page.contains("<h1>Food &amp; drink</h1>"));
//! assert!(markdown(&title, &parts).ends_with("\n\n2010\n\nNothing happened.\n"));
//! ```

mod html;
mod markdown;

use guichet_stats::report::Document;

pub use html::html;
pub use markdown::markdown;

/// What stands at the top of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Title<'d> {
    /// The tag of its language, such as `zh`.
    pub lang: &'d str,
    /// What it is.
    pub title: &'d str,
    /// Whose it is, and over which period.
    pub subtitle: &'d str,
}

impl<'d> From<&'d Document> for Title<'d> {
    fn from(document: &'d Document) -> Self {
        Self {
            lang: document.lang,
            title: &document.title,
            subtitle: &document.subtitle,
        }
    }
}
