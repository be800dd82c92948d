//! Signing in and out, and who asks.

use axum::body::Body;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Response, StatusCode};
use guichet_core::id::{DepartmentId, PersonId, WindowId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::access::Role;
use crate::call::{Answer, Call, json};
use crate::problem::{Both, Problem};
use crate::route::Right;
use crate::scope::Caller;

/// The cookie that holds the token.
pub(crate) const COOKIE: &str = "guichet_token";

/// Its line: no script can read it, no other site can use it, and where the browser came by HTTPS it goes nowhere else.
fn cookie(call: &Call, token: &str, more: &str) -> Option<HeaderValue> {
    let secure = if call.origin.secure { "; Secure" } else { "" };
    let line = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{more}");
    // A token is letters, digits and a line; anything else belongs to nobody.
    HeaderValue::from_str(&line).ok()
}

/// Who asks, as `schemas/session.v1.schema.json` describes it.
#[derive(Serialize)]
struct Session {
    version: u16,
    role: Role,
    label: Option<String>,
    person: Option<PersonId>,
    window: Option<WindowId>,
    departments: BTreeSet<DepartmentId>,
    signed_in: bool,
    may: Vec<&'static str>,
}

impl Session {
    fn of(caller: &Caller) -> Self {
        let token = caller.token.as_ref();
        let rights = [
            (Right::Sums, "sums"),
            (Right::Cases, "cases"),
            (Right::Act, "act"),
            (Right::Findings, "findings"),
            (Right::Log, "log"),
        ];
        Self {
            version: 1,
            role: caller.role,
            label: token.map(|token| token.label.clone()),
            person: token.and_then(|token| token.person.clone()),
            window: token.and_then(|token| token.window.clone()),
            departments: caller.departments.clone(),
            signed_in: token.is_some(),
            may: rights
                .into_iter()
                .filter(|(right, _)| caller.role.has(*right))
                .map(|(_, name)| name)
                .collect(),
        }
    }
}

pub(crate) async fn get(call: Call) -> Answer {
    json(&Session::of(&call.caller))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    token: String,
}

pub(crate) async fn post(call: Call) -> Answer {
    let SignIn { token } = crate::api::commands::body(&call)?;
    let token = token.trim();
    let Some(caller) = call.server.caller_of(token) else {
        return Err(bad_token());
    };
    let mut response = json(&Session::of(&caller))?;
    if let Some(cookie) = cookie(&call, token, "") {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A token that nobody has, or no longer.
pub(crate) fn bad_token() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "bad_token",
        Both::new("口令无效或已过期", "the token is not known, or no longer good"),
    )
    .help(
        "请检查是否完整复制；新口令由管理员用 guichet token create 创建",
        "see that it was copied whole; whoever runs the server makes a new one with `guichet token create`",
    )
}

pub(crate) async fn delete(call: Call) -> Answer {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Some(gone) = cookie(&call, "", "; Max-Age=0") {
        response.headers_mut().insert(SET_COOKIE, gone);
    }
    Ok(response)
}
