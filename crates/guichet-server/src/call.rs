//! One request, read and checked, as a route is given it; and what a route gives back.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use guichet_core::lang::Lang;
use serde::Serialize;

use crate::origin::Origin;
use crate::problem::{Both, Problem};
use crate::scope::Caller;
use crate::server::Shared;

/// What a route answers.
pub(crate) type Answer = Result<Response<Body>, Problem>;

/// A request.
pub(crate) struct Call {
    pub(crate) server: Arc<Shared>,
    pub(crate) caller: Caller,
    pub(crate) origin: Origin,
    pub(crate) lang: Lang,
    pub(crate) path: BTreeMap<String, String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    /// A part of the path.
    pub(crate) fn part<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Problem> {
        let text = self.path.get(name).map(String::as_str).unwrap_or_default();
        read(name, text)
    }

    /// A parameter that may be there once.
    pub(crate) fn one<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        let mut found = self.texts(name);
        let Some(text) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(Problem::bad_request(Both::new(
                format!("参数 {name} 只能出现一次"),
                format!("the parameter `{name}` is there more than once"),
            )));
        }
        read(name, text).map(Some)
    }

    /// A parameter that may be there several times, or name several values with commas between them.
    pub(crate) fn many<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Vec<T>, Problem> {
        let texts = self.texts(name).flat_map(|text| text.split(','));
        texts
            .filter(|text| !text.is_empty())
            .map(|text| read(name, text))
            .collect()
    }

    /// The values of a parameter as they stand.
    pub(crate) fn texts<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c str> {
        let named = self.query.iter().filter(move |(known, _)| known == name);
        named
            .map(|(_, text)| text.as_str())
            .filter(|text| !text.is_empty())
    }

    /// How many things a page has: what was asked for within what is allowed.
    pub(crate) fn limit(&self, usual: usize, max: usize) -> Result<usize, Problem> {
        let limit: Option<usize> = self.one("limit")?;
        Ok(limit.unwrap_or(usual).clamp(1, max))
    }

    /// The language of the answer where the address names one, else that of the asker.
    pub(crate) fn asked_lang(&self) -> Result<Lang, Problem> {
        let named: Option<LangName> = self.one("lang")?;
        Ok(named.map_or(self.lang, |LangName(lang)| lang))
    }
}

/// A language by its short name.
pub(crate) struct LangName(pub(crate) Lang);

impl FromStr for LangName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "zh" => Ok(Self(Lang::Zh)),
            "en" => Ok(Self(Lang::En)),
            _ => Err("expected zh or en"),
        }
    }
}

fn read<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error| {
        Problem::bad_request(Both::new(
            format!("参数 {name} 的值“{text}”无法识别：{error}"),
            format!("the value `{text}` of `{name}` cannot be read: {error}"),
        ))
    })
}

/// An answer in JSON that is good for this moment only.
pub(crate) fn json<T: Serialize>(answer: &T) -> Answer {
    let body = serde_json::to_vec(answer).map_err(|error| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "unwritable",
            Both::new("结果无法写出", format!("the answer cannot be written: {error}")),
        )
    })?;
    Ok(typed("application/json", "no-store", body))
}

/// An answer of some type.
pub(crate) fn typed(kind: &'static str, cache: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// Does what blocks on a thread that may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "broken_off",
            Both::new("处理中断", format!("the work broke off: {error}")),
        ))
    })
}
