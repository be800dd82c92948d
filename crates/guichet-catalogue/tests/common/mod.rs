//! A small sound catalogue, and ways to break it.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of it")]

use guichet_catalogue::{Document, LoadError, Loaded, from_documents};

/// The documents of a small catalogue about which the lint has nothing to say.
pub(crate) const SOUND: &[(&str, &str)] = &[
    (
        "centre.yaml",
        "name: {zh: 中心, en: Centre}\nzone: \"+08:00\"\nfacts: [trade]\n",
    ),
    (
        "departments.yaml",
        "departments:\n  - {id: commerce, name: {zh: 工商局, en: Commerce}}\n  - {id: fire, name: {zh: 消防, en: Fire}}\n  \
         - {id: archives, name: {zh: 档案馆, en: Archives}, opinion_only: true}\n",
    ),
    (
        "windows.yaml",
        "windows:\n  - {id: w1, name: {zh: 一, en: One}, form: reception, department: commerce}\n  \
         - {id: w2, name: {zh: 二, en: Two}, form: rotating}\n  - {id: w3, name: {zh: 三, en: Three}, form: bank}\n",
    ),
    (
        "rosters.yaml",
        "rosters:\n  - {window: w2, from: 2010-01-01, to: 2010-12-31, departments: [fire]}\n  \
         - {window: w3, from: 2010-01-01, to: 2010-12-31, departments: [commerce]}\n",
    ),
    (
        "staff.yaml",
        "staff:\n  - {id: s1, roles: [clerk, handler], departments: [commerce]}\n  \
         - {id: s2, roles: [approver, authority_head], departments: [commerce]}\n  \
         - {id: s3, roles: [clerk, handler], departments: [fire, archives]}\n  \
         - {id: s4, roles: [cashier], departments: [commerce], windows: [w3]}\n",
    ),
    ("calendars.yaml", "calendars: [CN]\n"),
    (
        "procedures/filing.yaml",
        "id: filing\nversion: 1\nname: {zh: 备案, en: Filing}\ndepartment: fire\nkind: promised\ncalendar: CN\nterms:\n  \
         promised: {term: 3wd, source: the centre}\nflow:\n  sequence:\n    - step: {id: intake, window: rotating, role: clerk}\n    \
         - step: {id: decide, role: handler, four_eyes: [intake], decides: true}\n",
    ),
    (
        "procedures/licence.yaml",
        "id: licence\nversion: 1\nname: {zh: 许可, en: Licence}\ndepartment: commerce\nkind: joint\ncalendar: CN\nmaterials:\n  \
         - {id: form, name: {zh: 申请表, en: Form}}\n  - {id: plan, name: {zh: 平面图, en: Plan}, when: case.trade == 'food', may_follow: true}\n\
         fees:\n  - {id: fee, name: {zh: 登记费, en: Fee}, amount_fen: 30000, source: the price list}\nfee_before_delivery: true\n\
         terms:\n  statutory: {term: 20wd, source: the law}\n  promised: {term: 12wd, source: the centre}\n\
         special_procedures:\n  - {kind: hearing, excluded: true, longest: 20wd, source: the law}\n\
         extension: {longest: 10wd, approver: authority_head, source: the law}\nsilence: {intake_accepts: true}\n\
         rating: {points: [decision], open_for: 5wd, rectify_within: 15wd}\nflow:\n  sequence:\n    \
         - step: {id: intake, window: reception, role: clerk, term: 5wd}\n    - parallel:\n        id: members\n        lead: commerce\n        \
         term: 7wd\n        silence: {after: 7wd, effect: consent, needs: proof_of_service, only: [archives]}\n        branches:\n          \
         - step: {id: fire, department: fire, term: 7wd, safety: true}\n          - step: {id: archives, department: archives, term: 5wd}\n          \
         - procedure: {procedure: filing}\n    - choice:\n        when: case.trade == 'food'\n        then: {step: {id: kitchen}}\n        \
         else: {step: {id: office}}\n    - step: {id: pay, window: bank, role: cashier}\n    \
         - step: {id: decide, role: approver, four_eyes: [intake, filing.decide], decides: true}\n",
    ),
];

/// The documents of the sound catalogue.
pub(crate) fn sound() -> Vec<Document> {
    SOUND
        .iter()
        .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
        .collect()
}

/// The sound catalogue with another text for one document, or with one more.
pub(crate) fn with(file: &str, text: &str) -> Result<Loaded, LoadError> {
    let mut documents = sound();
    documents.retain(|(name, _)| name != file);
    documents.push((file.to_owned(), text.to_owned()));
    from_documents("small", documents)
}

/// The sound catalogue with one passage of one document replaced.
pub(crate) fn replaced(file: &str, passage: &str, by: &str) -> Result<Loaded, LoadError> {
    let text = SOUND
        .iter()
        .find(|(name, _)| *name == file)
        .map(|(_, text)| *text)
        .unwrap();
    assert!(text.contains(passage), "{file} does not hold {passage:?}");
    with(file, &text.replacen(passage, by, 1))
}
