//! Commands: what somebody at a window does, in their own name only.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use guichet::{Answer as Said, AnswerDocument, EngineError};
use guichet_core::actor::{Actor, Role as Acts};
use guichet_core::case::{CaseCommand, Command};
use guichet_core::id::{CommandId, Revision};
use serde::de::DeserializeOwned;

use crate::access::{Role, Token};
use crate::api::cases::{may_see, no_such_case};
use crate::call::{Answer, Call, typed};
use crate::problem::{Both, Problem};

/// A body that is JSON of a known form. No page of another origin can send one: a form has no such type.
pub(crate) fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Problem> {
    let kind = call.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_json = kind.is_some_and(|kind| {
        kind.split(';')
            .next()
            .is_some_and(|kind| kind.trim() == "application/json")
    });
    if !is_json {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "no_json",
            Both::new(
                "请求内容须为 JSON，并注明 Content-Type: application/json",
                "the body must be JSON, with `Content-Type: application/json`",
            ),
        ));
    }
    serde_json::from_slice(&call.body).map_err(|error| {
        Problem::bad_request(Both::new(
            format!("请求内容无法识别：{error}"),
            format!("the body cannot be read: {error}"),
        ))
    })
}

fn header<T: std::str::FromStr<Err: std::fmt::Display>>(
    headers: &HeaderMap,
    name: &'static str,
    read: impl FnOnce(&str) -> Option<&str>,
) -> Result<Option<T>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let no = |why: String| {
        Problem::bad_request(Both::new(
            format!("请求头 {name} 无法识别：{why}"),
            format!("the header `{name}` cannot be read: {why}"),
        ))
    };
    let text = value.to_str().map_err(|error| no(error.to_string()))?;
    let text = read(text).ok_or_else(|| no("expected a number in quotes, such as \"21\"".to_owned()))?;
    text.parse()
        .map(Some)
        .map_err(|error: T::Err| no(error.to_string()))
}

pub(crate) async fn command(call: Call) -> Answer {
    let mut command: Command = body(&call)?;
    if let Some(id) = header::<CommandId>(&call.headers, "idempotency-key", |text| Some(text))? {
        command.id = id;
    }
    let expected: Option<u64> = header(&call.headers, "if-match", |text| {
        text.strip_prefix('"')?.strip_suffix('"')
    })?;
    if let Some(expected) = expected {
        command.expected = Some(Revision(expected));
    }
    let Some(token) = &call.caller.token else {
        return Err(not_yours());
    };
    own_name(token, &command.actor)?;
    let begins = matches!(
        command.ask,
        CaseCommand::Submit { .. } | CaseCommand::RecordPreCheck { .. }
    );
    if !begins && !may_see(&call, &command.case) && !just_begun(&call, &command).await? {
        return Err(no_such_case(&command.case));
    }
    let (id, case) = (command.id.clone(), command.case.clone());
    let answer = call.server.live.engine().handle(command).await;
    call.server.metrics.command(match &answer {
        Ok(Said::Accepted(_)) => "accepted",
        Ok(Said::Rejected(_)) => "rejected",
        Err(error) => error.code(),
    });
    if let Err(error) = &answer {
        return Err(error.clone().into());
    }
    let status = match &answer {
        Ok(Said::Rejected(_)) => StatusCode::CONFLICT,
        Ok(Said::Accepted(_)) | Err(_) => StatusCode::OK,
    };
    let document = serde_json::to_vec(&AnswerDocument::of(&id, &case, &answer))
        .map_err(|error| Problem::from(EngineError::Decode(error.to_string())))?;
    let mut response = typed("application/json", "no-store", document);
    *response.status_mut() = status;
    if let Ok(Said::Accepted(accepted)) = &answer
        && let Some(revision) = accepted.revision
        && let Ok(tag) = HeaderValue::from_str(&format!("\"{revision}\""))
    {
        response.headers_mut().insert(axum::http::header::ETAG, tag);
    }
    Ok(response)
}

/// Whether a case that the views have not seen yet is one that the asker may see: the log knows it already.
async fn just_begun(call: &Call, command: &Command) -> Result<bool, Problem> {
    let Some(view) = call.server.live.engine().case(&command.case).await? else {
        return Ok(false);
    };
    let Some(case) = view.state.case() else {
        return Ok(false);
    };
    Ok(call.caller.sees(&guichet_audit::replay::Row::of(case.clone())))
}

/// A token acts as its person, at its window, in the roles that it stands for. What the directory allows that person comes
/// on top: the engine asks it.
fn own_name(token: &Token, actor: &Actor) -> Result<(), Problem> {
    let roles: &[Acts] = match token.role {
        Role::Clerk => &[Acts::Clerk, Acts::Cashier],
        Role::Handler => &[Acts::Handler, Acts::Reviewer],
        Role::DepartmentHead => &[Acts::Reviewer, Acts::Approver, Acts::AuthorityHead],
        Role::Public | Role::Dashboard | Role::Supervisor => &[],
    };
    let is_own = token.person.as_ref() == Some(&actor.person)
        && roles.contains(&actor.role)
        && (token.role != Role::Clerk || actor.window == token.window)
        && actor.acting_for.is_none();
    if is_own { Ok(()) } else { Err(not_yours()) }
}

fn not_yours() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "not_your_name",
        Both::new(
            "命令的经办人与口令不符：只能以本人名义、在本窗口、以口令所属角色办理",
            "the command's actor is not whose token this is: act in your own name, at your window, in your role",
        ),
    )
}
