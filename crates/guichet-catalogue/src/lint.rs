//! The lint: what is wrong with a catalogue, before anyone publishes it.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::actor::Role;
use guichet_core::calendar::{Calendar, LayerProblem};
use guichet_core::clock::Clock;
use guichet_core::condition::Condition;
use guichet_core::flow::{Block, Parallel, Step, soundness};
use guichet_core::id::{CalendarId, DepartmentId, ProcedureId, WindowId};
use guichet_core::policy::Policy;
use guichet_core::procedure::{DecisionSilence, Names, Procedure, ProcedureKind};
use guichet_core::reference::{Catalogue, Department, Roster, Window, WindowForm};
use guichet_core::time::{Date, Term};

use crate::finding::{Finding, Rule};
use crate::load::{Loaded, Written};
use crate::shelf::path_of;
use crate::source::Place;

/// Everything that is wrong with a catalogue, in the order of its documents.
///
/// ```
/// let demo = guichet_catalogue::embedded("harbin-2010")?;
/// let findings = guichet_catalogue::check(&demo);
/// // The demo has one, on purpose: 20 working days can end after 30 days of the calendar.
/// assert_eq!(findings.iter().map(|finding| finding.rule.code()).collect::<Vec<_>>(), ["GC013"]);
/// # Ok::<(), guichet_catalogue::LoadError>(())
/// ```
#[must_use]
pub fn check(loaded: &Loaded) -> Vec<Finding> {
    let catalogue = &loaded.catalogue;
    let mut lint = Lint {
        loaded,
        departments: catalogue
            .departments
            .iter()
            .map(|department| (&department.id, department))
            .collect(),
        windows: catalogue
            .windows
            .iter()
            .map(|window| (&window.id, window))
            .collect(),
        calendars: catalogue
            .calendars
            .iter()
            .map(|calendar| (calendar.id(), &**calendar))
            .collect(),
        findings: Vec::new(),
    };
    lint.centre();
    lint.departments();
    lint.windows();
    lint.rosters();
    lint.staff();
    lint.layers();
    lint.versions();
    for (written, resolved) in loaded.written.iter().zip(&catalogue.procedures) {
        Page {
            lint: &mut lint,
            written,
        }
        .procedure(resolved);
    }
    let mut findings = lint.findings;
    findings.sort_by(|a, b| (&a.place, a.rule).cmp(&(&b.place, b.rule)));
    findings.dedup();
    findings
}

struct Lint<'a> {
    loaded: &'a Loaded,
    departments: BTreeMap<&'a DepartmentId, &'a Department>,
    windows: BTreeMap<&'a WindowId, &'a Window>,
    calendars: BTreeMap<&'a CalendarId, &'a Calendar>,
    findings: Vec<Finding>,
}

impl<'a> Lint<'a> {
    fn add(&mut self, rule: Rule, place: Place, message: String, help: impl Into<String>) {
        self.findings.push(Finding {
            rule,
            line: self.loaded.sources.line(&place).unwrap_or_default().to_owned(),
            place,
            message,
            help: help.into(),
        });
    }

    fn place(&self, file: &str, path: &str) -> Place {
        self.loaded.sources.place(file, path)
    }

    fn catalogue(&self) -> &'a Catalogue {
        &self.loaded.catalogue
    }

    fn centre(&mut self) {
        if let Some(centre) = &self.catalogue().centre {
            self.names("centre.yaml", "/name", &centre.name);
        }
    }

    fn names(&mut self, file: &str, path: &str, names: &Names) {
        for (language, name) in [("zh", &names.zh), ("en", &names.en)] {
            if name.trim().is_empty() {
                let place = self.place(file, &format!("{path}/{language}"));
                self.add(
                    Rule::EmptyName,
                    place,
                    format!("the name in `{language}` is empty"),
                    "write it: guides, screens and charts show the names in both languages",
                );
            }
        }
    }

    fn unique<T: Ord + std::fmt::Display>(
        &mut self,
        file: &str,
        list: &str,
        what: &str,
        ids: impl Iterator<Item = T>,
    ) {
        let mut seen = BTreeMap::new();
        for (at, id) in ids.enumerate() {
            if let Some(first) = seen.get(&id) {
                let first = self.place(file, &format!("{list}/{first}/id"));
                let place = self.place(file, &format!("{list}/{at}/id"));
                self.add(
                    Rule::DuplicateId,
                    place,
                    format!("the {what} `{id}` is there twice; the first stands at {first}"),
                    "give one of them another id, or take it out",
                );
            } else {
                seen.insert(id, at);
            }
        }
    }

    fn known_department(&mut self, id: &DepartmentId, place: impl FnOnce(&Self) -> Place) {
        if !self.departments.contains_key(id) {
            let help = nearest(id.as_str(), self.departments.keys().map(|known| known.as_str()))
                .unwrap_or_else(|| "add it to departments.yaml".to_owned());
            let place = place(self);
            self.add(
                Rule::UnknownDepartment,
                place,
                format!("the department `{id}` is not in the catalogue"),
                help,
            );
        }
    }

    fn known_window(&mut self, id: &WindowId, place: Place) {
        if !self.windows.contains_key(id) {
            let help = nearest(id.as_str(), self.windows.keys().map(|known| known.as_str()))
                .unwrap_or_else(|| "add it to windows.yaml".to_owned());
            self.add(
                Rule::UnknownWindow,
                place,
                format!("the window `{id}` is not in the catalogue"),
                help,
            );
        }
    }

    fn departments(&mut self) {
        let file = "departments.yaml";
        let departments = &self.catalogue().departments;
        self.unique(
            file,
            "/departments",
            "department",
            departments.iter().map(|department| &department.id),
        );
        for (at, department) in departments.iter().enumerate() {
            self.names(file, &format!("/departments/{at}/name"), &department.name);
            let served = self
                .catalogue()
                .windows
                .iter()
                .any(|window| self.serves(window, &department.id));
            if served == department.opinion_only {
                let place = self.place(file, &format!("/departments/{at}/id"));
                let id = &department.id;
                let (message, help) = if served {
                    (
                        format!("the department `{id}` only gives opinions, and yet has a window"),
                        "take `opinion_only` away, or the window",
                    )
                } else {
                    (
                        format!("the department `{id}` has no window, and no rotating window serves it"),
                        "give it a window or a roster, or write `opinion_only: true`",
                    )
                };
                self.add(Rule::NoWindow, place, message, help);
            }
        }
    }

    /// Whether a department can be found at a window on some day.
    fn serves(&self, window: &Window, department: &DepartmentId) -> bool {
        match &window.department {
            Some(own) => own == department,
            None => self
                .rosters_of(&window.id)
                .any(|roster| roster.departments.contains(department)),
        }
    }

    fn rosters_of(&self, window: &WindowId) -> impl Iterator<Item = &'a Roster> {
        self.catalogue()
            .rosters
            .iter()
            .filter(move |roster| roster.window == *window)
    }

    fn windows(&mut self) {
        let file = "windows.yaml";
        let windows = &self.catalogue().windows;
        self.unique(
            file,
            "/windows",
            "window",
            windows.iter().map(|window| &window.id),
        );
        for (at, window) in windows.iter().enumerate() {
            self.names(file, &format!("/windows/{at}/name"), &window.name);
            match &window.department {
                Some(department) => {
                    self.known_department(department, |lint| {
                        lint.place(file, &format!("/windows/{at}/department"))
                    });
                    if window.form == WindowForm::Rotating {
                        let place = self.place(file, &format!("/windows/{at}/department"));
                        self.add(
                            Rule::UselessRoster,
                            place,
                            format!(
                                "the rotating window `{}` has a department of its own, so it never rotates",
                                window.id
                            ),
                            "take the department away and write rosters, or give the window another form",
                        );
                    }
                }
                None if self.rosters_of(&window.id).next().is_none() => {
                    let place = self.place(file, &format!("/windows/{at}/id"));
                    self.add(
                        Rule::NoRoster,
                        place,
                        format!(
                            "the window `{}` has neither a department nor a roster, so it serves nobody",
                            window.id
                        ),
                        "add its days to rosters.yaml, or name its department",
                    );
                }
                None => {}
            }
        }
    }

    fn rosters(&mut self) {
        let file = "rosters.yaml";
        for (at, roster) in self.catalogue().rosters.iter().enumerate() {
            let place = |lint: &Self, field: &str| lint.place(file, &format!("/rosters/{at}/{field}"));
            let window = place(self, "window");
            self.known_window(&roster.window, window);
            for department in &roster.departments {
                self.known_department(department, |lint| {
                    let list = format!("/rosters/{at}/departments");
                    lint.loaded
                        .sources
                        .place_of_text(file, &list, "", department.as_str())
                        .unwrap_or_else(|| lint.place(file, &list))
                });
            }
            let useless = if roster.from > roster.to {
                Some((
                    "to",
                    format!(
                        "the roster ends on {}, before it begins on {}",
                        roster.to, roster.from
                    ),
                    "put its days in order",
                ))
            } else if roster.departments.is_empty() {
                Some((
                    "departments",
                    "the roster puts no department on duty".to_owned(),
                    "name at least one department",
                ))
            } else if self
                .windows
                .get(&roster.window)
                .is_some_and(|window| window.department.is_some())
            {
                Some((
                    "window",
                    format!(
                        "the window `{}` has a department of its own, so its roster never counts",
                        roster.window
                    ),
                    "take the roster out, or take the department from the window",
                ))
            } else {
                None
            };
            if let Some((field, message, help)) = useless {
                let place = place(self, field);
                self.add(Rule::UselessRoster, place, message, help);
            }
        }
    }

    fn layers(&mut self) {
        for written in &self.loaded.layers {
            for (list, names) in [
                (
                    "closed",
                    written
                        .layer
                        .closed
                        .iter()
                        .map(|closed| &closed.name)
                        .collect::<Vec<_>>(),
                ),
                (
                    "opened",
                    written.layer.opened.iter().map(|opened| &opened.name).collect(),
                ),
            ] {
                for (at, name) in names.into_iter().enumerate() {
                    self.names(&written.file, &format!("/{list}/{at}/name"), name);
                }
            }
            if written.layer.source.trim().is_empty() {
                let place = self.place(&written.file, "/source");
                self.add(
                    Rule::EmptySource,
                    place,
                    format!(
                        "the layer `{}` does not say where its days come from",
                        written.layer.id
                    ),
                    "name the notice that closed or opened them",
                );
            }
            for fault in &written.faults {
                let place = self.place(&written.file, &path_of(fault));
                let (rule, help) = match fault.problem {
                    LayerProblem::OutsideCovered { .. } => (
                        Rule::LayerUncovered,
                        "lay the layer over a version that covers the day, or take the day out",
                    ),
                    LayerProblem::Twice { .. } => (Rule::LayerTwice, "leave the day in one of them"),
                    LayerProblem::AlreadyOff => (
                        Rule::LayerIdle,
                        "take it out, or look for a slip in the date: the calendar below has no working day there",
                    ),
                    LayerProblem::AlreadyWorking => (
                        Rule::LayerIdle,
                        "take it out, or look for a slip in the date: the calendar below has no day off there",
                    ),
                };
                self.add(rule, place, fault.to_string(), help);
            }
        }
    }

    fn staff(&mut self) {
        let file = "staff.yaml";
        let staff = &self.catalogue().staff;
        self.unique(file, "/staff", "person", staff.iter().map(|person| &person.id));
        for (at, person) in staff.iter().enumerate() {
            if person.roles.is_empty() {
                let place = self.place(file, &format!("/staff/{at}/roles"));
                self.add(
                    Rule::StaffRole,
                    place,
                    format!("`{}` holds no role, so they may do nothing", person.id),
                    "give them a role, or take them out",
                );
            }
            for role in person.roles.iter().filter(|role| !role.is_staff()) {
                let place = self
                    .loaded
                    .sources
                    .place_of_text(file, &format!("/staff/{at}/roles"), "", role.as_str())
                    .unwrap_or_else(|| self.place(file, &format!("/staff/{at}/roles")));
                self.add(
                    Rule::StaffRole,
                    place,
                    format!("`{}` holds the role `{role}`, which no staff holds", person.id),
                    "take it out: applicants, agents and the engine itself are not in the directory",
                );
            }
            for department in &person.departments {
                self.known_department(department, |lint| {
                    let list = format!("/staff/{at}/departments");
                    lint.loaded
                        .sources
                        .place_of_text(file, &list, "", department.as_str())
                        .unwrap_or_else(|| lint.place(file, &list))
                });
            }
            for window in &person.windows {
                let list = format!("/staff/{at}/windows");
                let place = self
                    .loaded
                    .sources
                    .place_of_text(file, &list, "", window.as_str())
                    .unwrap_or_else(|| self.place(file, &list));
                self.known_window(window, place);
            }
        }
    }

    fn versions(&mut self) {
        let mut by_id: BTreeMap<&ProcedureId, Vec<&Written>> = BTreeMap::new();
        for written in &self.loaded.written {
            by_id.entry(&written.procedure.id).or_default().push(written);
        }
        for (id, versions) in by_id {
            for (earlier, later) in versions.iter().zip(versions.iter().skip(1)) {
                let (before, after) = (earlier.procedure.version, later.procedure.version);
                let place = self.place(&later.file, "/version");
                if before == after {
                    self.add(
                        Rule::DuplicateId,
                        place,
                        format!(
                            "version {after} of the procedure `{id}` is also in {}",
                            earlier.file
                        ),
                        "give the later one the next version",
                    );
                } else if after != before.next() {
                    self.add(
                        Rule::VersionGap,
                        place,
                        format!("the procedure `{id}` goes from version {before} to version {after}"),
                        format!("number versions one by one: expected {}", before.next()),
                    );
                }
            }
            if let Some(first) = versions.first().filter(|first| first.procedure.version.0 == 0) {
                let place = self.place(&first.file, "/version");
                self.add(
                    Rule::VersionGap,
                    place,
                    format!("the procedure `{id}` has a version 0"),
                    "number versions from 1",
                );
            }
        }
    }
}

/// The known name that was probably meant, as a help text.
fn nearest<'n>(wrong: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let near = known
        .map(|name| (distance(wrong, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 4)
        .min()?;
    Some(format!("did you mean `{}`?", near.1))
}

/// How many characters have to be changed, added or taken out to make one text of another.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for ((to, above_left), above) in b.iter().zip(&row).zip(row.iter().skip(1)) {
            left = (above_left + usize::from(from != *to))
                .min(above + 1)
                .min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// The lint of one procedure.
struct Page<'l, 'a> {
    lint: &'l mut Lint<'a>,
    written: &'a Written,
}

impl<'a> Page<'_, 'a> {
    fn add(&mut self, rule: Rule, path: &str, message: String, help: impl Into<String>) {
        let place = self.lint.place(&self.written.file, path);
        self.lint.add(rule, place, message, help);
    }

    fn add_at(&mut self, rule: Rule, id: &str, message: String, help: impl Into<String>) {
        let place = self.lint.loaded.sources.place_of_id(&self.written.file, id);
        self.lint.add(rule, place, message, help);
    }

    fn procedure(&mut self, resolved: &Procedure) {
        let file = &self.written.file;
        let procedure = &self.written.procedure;
        let stem = file
            .strip_prefix("procedures/")
            .and_then(|name| name.strip_suffix(".yaml"));
        let expected = [
            procedure.id.to_string(),
            format!("{}.v{}", procedure.id, procedure.version),
        ];
        if stem.is_some_and(|stem| !expected.iter().any(|name| name == stem)) {
            self.add(
                Rule::FileName,
                "/id",
                format!(
                    "the document holds version {} of `{}`",
                    procedure.version, procedure.id
                ),
                format!("name it {}.yaml or {}.yaml", expected[0], expected[1]),
            );
        }
        self.lint.names(file, "/name", &procedure.name);
        self.lint
            .known_department(&procedure.department, |lint| lint.place(file, "/department"));
        if !self.lint.calendars.contains_key(&procedure.calendar) {
            self.add(
                Rule::UnknownCalendar,
                "/calendar",
                format!("the calendar `{}` is not in calendars.yaml", procedure.calendar),
                "add it there, or name one that is",
            );
        }
        self.materials();
        self.fees();
        self.sources();
        self.terms();
        self.special_procedures();
        self.extension();
        self.silence();
        if procedure
            .rating
            .as_ref()
            .is_some_and(|rating| rating.points.is_empty())
        {
            self.add(
                Rule::Rating,
                "/rating/points",
                "ratings are asked for at no encounter".to_owned(),
                "name at least one of submission, correction, decision and collection, or take `rating` out",
            );
        }
        self.flow(resolved);
    }

    fn materials(&mut self) {
        let file = &self.written.file;
        let materials = &self.written.procedure.materials;
        self.lint.unique(
            file,
            "/materials",
            "material",
            materials.iter().map(|material| &material.id),
        );
        for (at, material) in materials.iter().enumerate() {
            self.lint
                .names(file, &format!("/materials/{at}/name"), &material.name);
            if let Some(when) = &material.when {
                let place = self.lint.place(file, &format!("/materials/{at}/when"));
                self.facts(when, &place);
            }
            if material.may_follow && !material.required {
                self.add(
                    Rule::Material,
                    &format!("/materials/{at}/may_follow"),
                    format!(
                        "the material `{}` may follow later, although nobody requires it",
                        material.id
                    ),
                    "take `may_follow` out, or `required: false`",
                );
            }
        }
    }

    fn facts(&mut self, condition: &Condition, place: &Place) {
        let Some(declared) = &self.lint.loaded.facts else {
            return;
        };
        for fact in condition.facts() {
            if !declared.iter().any(|known| known == fact) {
                let help = nearest(fact, declared.iter().map(String::as_str)).unwrap_or_else(|| {
                    "add it to `facts` in centre.yaml once the host collects it".to_owned()
                });
                let message = format!("the condition asks for `case.{fact}`, which nobody collects");
                self.lint.add(Rule::UnknownFact, place.clone(), message, help);
            }
        }
    }

    fn fees(&mut self) {
        let file = &self.written.file;
        let procedure = &self.written.procedure;
        self.lint
            .unique(file, "/fees", "fee", procedure.fees.iter().map(|fee| &fee.id));
        for (at, fee) in procedure.fees.iter().enumerate() {
            self.lint.names(file, &format!("/fees/{at}/name"), &fee.name);
        }
        if procedure.fee_before_delivery && procedure.fees.is_empty() {
            self.add(
                Rule::Fee,
                "/fee_before_delivery",
                "an unpaid fee would hold back the certificate, but there is no fee".to_owned(),
                "list the fees, or take `fee_before_delivery` out",
            );
        }
        let bank = self
            .lint
            .catalogue()
            .windows
            .iter()
            .any(|window| window.form == WindowForm::Bank);
        if !procedure.fees.is_empty() && !bank {
            self.add(
                Rule::Fee,
                "/fees",
                "there are fees, but no bank window at which they can be paid".to_owned(),
                "add a window of the form `bank`",
            );
        }
    }

    fn sources(&mut self) {
        let procedure = &self.written.procedure;
        let terms = &procedure.terms;
        let terms = [
            ("intake", &terms.intake),
            ("statutory", &terms.statutory),
            ("promised", &terms.promised),
            ("delivery", &terms.delivery),
            ("correction", &terms.correction),
        ];
        let mut sources: Vec<(String, &str)> = Vec::new();
        for (name, term) in terms {
            sources.extend(
                term.iter()
                    .map(|term| (format!("/terms/{name}/source"), term.source.as_str())),
            );
        }
        for (at, fee) in procedure.fees.iter().enumerate() {
            sources.push((format!("/fees/{at}/source"), &fee.source));
        }
        for (at, rule) in procedure.special_procedures.iter().enumerate() {
            sources.push((format!("/special_procedures/{at}/source"), &rule.source));
        }
        sources.extend(
            procedure
                .extension
                .iter()
                .map(|rule| ("/extension/source".to_owned(), rule.source.as_str())),
        );
        for (path, source) in sources {
            if source.trim().is_empty() {
                self.add(
                    Rule::EmptySource,
                    &path,
                    "the source is empty".to_owned(),
                    "say where it stands in law, or who published it",
                );
            }
        }
    }

    fn terms(&mut self) {
        let procedure = &self.written.procedure;
        let terms = &procedure.terms;
        let Some(promised) = &terms.promised else {
            if !matches!(procedure.kind, ProcedureKind::Recorded) {
                self.add(
                    Rule::NoPromise,
                    "/terms",
                    "no term is promised".to_owned(),
                    "write `promised`; 0wd for what is decided on the same day",
                );
            }
            return;
        };
        let Some(statutory) = &terms.statutory else { return };
        let (promised, statutory) = (promised.term, statutory.term);
        if promised.same_unit(statutory) {
            if promised.count() > statutory.count() {
                self.add(
                    Rule::PromisePastStatute,
                    "/terms/promised/term",
                    format!("the promise of {promised} is longer than the statute of {statutory}"),
                    "promise at most what the law allows",
                );
            }
            return;
        }
        let Some(calendar) = self.lint.calendars.get(&procedure.calendar) else {
            return;
        };
        if let Some(worst) = worst_start(promised, statutory, &procedure.policy, calendar) {
            let message = format!(
                "the promise of {promised} and the statute of {statutory} have different units, and the promise can end \
                 later: counted from {}, the promise ends on {} and the statute on {}",
                worst.start, worst.promised, worst.statutory
            );
            self.add(
                Rule::PromiseMayPassStatute,
                "/terms/promised/term",
                message,
                "promise less, or in the unit of the statute",
            );
        }
    }

    fn special_procedures(&mut self) {
        let mut seen = BTreeSet::new();
        for (at, rule) in self.written.procedure.special_procedures.iter().enumerate() {
            if !seen.insert(rule.kind) {
                self.add(
                    Rule::DuplicateSpecial,
                    &format!("/special_procedures/{at}/kind"),
                    format!("there are two rules for the special procedure `{}`", rule.kind),
                    "keep one: a case goes by the first",
                );
            }
        }
    }

    fn extension(&mut self) {
        let procedure = &self.written.procedure;
        let Some(extension) = &procedure.extension else {
            return;
        };
        let longest = extension.longest;
        match &procedure.terms.statutory {
            None => self.add(
                Rule::Extension,
                "/extension/longest",
                "there is an extension, but no statutory term that it could extend".to_owned(),
                "write the statutory term, or take the extension out",
            ),
            Some(statutory) if !longest.same_unit(statutory.term) => self.add(
                Rule::Extension,
                "/extension/longest",
                format!(
                    "the extension of {longest} has another unit than the statute of {}",
                    statutory.term
                ),
                "write both in one unit",
            ),
            Some(statutory) if longest.count() > statutory.term.count() => self.add(
                Rule::Extension,
                "/extension/longest",
                format!(
                    "the extension of {longest} is longer than the statute of {}",
                    statutory.term
                ),
                "check the law: an extension is a part of the term",
            ),
            Some(_) => {}
        }
        self.held(
            extension.approver,
            &procedure.department,
            None,
            "/extension/approver",
        );
    }

    fn silence(&mut self) {
        let procedure = &self.written.procedure;
        if procedure.silence.decision == Some(DecisionSilence::Granted)
            && let Some(flow) = &procedure.flow
            && let Some(step) = flow.steps().into_iter().find(|step| step.safety)
        {
            self.add(
                Rule::SilenceGrantsSafety,
                "/silence/decision",
                format!(
                    "silence would grant the application, although the step `{}` guards safety",
                    step.id
                ),
                "take `decision` out: where safety is guarded, silence grants nothing",
            );
        }
    }

    fn flow(&mut self, resolved: &Procedure) {
        let procedure = &self.written.procedure;
        let recorded = procedure.kind == ProcedureKind::Recorded;
        let (Some(flow), Some(whole)) = (&procedure.flow, &resolved.flow) else {
            if !recorded {
                self.add(
                    Rule::NoDecision,
                    "",
                    format!(
                        "the procedure `{}` has no flow, so its cases can never be decided",
                        procedure.id
                    ),
                    "write its flow, or make its kind `recorded`",
                );
            }
            return;
        };
        let mut own = BTreeSet::new();
        flow.walk(&mut |block| {
            own.extend(block.id().map(|id| id.to_string()));
            if let Block::Step(step) = block {
                own.insert(step.id.to_string());
            }
        });
        for unsound in soundness::check(whole) {
            // What is wrong inside a sub-flow is found on that procedure's own page.
            if unsound.at().is_none_or(|id| own.contains(id)) {
                self.add_at(
                    Rule::Unsound,
                    unsound.at().unwrap_or_default(),
                    unsound.to_string(),
                    "a flow must be sound before a case can follow it",
                );
            }
        }
        let steps = flow.steps();
        if !recorded && !steps.iter().any(|step| step.decides) {
            self.add(
                Rule::NoDecision,
                "/flow",
                "no step of the flow is the decision".to_owned(),
                "write `decides: true` on the step that decides the case",
            );
        }
        for step in steps {
            self.step(step);
        }
        let mut together = false;
        flow.walk(&mut |block| together |= matches!(block, Block::Parallel(_) | Block::Procedure(_)));
        if procedure.kind == ProcedureKind::Joint && !together {
            self.add(
                Rule::NotJoint,
                "/kind",
                "the procedure is joint, but its flow has neither a parallel group nor a sub-flow".to_owned(),
                "give it another kind, or bring the others in",
            );
        }
        self.blocks(flow, whole, &mut Vec::new());
    }

    fn step(&mut self, step: &'a Step) {
        let id = step.id.as_str();
        let procedure = &self.written.procedure;
        let file = &self.written.file;
        if let Some(names) = &step.name
            && (names.zh.trim().is_empty() || names.en.trim().is_empty())
        {
            self.add_at(
                Rule::EmptyName,
                id,
                format!("the name of the step `{id}` is empty in one language"),
                "write it in both",
            );
        }
        if let Some(department) = &step.department {
            self.lint.known_department(department, |lint| {
                let sources = &lint.loaded.sources;
                sources
                    .place_of_text(file, "/flow", "/step/department", department.as_str())
                    .unwrap_or_else(|| sources.place_of_id(file, id))
            });
        }
        let department = step.department.as_ref().unwrap_or(&procedure.department);
        if let Some(form) = step.window
            && self.lint.departments.contains_key(department)
        {
            let windows = &self.lint.catalogue().windows;
            let served = windows
                .iter()
                .any(|window| window.form == form && self.lint.serves(window, department));
            if !served {
                self.add_at(
                    Rule::NoSuchWindow,
                    id,
                    format!("the step `{id}` is done at a window of the form `{form}`, and `{department}` has none"),
                    "give the department such a window or a roster at one, or name another form",
                );
                return;
            }
        }
        self.held(step.needed_role(), department, step.window, &format!("#{id}"));
        self.longer_than_promised(step.term, id, "step");
    }

    fn longer_than_promised(&mut self, term: Option<Term>, id: &str, what: &str) {
        // What comes before acceptance does not count against the promise.
        let first = self
            .written
            .procedure
            .flow
            .as_ref()
            .and_then(|flow| flow.steps().first().map(|step| step.id.to_string()));
        if let Some(promised) = &self.written.procedure.terms.promised
            && let Some(term) = term
            && first.as_deref() != Some(id)
            && term.same_unit(promised.term)
            && term.count() > promised.term.count()
        {
            let promised = promised.term;
            self.add_at(
                Rule::StepPastPromise,
                id,
                format!("the {what} `{id}` has {term}, and the whole case was promised in {promised}"),
                "give it less, or promise more",
            );
        }
    }

    /// Checks that somebody of a department holds a role, and can stand at such a window. `at` is a path, or `#` and the
    /// id of a step.
    fn held(&mut self, role: Role, department: &DepartmentId, form: Option<WindowForm>, at: &str) {
        if !role.is_staff() || !self.lint.departments.contains_key(department) {
            return;
        }
        let catalogue = self.lint.catalogue();
        let somebody = catalogue.staff.iter().any(|person| {
            let anywhere = matches!(role, Role::GovernmentHead | Role::Supervisor | Role::Director);
            let there =
                person.departments.contains(department) || (anywhere && person.departments.is_empty());
            let windows = form.is_none_or(|form| {
                person.windows.is_empty()
                    || person.windows.iter().any(|id| {
                        self.lint
                            .windows
                            .get(id)
                            .is_some_and(|window| window.form == form && self.lint.serves(window, department))
                    })
            });
            person.roles.contains(&role) && there && windows
        });
        if !somebody {
            let message = form.map_or_else(
                || format!("nobody of the department `{department}` holds the role `{role}`"),
                |form| format!("nobody of the department `{department}` holds the role `{role}` at a window of the form `{form}`"),
            );
            let help = "give the role to someone in staff.yaml, or name another role or department";
            match at.strip_prefix('#') {
                Some(id) => self.add_at(Rule::MissingRole, id, message, help),
                None => self.add(Rule::MissingRole, at, message, help),
            }
        }
    }

    /// Groups and choices. `sides` are the choices around, and which side of each the block stands on.
    fn blocks(&mut self, block: &'a Block, whole: &Block, sides: &mut Vec<(&'a str, bool)>) {
        match block {
            Block::Parallel(group) => self.group(group, whole),
            Block::Choice(choice) => {
                let text = choice.when.as_str();
                let sources = &self.lint.loaded.sources;
                let place = sources
                    .place_of_text(&self.written.file, "/flow", "/when", text)
                    .unwrap_or_else(|| sources.place(&self.written.file, "/flow"));
                self.facts(&choice.when, &place);
                if let Some((_, taken)) = sides.iter().find(|(around, _)| *around == text) {
                    let never = if *taken { "else" } else { "then" };
                    // An absent `else` has nothing in it that could be reached.
                    if !*taken || choice.otherwise.is_some() {
                        self.lint.add(
                            Rule::Unreachable,
                            place,
                            format!("the `{never}` side of this choice is never reached: the choice around it asks the same"),
                            "take the inner choice out, or ask something else",
                        );
                    }
                }
                sides.push((text, true));
                self.blocks(&choice.then, whole, sides);
                sides.pop();
                if let Some(otherwise) = &choice.otherwise {
                    sides.push((text, false));
                    self.blocks(otherwise, whole, sides);
                    sides.pop();
                }
                return;
            }
            Block::Step(_) | Block::Sequence(_) | Block::Optional(_) | Block::Procedure(_) => {}
        }
        for child in block.children() {
            self.blocks(child, whole, sides);
        }
    }

    fn group(&mut self, group: &Parallel, whole: &Block) {
        let id = group.id.as_str();
        if let Some(lead) = &group.lead {
            let file = &self.written.file;
            self.lint.known_department(lead, |lint| {
                let sources = &lint.loaded.sources;
                sources
                    .place_of_text(file, "/flow", "/parallel/lead", lead.as_str())
                    .unwrap_or_else(|| sources.place_of_id(file, id))
            });
        }
        self.longer_than_promised(group.term, id, "group");
        let Some(silence) = &group.silence else { return };
        let members = whole.group(&group.id).unwrap_or(group);
        let all_guard_safety = members
            .branches
            .iter()
            .flat_map(Block::steps)
            .all(|step| step.safety);
        if silence.only.is_empty() && all_guard_safety {
            self.add_at(
                Rule::SilenceCoversNobody,
                id,
                format!("the silence of members of `{id}` is to count, but all of them guard safety"),
                "take `silence` out: it never covers them",
            );
        }
        if let Some(term) = group.term
            && term.same_unit(silence.after)
            && silence.after.count() > term.count()
        {
            self.add_at(
                Rule::SilenceCoversNobody,
                id,
                format!(
                    "silence in `{id}` counts after {}, but the group has {term}",
                    silence.after
                ),
                "let silence count within the term of the group",
            );
        }
    }
}

/// A start from which a promise ends after the statute.
struct Worst {
    start: Date,
    promised: Date,
    statutory: Date,
}

/// The first of those days of the calendar from which the promise passes the statute by the most days.
fn worst_start(promised: Term, statutory: Term, policy: &Policy, calendar: &Calendar) -> Option<Worst> {
    let due_on = |start, term| Clock::new(start, term, policy, calendar).due_on(start);
    let covered = calendar.covered();
    let mut worst: Option<(i32, Worst)> = None;
    let mut start = covered.first();
    while start <= covered.last() {
        // Towards the end of the calendar there is no answer any more.
        let (Ok(promise), Ok(statute)) = (due_on(start, promised), due_on(start, statutory)) else {
            break;
        };
        let excess = promise.days() - statute.days();
        if excess > worst.as_ref().map_or(0, |(most, _)| *most) {
            let found = Worst {
                start,
                promised: promise,
                statutory: statute,
            };
            worst = Some((excess, found));
        }
        start = start.next();
    }
    worst.map(|(_, worst)| worst)
}
