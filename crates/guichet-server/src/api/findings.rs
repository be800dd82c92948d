//! What the rules of supervision find, for supervisors, and for heads of departments what concerns theirs.

use guichet_audit::findings::{Filter, FindingView, Listing, RuleId, Severity, Subject};
use guichet_core::id::{CaseId, DepartmentId, Position, WindowId};
use guichet_core::time::Date;
use serde::Serialize;

use crate::call::{Answer, Call, blocking, typed};
use crate::problem::{Both, Problem};

/// How many findings a page has where nobody says, and at most.
const PAGE: usize = 50;
const PAGE_MAX: usize = 500;

/// A page of findings, as `schemas/findings-page.v1.schema.json` describes it.
#[derive(Serialize)]
struct Page<'a> {
    version: u16,
    position: Position,
    as_of: Option<Date>,
    found: usize,
    /// How many answer to the filters.
    total: usize,
    /// How many of those there are of each rule.
    rules: std::collections::BTreeMap<RuleId, usize>,
    findings: &'a [FindingView<'a>],
    next: Option<String>,
}

pub(crate) async fn findings(call: Call) -> Answer {
    let rules: Vec<RuleId> = call.many("rule")?;
    let severities: Vec<Severity> = call.many("severity")?;
    let departments: Vec<DepartmentId> = call.many("department")?;
    let windows: Vec<WindowId> = call.many("window")?;
    let case: Option<CaseId> = call.one("case")?;
    let limit = call.limit(PAGE, PAGE_MAX)?;
    let from: usize = call.one("cursor")?.unwrap_or_default();
    let body = blocking(move || {
        let found = call.server.live.found();
        let filter = Filter {
            rules: rules.into_iter().collect(),
            departments: departments.into_iter().collect(),
            windows: windows.into_iter().collect(),
            ..Filter::default()
        };
        let mut listing = Listing::of(&found, &filter);
        let caller = &call.caller;
        listing.findings.retain(|finding| {
            let own = caller.sees_all()
                || finding
                    .department
                    .is_some_and(|department| caller.departments.contains(department));
            let about = case
                .as_ref()
                .is_none_or(|case| matches!(finding.subject, Subject::Case(subject) if subject == case));
            own && about && (severities.is_empty() || severities.contains(&finding.severity))
        });
        let total = listing.findings.len();
        let mut rules = std::collections::BTreeMap::new();
        for finding in &listing.findings {
            *rules.entry(finding.rule).or_default() += 1;
        }
        let page = listing.findings.get(from.min(total)..).unwrap_or_default();
        let page = page.get(..limit.min(page.len())).unwrap_or_default();
        let read = from.saturating_add(page.len());
        serde_json::to_vec(&Page {
            version: 1,
            position: listing.position,
            as_of: listing.as_of,
            found: if caller.sees_all() { listing.found } else { total },
            total,
            rules,
            findings: page,
            next: (read < total).then(|| read.to_string()),
        })
        .map_err(|error| Problem::bad_request(Both::new("结果无法写出", error.to_string())))
    })
    .await?;
    Ok(typed("application/json", "no-store", body))
}
