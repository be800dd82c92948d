//! The table of routes: who may ask what, with which parameters, and what is answered.

use std::future::Future;
use std::pin::Pin;

use axum::http::Method;

use crate::api;
use crate::call::{Answer, Call};

/// What it takes to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Nothing: whoever comes.
    Public,
    /// To see sums.
    Sums,
    /// To see cases: one's own, or all.
    Cases,
    /// To send commands.
    Act,
    /// To see what the rules of supervision find.
    Findings,
    /// To read the log event by event.
    Log,
}

/// A parameter of a route.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What it means, and what it takes.
    pub says: &'static str,
    /// The values that it takes, where they are few.
    pub values: &'static [&'static str],
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// Among the headers.
    Header,
}

/// What a route takes or gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON as one of the files of `schemas/` describes it.
    Schema(&'static str),
    /// Another type of media.
    Media(&'static str),
    /// Nothing.
    Nothing,
}

type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with its parts in braces.
    pub path: &'static str,
    /// What it takes to ask.
    pub right: Right,
    /// What it answers, in a line.
    pub says: &'static str,
    /// Its parameters.
    pub params: Vec<Param>,
    /// What it takes.
    pub takes: Form,
    /// What it gives.
    pub gives: Form,
    /// Whether all who see as much as each other get the same answer, until something else is shown.
    pub(crate) alike: bool,
    /// Whether it tells what was read of the log, and waits until that has been read once.
    pub(crate) reads: bool,
    pub(crate) handler: Handler,
}

impl Route {
    fn with(mut self, params: &[Param]) -> Self {
        self.params.extend_from_slice(params);
        self
    }

    const fn alike(mut self) -> Self {
        self.alike = true;
        self
    }

    /// It waits until the log has been read.
    const fn reads(mut self) -> Self {
        self.reads = true;
        self
    }

    fn taking(mut self, takes: Form) -> Self {
        self.takes = takes;
        self
    }
}

const fn query(name: &'static str, says: &'static str) -> Param {
    Param {
        name,
        place: Place::Query,
        says,
        values: &[],
    }
}

const fn one_of(name: &'static str, says: &'static str, values: &'static [&'static str]) -> Param {
    Param {
        values,
        ..query(name, says)
    }
}

const fn header(name: &'static str, says: &'static str) -> Param {
    Param {
        place: Place::Header,
        ..query(name, says)
    }
}

const AT: Param = query(
    "at",
    "As of which moment: a day such as 2010-06-10 (its end), an instant, or position:N (before the record there). Now when absent.",
);
const LIMIT: Param = query("limit", "At most so many.");
const CURSOR: Param = query("cursor", "The `next` of the page before.");
const LANG: Param = one_of(
    "lang",
    "The language; that of Accept-Language when absent.",
    &["zh", "en"],
);
const DEPARTMENT: Param = query("department", "Only of this department.");
const WINDOW: Param = query("window", "Only at this window.");
const FIGURES: [Param; 4] = [
    query(
        "figure",
        "Which figures, with commas between them; all when absent, by groups the first few.",
    ),
    query(
        "in",
        "Over which period: 2010, 2010-q3, 2010-03, 2010-03-15, or two days with `..` between them.",
    ),
    query(
        "where",
        "Only cases with this value, such as department=food-drug; may be there several times.",
    ),
    query("as_of", "As of when: as `at`, or effective:DAY."),
];

const CASE: Param = Param {
    name: "case",
    place: Place::Path,
    says: "The case.",
    values: &[],
};
const PROCEDURE: Param = Param {
    name: "procedure",
    place: Place::Path,
    says: "The procedure (事项).",
    values: &[],
};

macro_rules! get {
    ($right:ident $path:literal $gives:expr, $says:literal, $handler:path) => {
        Route {
            method: Method::GET,
            path: $path,
            right: Right::$right,
            says: $says,
            params: Vec::new(),
            takes: Form::Nothing,
            gives: $gives,
            alike: false,
            reads: false,
            handler: |call| Box::pin($handler(call)),
        }
    };
}

/// All routes, in the order in which the document tells them.
#[must_use]
pub fn routes() -> Vec<Route> {
    use Form::{Media, Nothing, Schema};

    let post = |route: Route| Route {
        method: Method::POST,
        ..route
    };
    vec![
        get!(Public "/health" Schema("health"), "Whether the process answers.", api::health::health),
        get!(Public "/health/ready" Schema("health"), "Whether it takes work: the log, the views, the archive.", api::health::ready),
        get!(Sums "/metrics" Media("application/openmetrics-text; version=1.0.0; charset=utf-8"), "Metrics, as OpenMetrics.", api::health::metrics),
        get!(Public "/api/v1/openapi.json" Media("application/json"), "This document.", api::health::openapi),
        get!(Public "/api/v1/centre" Schema("centre-shown"), "The centre: its name, departments, windows and items.", api::centre::centre),
        get!(Public "/api/v1/words" Schema("words"), "What codes are called, in a language.", api::centre::words).with(&[LANG]),
        get!(Public "/api/v1/session" Schema("session"), "Who asks, and what they may.", api::session::get),
        post(get!(Public "/api/v1/session" Schema("session"), "Sign in: keeps the token in a cookie that no script can read.", api::session::post))
            .taking(Schema("sign-in")),
        Route {
            method: Method::DELETE,
            ..get!(Public "/api/v1/session" Nothing, "Sign out.", api::session::delete)
        },
        get!(Public "/api/v1/catalogue" Schema("catalogue-shown"), "The items that the centre offers.", api::catalogue::list),
        get!(Public "/api/v1/catalogue/{procedure}" Schema("item"), "One item: materials, fees, terms, steps.", api::catalogue::item).with(&[PROCEDURE, LANG]),
        get!(Public "/api/v1/catalogue/{procedure}/flow.svg" Media("image/svg+xml"), "Its flow, drawn.", api::catalogue::flow).with(&[PROCEDURE, LANG]),
        get!(Public "/api/v1/catalogue/{procedure}/guide.html" Media("text/html; charset=utf-8"), "Its public service guide, to print.", api::catalogue::guide)
            .with(&[PROCEDURE, LANG]),
        get!(Public "/api/v1/public/screen" Schema("public-screen"), "The rolling screen: masked.", api::public::screen).alike().reads(),
        post(get!(Public "/api/v1/public/status" Schema("public-status"), "Where a case stands, for whoever has its number and secret.", api::public::status))
            .taking(Schema("public-query"))
            .reads(),
        get!(Sums "/api/v1/overview" Schema("overview"), "The centre at a moment: counts, lights, windows, departments.", api::overview::overview).with(&[AT]).alike().reads(),
        get!(Sums "/api/v1/figures" Schema("stats-figures"), "Figures, by what and of what they are asked.", api::figures::figures)
            .with(&FIGURES)
            .with(&[query("by", "Set apart by what: department, item, window, …, day or month.")])
            .alike(),
        get!(Sums "/api/v1/process" Schema("stats-process"), "What is done to cases in which order, and how long it takes.", api::figures::process)
            .with(&[query("procedure", "Only cases of this procedure.")]),
        get!(Sums "/api/v1/history" Schema("history"), "The days of the log, with where each ends.", api::overview::history).alike().reads(),
        get!(Sums "/api/v1/stream" Media("text/event-stream"), "What goes on, as server-sent events whose id is the position.", api::stream::stream)
            .with(&[header("last-event-id", "Go on after this position."), query("from", "The same, where no header can be sent.")]),
        get!(Sums "/api/v1/system" Schema("system"), "The log, the views, the archive, the calendars.", api::health::system),
        get!(Cases "/api/v1/cases" Schema("cases"), "Cases, the most urgent first.", api::cases::list).with(&[
            AT, DEPARTMENT, WINDOW,
            query("procedure", "Only of this procedure."),
            one_of("stage", "Only in this stage; `open` when absent, `any` with those that are over.", &["open", "any", "intake", "awaiting_correction", "review", "decided", "completed", "ended", "archived"]),
            one_of("light", "Only under this light.", &["green", "yellow", "red", "black", "grey", "none"]),
            query("q", "Only cases whose number begins like this."),
            one_of("sort", "In which order.", &["urgent", "received"]),
            LIMIT, CURSOR,
        ]).reads(),
        get!(Cases "/api/v1/cases/{case}" Schema("case"), "Where a case stands.", api::cases::one).with(&[CASE, AT]).reads(),
        get!(Cases "/api/v1/cases/{case}/timeline" Schema("case-timeline"), "Its history, event by event.", api::cases::timeline).with(&[CASE, AT]).reads(),
        get!(Cases "/api/v1/cases/{case}/explain" Schema("explanation"), "Why its due dates are what they are, day by day.", api::cases::explain).with(&[
            CASE, AT, query("clock", "Which clock; `all` for every one that ever ran."), query("of", "Of which step or group."),
        ]).reads(),
        get!(Cases "/api/v1/cases/{case}/held" Schema("case-held"), "Who held it, and for how long.", api::cases::held).with(&[CASE, AT]).reads(),
        get!(Act "/api/v1/cases/{case}/receipt" Schema("receipt"), "The number and the secret that its applicant is given.", api::cases::receipt).with(&[CASE]).reads(),
        get!(Cases "/api/v1/figures/cases" Schema("figure-cases"), "The cases behind a figure.", api::figures::behind).with(&FIGURES).with(&[
            one_of("part", "Only of this part.", &["numerator", "denominator"]), LIMIT, CURSOR,
        ]).reads(),
        get!(Findings "/api/v1/findings" Schema("findings-page"), "What the rules of supervision find.", api::findings::findings).with(&[
            query("rule", "Only of these rules."),
            one_of("severity", "Only as severe as this.", &["notice", "warning", "serious"]),
            DEPARTMENT, WINDOW,
            query("case", "Only about this case."),
            LIMIT, CURSOR,
        ]).reads(),
        get!(Log "/api/v1/events" Schema("events-page"), "The log, event by event, from a position on.", api::stream::events)
            .with(&[query("from", "From this position on."), LIMIT]),
        post(get!(Act "/api/v1/commands" Schema("answer"), "Handles a command; answers when what followed is durable.", api::commands::command))
            .taking(Schema("command"))
            .with(&[
                header("idempotency-key", "The id of the command, in place of the one in it."),
                header("if-match", "The revision that the case is expected to end at."),
            ]),
    ]
}
