//! How the server is: for load balancers, for metrics, for people, and for programs that want to know what can be asked.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use guichet::ArchiveWatch;
use guichet_core::id::{CalendarId, Position, Version};
use guichet_core::time::Date;
use serde::Serialize;

use crate::call::{Answer, Call, json, typed};
use crate::openapi;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    #[serde(rename = "check")]
    of: &'static str,
    ok: bool,
    says: Option<String>,
}

pub(crate) async fn health(_: Call) -> Answer {
    json(&Health {
        status: "ok",
        checks: Vec::new(),
    })
}

/// How many records the views may lack before the server says that it is not ready.
const LAG_MAX: u64 = 100_000;

pub(crate) async fn ready(call: Call) -> Answer {
    let live = &call.server.live;
    let (poisoned, failed, uncounted, lag) = (
        live.engine().poisoned(),
        live.failed(),
        call.server.statistics.failed(),
        live.lag(),
    );
    // What failed names files and positions: that is for whoever may see more than the public.
    let told = call.caller.role.has(crate::route::Right::Sums);
    let check = |of, failed: Option<String>| Check {
        of,
        ok: failed.is_none(),
        says: failed.filter(|_| told),
    };
    let checks = vec![
        check("log", poisoned),
        check("views", failed),
        check("statistics", uncounted),
        Check {
            of: "lag",
            ok: live.is_read() && lag <= LAG_MAX,
            says: told.then(|| format!("{lag} records")),
        },
    ];
    let ok = checks.iter().all(|check| check.ok);
    let mut response = json(&Health {
        status: if ok { "ok" } else { "not_ready" },
        checks,
    })?;
    if !ok {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(response)
}

pub(crate) async fn metrics(call: Call) -> Answer {
    let text = call.server.metrics.text(&call.server);
    Ok(typed(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        "no-store",
        text,
    ))
}

pub(crate) async fn openapi(_: Call) -> Answer {
    Ok(typed("application/json", "no-cache", openapi::text()))
}

/// The system, as `schemas/system.v1.schema.json` describes it.
#[derive(Serialize)]
struct System {
    version: u16,
    guichet: &'static str,
    position: Position,
    lag: u64,
    poisoned: Option<String>,
    archive: Option<Archive>,
    viewers: i64,
    uptime_seconds: u64,
    calendars: BTreeMap<CalendarId, Covered>,
}

#[derive(Serialize)]
struct Archive {
    size: Option<u64>,
    root: Option<String>,
    lag: u64,
    failed: Option<String>,
}

#[derive(Serialize)]
struct Covered {
    version: Version,
    from: Date,
    to: Date,
}

pub(crate) async fn system(call: Call) -> Answer {
    let server = &call.server;
    let engine = server.live.engine();
    let directory = engine.directory();
    let archive = server.settings.archive.as_ref().map(ArchiveWatch::status);
    let calendars = directory.calendars.iter().map(|(id, calendar)| {
        let covered = calendar.covered();
        let covered = Covered {
            version: calendar.version(),
            from: covered.first(),
            to: covered.last(),
        };
        (id.clone(), covered)
    });
    json(&System {
        version: 1,
        guichet: env!("CARGO_PKG_VERSION"),
        position: engine.head(),
        lag: server.live.lag(),
        poisoned: engine.poisoned(),
        archive: archive.map(|status| Archive {
            size: status.head.as_ref().map(|head| head.size),
            root: status.head.as_ref().map(|head| head.root.to_string()),
            lag: status.lag,
            failed: status.failed,
        }),
        viewers: server.metrics.viewers(),
        uptime_seconds: server.began.elapsed().as_secs(),
        calendars: calendars.collect(),
    })
}
