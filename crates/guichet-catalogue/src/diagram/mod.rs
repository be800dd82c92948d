//! Charts of a flow: what the centre hangs on its wall, and a text form for pages that draw it themselves.

mod mermaid;
mod svg;

use guichet_core::flow::{Choice, Parallel, Step, SubFlow};
use guichet_core::id::{BlockId, DepartmentId};
use guichet_core::lang::Lang;
use guichet_core::procedure::Procedure;
use guichet_core::reference::Catalogue;

pub use mermaid::mermaid;
pub use svg::svg;

use crate::words::Words;

/// What a chart says about blocks: the same in every form of it.
#[derive(Clone, Copy)]
struct Captions<'a> {
    catalogue: &'a Catalogue,
    procedure: &'a Procedure,
    lang: Lang,
}

impl<'a> Captions<'a> {
    fn step_title(&self, step: &'a Step) -> &'a str {
        match &step.name {
            Some(names) => self.lang.name(names),
            None => step.id.as_str(),
        }
    }

    fn department(&self, step: &'a Step) -> &'a str {
        let department = step.department.as_ref().unwrap_or(&self.procedure.department);
        self.lang.department(self.catalogue, department)
    }

    /// Role, window and term of a step.
    fn step_details(&self, step: &Step) -> Vec<String> {
        let mut details = vec![self.lang.role(step.needed_role()).to_owned()];
        details.extend(step.window.map(|form| self.lang.window_form(form).to_owned()));
        details.extend(step.term.map(|term| self.lang.short_term(term)));
        details
    }

    fn group_title(&self, group: &'a Parallel) -> &'a str {
        match &group.name {
            Some(names) => self.lang.name(names),
            None => group.id.as_str(),
        }
    }

    fn group_details(&self, group: &Parallel) -> Vec<String> {
        let lang = self.lang;
        let mut first = vec![lang.of("并联", "side by side").to_owned()];
        first.extend(
            group
                .lead
                .as_ref()
                .map(|lead| self.labelled(lang.of("牵头", "lead"), lead)),
        );
        first.push(lang.join(group.join, group.branches.len()));
        first.extend(group.term.map(|term| lang.short_term(term)));
        let mut lines = vec![first.join(" · ")];
        if !group.veto.is_empty() {
            let names: Vec<_> = group.veto.iter().map(BlockId::as_str).collect();
            lines.push(format!(
                "{}{}{}",
                lang.of("一票否决", "veto"),
                lang.colon(),
                names.join(lang.comma())
            ));
        }
        if let Some(silence) = &group.silence {
            let members: Vec<_> = silence
                .only
                .iter()
                .map(|id| {
                    let step = group.branches.iter().find_map(|branch| branch.step(id));
                    step.map_or_else(|| id.to_string(), |step| self.step_title(step).to_owned())
                })
                .collect();
            let whose = if members.is_empty() {
                lang.of(
                    "成员单位（安全事项除外）",
                    "a member (never where safety is guarded)",
                )
                .to_owned()
            } else {
                members.join(lang.comma())
            };
            let after = lang.short_term(silence.after);
            lines.push(match lang {
                Lang::Zh => format!("送达后{after}未答复视为同意{}{whose}", lang.colon()),
                Lang::En => format!("silent for {after} after proof of service counts as consent: {whose}"),
            });
        }
        lines
    }

    fn labelled(&self, label: &str, department: &DepartmentId) -> String {
        format!(
            "{label}{}{}",
            self.lang.colon(),
            self.lang.department(self.catalogue, department)
        )
    }

    fn sub_title(&self, sub: &SubFlow) -> String {
        let known = self
            .catalogue
            .procedures
            .iter()
            .find(|procedure| procedure.id == sub.procedure);
        known.map_or_else(
            || sub.procedure.to_string(),
            |procedure| self.lang.name(&procedure.name).to_owned(),
        )
    }

    fn question(choice: &Choice) -> String {
        format!("{}?", choice.when)
    }
}
