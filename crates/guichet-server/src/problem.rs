//! What goes wrong, as `application/problem+json` (RFC 9457): what was found, where, what was expected, what to do.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};
use guichet::EngineError;
use guichet_core::lang::Lang;
use guichet_terminal::context::Failure;
use serde::Serialize;

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Both {
    zh: String,
    en: String,
}

impl Both {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    fn of(self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }
}

/// Something that was not answered as it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// A stable name for programs.
    pub(crate) code: &'static str,
    told: Box<Told>,
    /// After how many seconds it is worth another try.
    retry_after: Option<u64>,
}

/// What is said of a problem, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    detail: Both,
    help: Option<Both>,
}

#[derive(Serialize)]
struct Document {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: Both) -> Self {
        Self {
            status,
            code,
            told: Box::new(Told { detail, help: None }),
            retry_after: None,
        }
    }

    /// A request that makes no sense as it stands.
    pub(crate) fn bad_request(detail: Both) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_request", detail)
    }

    /// Nothing of this name, or nothing that the asker may see: both are answered alike.
    pub(crate) fn absent(code: &'static str, detail: Both) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    pub(crate) fn help(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.told.help = Some(Both::new(zh, en));
        self
    }

    pub(crate) const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(crate) fn response(self, lang: Lang) -> Response<Body> {
        let document = Document {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.told.detail.of(lang),
            help: self.told.help.map(|help| help.of(lang)),
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What the tools tell at a terminal, told over HTTP.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let status = match failure.code {
            2 | 3 => StatusCode::UNPROCESSABLE_ENTITY,
            4 => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        let status = match failure.error {
            "no_such_case" | "not_yet" | "no_clock" | "no_such_clock" => StatusCode::NOT_FOUND,
            _ => status,
        };
        let (zh, en) = (failure.said(Lang::Zh), failure.said(Lang::En));
        let problem = Self::new(status, failure.error, Both::new(zh.0, en.0));
        match (zh.1, en.1) {
            // What to type at a terminal is no help in a browser; only what names something is.
            (Some(zh), Some(en)) if !en.contains("guichet ") && !en.contains("--") => problem.help(zh, en),
            (_, _) => problem,
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        let status = match &error {
            EngineError::Busy { .. } | EngineError::Poisoned { .. } | EngineError::Closed => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            EngineError::Conflict { .. } => StatusCode::PRECONDITION_FAILED,
            EngineError::CommandIdReused { .. } => StatusCode::CONFLICT,
            EngineError::TooLarge(_) | EngineError::CaseFull { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            EngineError::Read(_) | EngineError::Decode(_) => StatusCode::INTERNAL_SERVER_ERROR,
            // What a later engine knows is not the asker's doing either.
            _unknown => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let zh = match &error {
            EngineError::Busy { waiting } => {
                format!("已有 {waiting} 条命令排队，达到上限；未作记录，请稍后重试")
            }
            EngineError::Poisoned { .. } => "写入失败后系统不再接受命令，仍可查询；请重新启动服务".to_owned(),
            EngineError::Closed => "系统正在停止".to_owned(),
            EngineError::Conflict { .. } => "办件自您查看后已有变动；未作记录，请重新查看后再办".to_owned(),
            EngineError::CommandIdReused { id } => format!("命令编号 {id} 已用于另一条命令；请使用新的编号"),
            EngineError::CaseFull { max, .. } => format!("一个办件最多 {max} 条记录；未作记录"),
            EngineError::TooLarge(_) => "命令内容过大，请存为文件后引用".to_owned(),
            EngineError::Read(_) | EngineError::Decode(_) => "日志无法读取".to_owned(),
            unknown => unknown.to_string(),
        };
        let problem = Self::new(status, error.code(), Both::new(zh, error.to_string()));
        if error.is_retryable() {
            problem.retry_after(1)
        } else {
            problem
        }
    }
}
