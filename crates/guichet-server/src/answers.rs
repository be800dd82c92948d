//! Answers that are kept for a moment: many who look at the same get what was made for the first of them.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use guichet_core::lang::Lang;
use tokio::sync::OnceCell;

use crate::call::{Answer, Call};
use crate::live::Now;
use crate::problem::{Both, Problem};
use crate::route::{Right, Route};
use crate::scope::Caller;

/// How long an answer is kept at most; it goes before that where something else is shown.
const KEPT_FOR: Duration = Duration::from_millis(250);

/// How many answers are kept at once. Whoever asks what is beyond gets an answer of their own.
const KEPT_MAX: usize = 256;

/// How much somebody sees, where others see just as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sight {
    /// Every case.
    All,
    /// No case.
    Sums,
}

impl Sight {
    /// None for those who see some cases: each has a sight of their own.
    pub(crate) const fn of(caller: &Caller) -> Option<Self> {
        if caller.sees_all() {
            Some(Self::All)
        } else if caller.role.has(Right::Cases) {
            None
        } else {
            Some(Self::Sums)
        }
    }
}

/// What an answer hangs on, beside what is shown.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Asked {
    path: &'static str,
    query: Vec<(String, String)>,
    sight: Sight,
    lang: Lang,
}

/// The answers of this moment.
#[derive(Default)]
pub(crate) struct Answers(Mutex<Moment>);

#[derive(Default)]
struct Moment {
    /// What is shown, and since when answers are kept for it. It is not kept for them.
    of: Option<(Weak<Now>, Instant)>,
    answers: HashMap<Asked, Arc<OnceCell<Kept>>>,
}

impl Moment {
    fn is_over(&self, shown: &Arc<Now>) -> bool {
        self.of.as_ref().is_none_or(|(of, since)| {
            !std::ptr::eq(of.as_ptr(), Arc::as_ptr(shown)) || since.elapsed() >= KEPT_FOR
        })
    }
}

impl Answers {
    /// What a route answers everybody of a sight, made by it where nobody has asked yet. Those who ask meanwhile wait for it.
    pub(crate) async fn of(&self, route: &Route, sight: Sight, call: Call) -> Answer {
        let zipped = takes_gzip(&call.headers);
        let asked = Asked {
            path: route.path,
            query: call.query.clone(),
            sight,
            lang: call.lang,
        };
        let place = self.place(&call.server.live.now(), asked);
        let kept = place
            .get_or_try_init(async || Kept::of((route.handler)(call).await?).await)
            .await?;
        Ok(kept.response(zipped))
    }

    fn place(&self, shown: &Arc<Now>, asked: Asked) -> Arc<OnceCell<Kept>> {
        let mut moment = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if moment.is_over(shown) {
            moment.of = Some((Arc::downgrade(shown), Instant::now()));
            moment.answers.clear();
        }
        if moment.answers.len() >= KEPT_MAX && !moment.answers.contains_key(&asked) {
            return Arc::default();
        }
        Arc::clone(moment.answers.entry(asked).or_default())
    }
}

/// An answer that is given more than once.
struct Kept {
    plain: Response<Bytes>,
    zipped: OnceLock<Option<Bytes>>,
}

impl Kept {
    async fn of(answer: Response<Body>) -> Result<Self, Problem> {
        let (head, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.map_err(|error| {
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "unwritable",
                Both::new("结果无法写出", format!("the answer cannot be written: {error}")),
            )
        })?;
        Ok(Self {
            plain: Response::from_parts(head, body),
            zipped: OnceLock::new(),
        })
    }

    fn response(&self, zipped: bool) -> Response<Body> {
        let (mut head, plain) = self.plain.clone().into_parts();
        head.headers
            .insert(VARY, HeaderValue::from_static("accept-encoding"));
        let zipped = zipped.then(|| self.zipped.get_or_init(|| gzip(&plain).ok()).clone());
        let body = match zipped.flatten() {
            Some(zipped) => {
                head.headers
                    .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                zipped
            }
            None => plain,
        };
        Response::from_parts(head, Body::from(body))
    }
}

fn gzip(plain: &[u8]) -> std::io::Result<Bytes> {
    let mut writer = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::default());
    writer.write_all(plain)?;
    writer.finish().map(Bytes::from)
}

/// Whether somebody who asks takes what is compressed (RFC 9110, 12.5.3); what is not named is not taken.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let named = headers.get_all(ACCEPT_ENCODING).iter();
    let mut named = named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','));
    named.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let refused = parts.any(|part| {
            let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32))
        });
        is_gzip && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_is_given_to_those_who_take_it() {
        let takes = |text: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_static(text),
            )]))
        };
        for text in ["gzip", "br, gzip", "GZIP;q=0.5", "deflate;q=0, gzip ; q=1"] {
            assert!(takes(text), "{text}");
        }
        for text in ["", "br", "gzip;q=0", "gzip; q=0.0", "xgzip", "identity"] {
            assert!(!takes(text), "{text}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
