//! Findings (异常): what of a log the rules of electronic supervision name, told so that it can be sent to a department.
//!
//! The rules are data ([`Rules`]); which events fire each, and which do not, is the table of `docs/findings.md`. Everything
//! is a fold over the log: the same records give the same findings, on any number of threads.

mod case;
pub(crate) mod command;
mod finding;
mod fold;
mod listing;
mod patterns;
mod rule;
mod threads;
mod turn;
mod words;

pub use command::{FindingsArgs, run};
pub use finding::{
    EVIDENCE_MAX, Fact, Finding, Interval, Milestone, OutOfPlace, Over, Piece, Place, Refusal, Subject,
};
pub use fold::{Findings, Found};
pub use listing::{Filter, FindingView, Listing, RulesListing, Said, standing, standing_name};
pub use rule::{
    A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13,
    B14, B15, B16, B17, B18, BothLanguages, FormVersion, ListedRule, Parameter, RuleId, Rules, Settings,
    Severity,
};
pub use threads::{find, find_verified};
