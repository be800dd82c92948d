//! The published catalogue: what a service centre offers, read, linted, drawn and printed.

pub mod calendars;
pub mod diagram;
pub mod embedded;
pub mod finding;
pub mod guide;
mod lint;
mod load;
pub mod notice;
pub mod policies;
mod shelf;
pub mod source;
mod width;
mod words;

pub use embedded::embedded;
pub use finding::Finding;
/// The languages of charts and guides.
pub use guichet_core::lang::Lang;
pub use guide::plain as escape_markdown;
pub use lint::check;
pub use load::{
    CATALOGUE_BYTES_MAX, DOCUMENT_BYTES_MAX, DOCUMENTS_MAX, Document, LoadError, Loaded, Written,
    from_documents, from_yaml, load,
};
pub use shelf::{LAYERS_MAX, WrittenLayer, calendar_file};
pub use words::{escape, kind_name, window_form_name};
