//! A finding: one thing that the lint has to say about a catalogue, and how it is shown.

use std::fmt::{self, Write as _};

use serde::{Serialize, Serializer};

use crate::load::Loaded;
use crate::source::Place;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The catalogue must not be published like this.
    Error,
    /// Somebody should look at it.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal $severity:ident,)+) => {
        /// What the lint looks for. A code never changes its meaning, and is never used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $($(#[$doc])* $name,)+ }

        impl Rule {
            /// Every rule, by code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its code, like `GC012`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)+ }
            }
        }
    };
}

rules! {
    /// Two things of one kind have one id.
    DuplicateId = "GC001" Error,
    /// A department is named that the catalogue does not have.
    UnknownDepartment = "GC002" Error,
    /// A window is named that the catalogue does not have.
    UnknownWindow = "GC003" Error,
    /// A calendar is named that the catalogue does not use.
    UnknownCalendar = "GC004" Error,
    /// A name is empty in one of the languages.
    EmptyName = "GC005" Error,
    /// A term or a rule does not say where it stands in law, or who promised it.
    EmptySource = "GC006" Error,
    /// Versions of a procedure are missing between others, or begin with 0.
    VersionGap = "GC007" Warning,
    /// A document is not named after its procedure.
    FileName = "GC008" Warning,
    /// A step needs a form of window that its department does not have.
    NoSuchWindow = "GC010" Error,
    /// Nobody of the department holds the role that a step needs.
    MissingRole = "GC011" Error,
    /// The promise is longer than the statute, in the same unit.
    PromisePastStatute = "GC012" Error,
    /// The promise and the statute have different units, and the promise can end later.
    PromiseMayPassStatute = "GC013" Warning,
    /// A procedure that is decided has no promised term.
    NoPromise = "GC014" Warning,
    /// A step or group has longer than the whole case was promised.
    StepPastPromise = "GC015" Warning,
    /// Silence would grant an application whose flow guards safety.
    SilenceGrantsSafety = "GC016" Error,
    /// A rule of silence that covers no member.
    SilenceCoversNobody = "GC017" Warning,
    /// An extension is longer than the statute, or in another unit.
    Extension = "GC018" Error,
    /// One kind of special procedure has two rules.
    DuplicateSpecial = "GC019" Error,
    /// A window without a department has no roster.
    NoRoster = "GC020" Error,
    /// A roster that cannot count: it ends before it begins, names nobody, or its window has a department.
    UselessRoster = "GC021" Warning,
    /// A department that has neither a window nor opinions to give.
    NoWindow = "GC022" Warning,
    /// A fee without a way to pay it, or that holds back a certificate without there being one.
    Fee = "GC023" Warning,
    /// A condition asks for a fact that nobody collects.
    UnknownFact = "GC024" Warning,
    /// A block that no case can reach.
    Unreachable = "GC025" Error,
    /// Material that may follow later although nobody requires it.
    Material = "GC026" Warning,
    /// A joint procedure in which nobody works together.
    NotJoint = "GC027" Warning,
    /// A procedure that is decided has no flow, or no step of its flow is the decision.
    NoDecision = "GC028" Warning,
    /// A member of the staff holds a role that is none of staff, or holds none.
    StaffRole = "GC029" Error,
    /// Ratings are asked for at no encounter.
    Rating = "GC030" Warning,
    /// A layer changes a day outside the ones that the calendar below covers.
    LayerUncovered = "GC031" Error,
    /// Two entries of a layer have one day.
    LayerTwice = "GC032" Error,
    /// A layer closes days that are off anyway, or opens days that are worked anyway.
    LayerIdle = "GC033" Warning,
    /// A flow that is not sound: `guichet_core::flow::soundness` says why.
    Unsound = "GC100" Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Where.
    pub place: Place,
    /// The line it stands on; empty where the document does not have it.
    pub line: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Finding {
    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.rule.severity()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let margin = " ".repeat(self.place.line.to_string().len());
        writeln!(f, "{}[{}]: {}", self.severity(), self.rule.code(), self.message)?;
        writeln!(f, "{margin}--> {}", self.place)?;
        if !self.line.is_empty() {
            f.write_str(&crate::source::snippet(&self.line, &self.place))?;
        }
        writeln!(f, "{margin} = help: {}", self.help)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            code: &'a str,
            severity: Severity,
            file: &'a str,
            line: usize,
            column: usize,
            length: usize,
            snippet: &'a str,
            message: &'a str,
            help: &'a str,
        }

        let shown = Shown {
            code: self.rule.code(),
            severity: self.severity(),
            file: &self.place.file,
            line: self.place.line,
            column: self.place.column,
            length: self.place.length,
            snippet: &self.line,
            message: &self.message,
            help: &self.help,
        };
        shown.serialize(serializer)
    }
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings
        .iter()
        .filter(|finding| finding.severity() == severity)
        .count()
}

/// The findings for people: each with its line and a caret, then how many there are.
///
/// ```
/// let demo = guichet_catalogue::embedded("harbin-2010")?;
/// let shown = guichet_catalogue::finding::render(&guichet_catalogue::check(&demo));
/// assert!(shown.ends_with("no errors, 1 warning\n"));
/// # Ok::<(), guichet_catalogue::LoadError>(())
/// ```
#[must_use]
pub fn render(findings: &[Finding]) -> String {
    let mut shown = String::new();
    for finding in findings {
        // Writing to a string cannot fail.
        let _ = writeln!(shown, "{finding}");
    }
    let counted = |severity| match count(findings, severity) {
        0 => format!("no {severity}s"),
        1 => format!("1 {severity}"),
        n => format!("{n} {severity}s"),
    };
    let _ = writeln!(
        shown,
        "{}, {}",
        counted(Severity::Error),
        counted(Severity::Warning)
    );
    shown
}

/// The findings for programs, as `schemas/catalogue-findings.v1.schema.json` describes them.
///
/// ```
/// let demo = guichet_catalogue::embedded("harbin-2010")?;
/// let json = guichet_catalogue::finding::to_json(&demo, &guichet_catalogue::check(&demo));
/// assert_eq!(json["errors"], 0);
/// # Ok::<(), guichet_catalogue::LoadError>(())
/// ```
#[must_use]
pub fn to_json(loaded: &Loaded, findings: &[Finding]) -> serde_json::Value {
    serde_json::json!({
        "version": 1,
        "catalogue": loaded.name,
        "procedures": loaded.catalogue.procedures.len(),
        "errors": count(findings, Severity::Error),
        "warnings": count(findings, Severity::Warning),
        "findings": findings,
    })
}
