//! What a person at a terminal is told: answers, failures and exit codes, languages, tables, files written whole, and the
//! sheets that explain due dates. Tools differ in what they do, not in how they say it.

pub mod cli;
pub mod context;
pub mod explain;
pub mod output;
pub mod table;
pub mod words;
