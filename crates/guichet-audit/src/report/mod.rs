//! `report`: the audit of a log over a period as documents: what was verified, what the rules found, which published figures
//! hold, and the figures themselves.
//!
//! A report says nothing of the machine or the day on which it was written: the same log, period and rules give the same
//! bytes, whoever asks. Signed, it names the bytes of its files under the supervisor's key.

mod command;
mod document;
mod signed;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use guichet_core::id::{CalendarId, Position, ProcedureId, Version};
use guichet_core::procedure::Names;
use guichet_core::reference::Directory;
use guichet_log::projection::Recorded;
use guichet_stats::{AsOf, Period};
use guichet_terminal::context::Failure;
use serde::{Serialize, Serializer};

use crate::findings::{
    BothLanguages, Filter, Found, ListedRule, Listing, Rules, RulesListing, Subject, find_verified,
};
use crate::recompute::{Question, Recomputed, Recount, Restatement, Row};
use crate::source::Source;
use crate::verify::Verification;
use crate::version;

pub use command::{CheckReportArgs, ReportArgs, check, run};
pub use document::document;
pub use signed::{NOTE_FILE, NoReport, SignedFile, SignedFiles, check_folder, note_over};

/// The form of reports that is written.
const VERSION: u16 = 1;

/// What a report is made of, besides the log.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Over which period; the year of the log's last day when none.
    pub period: Option<Period>,
    /// By which rules findings are looked for.
    pub rules: Rules,
    /// On how many threads; the report is the same on any.
    pub threads: NonZeroUsize,
}

/// The audit of a log over a period, as `schemas/audit-report.v1.schema.json` describes it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this form.
    pub version: u16,
    /// Which version of the tool wrote it, with the formats that it reads.
    pub tool: version::Build,
    /// What verification came to.
    pub verification: Verification,
    /// The rest, as far as the log can be read.
    pub contents: Option<Contents>,
    /// Why there is no rest, if there is none.
    pub unread: Option<BothLanguages>,
}

/// What the records of a log say.
#[derive(Clone, Debug, Serialize)]
pub struct Contents {
    /// Whose log it is.
    pub centre: Option<Names>,
    /// The period.
    pub period: Period,
    /// How far the log was read: one past the last position.
    pub position: Position,
    /// The calendars, with the versions by which days are counted.
    pub calendars: BTreeMap<CalendarId, Version>,
    /// The versions of each item.
    pub procedures: BTreeMap<ProcedureId, BTreeSet<Version>>,
    /// By which rules findings were looked for.
    pub rules: Vec<ListedRule>,
    /// The findings of the period, and all that are about the log itself.
    #[serde(serialize_with = "findings")]
    pub findings: Found,
    /// Every bulletin whose days lie in the period, in the order of the log.
    pub bulletins: Vec<CheckedBulletin>,
    /// The figures that are not what was published, have changed since, or are counted differently by the two paths.
    pub divergences: Vec<Divergence>,
    /// The bulletins that took the place of another one.
    pub restatements: Vec<Restatement>,
    /// Every figure over the period, of the centre and of each department, by both paths.
    pub figures: Vec<Row>,
}

fn findings<S: Serializer>(found: &Found, serializer: S) -> Result<S::Ok, S::Error> {
    Listing::of(found, &Filter::default())
        .findings
        .serialize(serializer)
}

/// A bulletin, and how its figures stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckedBulletin {
    /// By what it is named.
    pub name: String,
    /// Over which days.
    pub period: Period,
    /// As of which position of the log it was counted.
    pub position: Position,
    /// The root of the log there.
    pub root: Option<String>,
    /// The bulletin that restates it, if there is one.
    pub restated_by: Option<String>,
    /// How many figures it has.
    pub figures: usize,
    /// How many of them the log of then gives.
    pub hold: usize,
    /// How many would be others now.
    pub changed_since: usize,
}

/// A figure that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// Over which days.
    pub period: Period,
    /// The figure.
    #[serde(flatten)]
    pub row: Row,
}

impl Report {
    /// The audit of a log that was verified: as far as `verification` goes, though the log may have grown since.
    /// There is no source of a log that is too damaged to be opened.
    #[must_use]
    pub fn of(source: Option<&dyn Source>, verification: Verification, setting: &Setting) -> Self {
        let contents = source
            .ok_or_else(unopened)
            .and_then(|source| Contents::of(source, &verification, setting));
        let (contents, unread) = match contents {
            Ok(contents) => (Some(contents), None),
            Err(failure) => (
                None,
                Some(BothLanguages::of(|lang| failure.said(lang).0.to_owned())),
            ),
        };
        Self {
            version: VERSION,
            tool: version::THIS.build(),
            verification,
            contents,
            unread,
        }
    }

    /// Whether there is nothing in it that wants a person's eye.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let clean =
            |contents: &Contents| contents.findings.findings.is_empty() && contents.divergences.is_empty();
        self.verification.findings.is_empty() && self.contents.as_ref().is_some_and(clean)
    }
}

impl Contents {
    /// What the records say, as far as they were verified.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the log cannot be read.
    fn of(source: &dyn Source, verification: &Verification, setting: &Setting) -> Result<Self, Failure> {
        let position = Position(verification.records);
        let as_of = if position == source.end() {
            AsOf::Now
        } else {
            AsOf::Position(position)
        };
        let read = |take: &mut dyn FnMut(&Recorded)| -> Result<(), Failure> {
            for recorded in source.records(Position::START) {
                let recorded = recorded?;
                if recorded.position >= position {
                    break;
                }
                take(&recorded);
            }
            Ok(())
        };
        let mut found = find_verified(
            source.records(Position::START),
            &verification.findings,
            setting.rules.clone(),
            as_of,
            setting.threads,
        )?;
        let recount = Recount::of(read)?;
        let year = || recount.last_day(as_of).map_or(Period::ALWAYS, Period::year_of);
        let period = setting.period.unwrap_or_else(year);
        found
            .findings
            .retain(|finding| finding.subject == Subject::Log || period.contains(finding.on));
        let question = Question {
            figures: Vec::new(),
            by_department: true,
            cases: false,
            as_of,
        };
        let periods = periods(period, recount.directory());
        let mut counted = recount.periods(&question, &periods, read, |position| source.root(position))?;
        let bulletins = bulletins(&counted);
        let divergences = divergences(&counted);
        let restatements = counted
            .iter_mut()
            .flat_map(|of| std::mem::take(&mut of.restatements));
        let restatements = restatements.collect();
        let directory = recount.directory();
        Ok(Self {
            centre: directory.centre.as_ref().map(|centre| centre.name.clone()),
            period,
            position,
            calendars: directory
                .calendars
                .iter()
                .map(|(id, calendar)| (id.clone(), calendar.version()))
                .collect(),
            procedures: procedures(directory),
            rules: RulesListing::of(&setting.rules).rules,
            findings: found,
            bulletins,
            divergences,
            restatements,
            figures: counted.swap_remove(0).rows,
        })
    }
}

fn unopened() -> Failure {
    Failure::integrity("not_opened", "it is too damaged to be opened").zh("日志损坏，无法打开", None)
}

/// A period, and behind it those of the bulletins whose days lie in it.
fn periods(period: Period, directory: &Directory) -> Vec<Period> {
    let published: BTreeSet<Period> = directory
        .bulletins
        .iter()
        .filter_map(Period::of_bulletin)
        .filter(|days| *days != period && period.contains(days.first()) && period.contains(days.last()))
        .collect();
    std::iter::once(period).chain(published).collect()
}

fn procedures(directory: &Directory) -> BTreeMap<ProcedureId, BTreeSet<Version>> {
    let all = directory.procedures.iter();
    all.map(|(procedure, versions)| (procedure.clone(), versions.keys().copied().collect()))
        .collect()
}

fn bulletins(counted: &[Recomputed]) -> Vec<CheckedBulletin> {
    let mut checked: BTreeMap<(Position, &str), CheckedBulletin> = BTreeMap::new();
    for of in counted {
        for row in of.rows.iter().flat_map(|row| &row.published) {
            let bulletin = checked
                .entry((row.position, row.bulletin.as_str()))
                .or_insert_with(|| CheckedBulletin {
                    name: row.bulletin.clone(),
                    period: of.period,
                    position: row.position,
                    root: row.root.clone(),
                    restated_by: row.restated_by.clone(),
                    figures: 0,
                    hold: 0,
                    changed_since: 0,
                });
            bulletin.figures += 1;
            bulletin.hold += usize::from(row.holds);
            bulletin.changed_since += usize::from(row.changed_since);
        }
    }
    checked.into_values().collect()
}

fn divergences(counted: &[Recomputed]) -> Vec<Divergence> {
    let of_period = |of: &Recomputed| {
        let period = of.period;
        let rows = of.rows.iter().filter(|row| row.wants_an_eye());
        rows.map(|row| Divergence {
            period,
            row: row.clone(),
        })
        .collect::<Vec<_>>()
    };
    counted.iter().flat_map(of_period).collect()
}
