//! What is measured, as `OpenMetrics`: few series, base units, never a case.

use std::fmt::Write as _;
use std::time::Duration;

use axum::http::StatusCode;
use guichet::ArchiveWatch;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::server::Shared;

/// How long answers take, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: Text,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Light {
    department: Text,
    light: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Window {
    window: Text,
}

/// A label that is known only when it is measured.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Text(String);

impl EncodeLabelValue for Text {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        encoder.write_str(&self.0)
    }
}

/// The measures of a server.
pub(crate) struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
    refused: Family<Code, Counter>,
    commands: Family<Code, Counter>,
    viewers: Gauge,
    lights: Family<Light, Gauge>,
    open_at_windows: Family<Window, Gauge>,
    received: Gauge,
    done: Gauge,
    done_late: Gauge,
    records: Gauge,
    lag_records: Gauge,
    archive_lag_records: Gauge,
    poisoned: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("guichet");
        let metrics = Self {
            answered: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            refused: Family::default(),
            commands: Family::default(),
            viewers: Gauge::default(),
            lights: Family::default(),
            open_at_windows: Family::default(),
            received: Gauge::default(),
            done: Gauge::default(),
            done_late: Gauge::default(),
            records: Gauge::default(),
            lag_records: Gauge::default(),
            archive_lag_records: Gauge::default(),
            poisoned: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register(
            "http_requests",
            "Requests by route and status",
            metrics.answered.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "How long answers take to begin",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        registry.register(
            "refused_requests",
            "Attempts that were refused, by code",
            metrics.refused.clone(),
        );
        registry.register(
            "commands",
            "Commands by how they were answered",
            metrics.commands.clone(),
        );
        registry.register("viewers", "Streams that are open", metrics.viewers.clone());
        registry.register(
            "open_cases",
            "Open cases by department and light",
            metrics.lights.clone(),
        );
        registry.register(
            "window_open_cases",
            "Open cases by the window that has the file",
            metrics.open_at_windows.clone(),
        );
        registry.register(
            "cases_received",
            "Cases that were received",
            metrics.received.clone(),
        );
        registry.register("cases_done", "Cases that are over", metrics.done.clone());
        registry.register(
            "cases_done_late",
            "Cases that ended past a promise or a term of the law",
            metrics.done_late.clone(),
        );
        registry.register("log_records", "Records in the log", metrics.records.clone());
        registry.register(
            "view_lag_records",
            "Records of the log that the views lack",
            metrics.lag_records.clone(),
        );
        registry.register(
            "archive_lag_records",
            "Records that no signed head covers; -1 without an archive",
            metrics.archive_lag_records.clone(),
        );
        registry.register(
            "poisoned",
            "1 when the engine takes no more commands",
            metrics.poisoned.clone(),
        );
        // What has not happened yet is 0, not absent: a rule over it would see nothing else.
        for code in ["accepted", "rejected"] {
            let code = Text(code.to_owned());
            metrics.commands.get_or_create(&Code { code }).inc_by(0);
        }
        let code = Text("bad_token".to_owned());
        metrics.refused.get_or_create(&Code { code }).inc_by(0);
        Self { registry, ..metrics }
    }

    pub(crate) fn answered(&self, route: &'static str, status: StatusCode, took: Duration) {
        let status = status.as_u16();
        self.answered.get_or_create(&Answered { route, status }).inc();
        self.seconds
            .get_or_create(&Route { route })
            .observe(took.as_secs_f64());
    }

    pub(crate) fn refused(&self, code: &str) {
        let code = Text(code.to_owned());
        self.refused.get_or_create(&Code { code }).inc();
    }

    pub(crate) fn command(&self, code: &str) {
        let code = Text(code.to_owned());
        self.commands.get_or_create(&Code { code }).inc();
    }

    pub(crate) fn viewer(&self) -> Viewer {
        self.viewers.inc();
        Viewer(self.viewers.clone())
    }

    pub(crate) fn viewers(&self) -> i64 {
        self.viewers.get()
    }

    /// Everything, as text.
    pub(crate) fn text(&self, shared: &Shared) -> String {
        let now = shared.live.now();
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        for department in &now.view.departments {
            let lights = department.lights;
            for (light, cases) in [
                ("green", lights.green),
                ("yellow", lights.yellow),
                ("red", lights.red),
                ("black", lights.black),
                ("grey", lights.grey),
                ("none", lights.none),
            ] {
                let department = Text(department.department.to_string());
                self.lights
                    .get_or_create(&Light { department, light })
                    .set(count(cases));
            }
        }
        for row in &now.view.windows {
            let window = Text(
                row.window
                    .as_ref()
                    .map_or_else(|| "none".to_owned(), ToString::to_string),
            );
            self.open_at_windows
                .get_or_create(&Window { window })
                .set(count(row.open));
        }
        let totals = now.view.totals;
        self.received.set(count(totals.received));
        self.done.set(count(totals.done));
        self.done_late.set(count(totals.done_late));
        let engine = shared.live.engine();
        self.records.set(count(engine.head().0));
        self.lag_records.set(count(shared.live.lag()));
        let archive = shared.settings.archive.as_ref().map(ArchiveWatch::status);
        self.archive_lag_records
            .set(archive.map_or(-1, |status| count(status.lag)));
        self.poisoned.set(i64::from(engine.poisoned().is_some()));
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            // Writing into a string does not fail.
            let _ = writeln!(text, "# EOF");
        }
        text
    }
}

/// Somebody who follows; gone when this is dropped.
pub(crate) struct Viewer(Gauge);

impl Drop for Viewer {
    fn drop(&mut self) {
        self.0.dec();
    }
}
