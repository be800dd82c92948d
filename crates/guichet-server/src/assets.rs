//! The dashboard: files that were built beforehand and lie within the binary.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderValue, Method, Response, StatusCode};
use guichet_core::lang::Lang;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::access::hex;
use crate::problem::{Both, Problem};

#[derive(RustEmbed)]
#[folder = "dist"]
struct Dist;

/// The page that every address of the dashboard begins with.
const PAGE: &str = "index.html";

/// Names under which no page lies: what is not found there is not there.
const NO_PAGES: [&str; 3] = ["api", "assets", "metrics"];

/// A file of the dashboard; for the address of a page, the page.
pub(crate) fn answer(request: &Request, lang: Lang) -> Response<Body> {
    let path = request.uri().path().trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let has_ending = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    let is_page = !NO_PAGES.contains(&first) && !has_ending;
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    let name = if is_page { PAGE } else { path };
    match Dist::get(name).filter(|_| is_read) {
        Some(file) => given(name, file, request),
        None => no_such_address().response(lang),
    }
}

fn no_such_address() -> Problem {
    Problem::absent(
        "no_such_address",
        Both::new("没有这个地址", "there is nothing at this address"),
    )
    .help("见 /api/v1/openapi.json", "see /api/v1/openapi.json")
}

fn given(name: &str, file: EmbeddedFile, request: &Request) -> Response<Body> {
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    let known = request.headers().get(IF_NONE_MATCH);
    let is_known = known.and_then(|known| known.to_str().ok()) == Some(tag.as_str());
    let mut response = Response::new(if is_known {
        Body::empty()
    } else {
        Body::from(file.data.into_owned())
    });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&with_charset(file.metadata.mimetype())) {
        headers.insert(CONTENT_TYPE, kind);
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    // What has its hash in its name never changes.
    let cache = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn with_charset(kind: &str) -> String {
    if kind.starts_with("text/") && !kind.contains("charset") {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_owned()
    }
}
