//! What a person at a terminal is told: answers, failures and exit codes, languages, tables, files written whole, documents
//! to print, the sheets that explain due dates, and keys in files. Tools differ in what they do, not in how they say it.

pub mod cli;
pub mod context;
pub mod explain;
pub mod key;
pub mod output;
pub mod paper;
pub mod table;
pub mod words;
