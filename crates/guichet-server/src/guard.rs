//! What stands before every route: who asks, how often, how much; and what goes with every answer.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{RawPathParams, Request};
use axum::http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE as COOKIES,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use axum::routing::{MethodFilter, on};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use guichet_core::lang::Lang;
use tower_http::compression::CompressionLayer;

use crate::access::Role;
use crate::answers::Sight;
use crate::api::session::{COOKIE, bad_token};
use crate::assets;
use crate::call::Call;
use crate::listen::Peer;
use crate::origin::Origin;
use crate::problem::{Both, Problem};
use crate::refusals::Refusal;
use crate::route::{Form, Place, Right, Route, routes};
use crate::scope::Caller;
use crate::server::Shared;

/// How many bytes a body may have: a command, which the log would take.
const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The same where nothing but a token or a number is sent.
const SMALL_BODY_BYTES_MAX: usize = 4 * 1024;
/// How long a body may take.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// How long one who asks for what was read of the log waits while it is read for the first time.
const READ_WITHIN: Duration = Duration::from_secs(2);

/// How often one address may ask in a second where nobody says.
const ASKS_A_SECOND: NonZeroU32 = NonZeroU32::new(200).unwrap();
/// How many seconds' worth it may ask at once.
const AT_ONCE_SECONDS: NonZeroU32 = NonZeroU32::new(3).unwrap();
/// How often it may show a token that is none, or a number with a wrong secret, in a minute and at once.
const GUESSES_A_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// What pages may load: what this server serves, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// A guide brings its own style along, and nothing that runs.
const GUIDE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How often one address may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In a second; three times as often at once.
    pub asks_a_second: NonZeroU32,
    /// How often it may show a token that is none, or a number with a wrong secret, in a minute.
    pub guesses_a_minute: NonZeroU32,
}

impl Default for Limits {
    /// 200 a second, and ten guesses a minute.
    fn default() -> Self {
        Self {
            asks_a_second: ASKS_A_SECOND,
            guesses_a_minute: GUESSES_A_MINUTE,
        }
    }
}

/// How often addresses have asked.
pub(crate) struct Guard {
    asks: DefaultKeyedRateLimiter<IpAddr>,
    guesses: DefaultKeyedRateLimiter<IpAddr>,
}

impl Guard {
    pub(crate) fn new(limits: Limits) -> Self {
        let at_once = limits.asks_a_second.saturating_mul(AT_ONCE_SECONDS);
        Self {
            asks: RateLimiter::keyed(Quota::per_second(limits.asks_a_second).allow_burst(at_once)),
            guesses: RateLimiter::keyed(Quota::per_minute(limits.guesses_a_minute)),
        }
    }

    /// Lets go of addresses that have not asked for a while.
    fn tidy(&self) {
        const KEPT_MAX: usize = 10_000;
        if self.asks.len() > KEPT_MAX {
            self.asks.retain_recent();
        }
        if self.guesses.len() > KEPT_MAX {
            self.guesses.retain_recent();
        }
    }

    fn may_ask(&self, address: IpAddr) -> bool {
        self.tidy();
        self.asks.check_key(&address).is_ok()
    }

    fn may_guess(&self, address: IpAddr) -> bool {
        self.guesses.check_key(&address).is_ok()
    }
}

fn too_many() -> Problem {
    const AGAIN_AFTER_SECONDS: u64 = 6;
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        Both::new("请求过于频繁", "too many requests from this address"),
    )
    .retry_after(AGAIN_AFTER_SECONDS)
}

/// The router over all routes, with the dashboard for every other address.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let filter = if route.method == Method::POST {
            MethodFilter::POST
        } else if route.method == Method::DELETE {
            MethodFilter::DELETE
        } else {
            MethodFilter::GET
        };
        let (path, shared, route) = (route.path, Arc::clone(shared), Arc::new(route));
        router = router.route(
            path,
            on(filter, move |parts: RawPathParams, request: Request| {
                let (shared, route) = (Arc::clone(&shared), Arc::clone(&route));
                async move { answer(&shared, &route, &parts, request).await }
            }),
        );
    }
    let nothing = Arc::clone(shared);
    let wrong_method = Arc::clone(shared);
    router
        .method_not_allowed_fallback(move |request: Request| {
            let shared = Arc::clone(&wrong_method);
            async move {
                finished(
                    &shared,
                    "none",
                    Instant::now(),
                    no_such_method().response(lang(request.headers())),
                )
            }
        })
        .fallback(move |request: Request| {
            let shared = Arc::clone(&nothing);
            async move {
                let began = Instant::now();
                finished(
                    &shared,
                    "page",
                    began,
                    assets::answer(&request, lang(request.headers())),
                )
            }
        })
        .layer(CompressionLayer::new())
}

fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "no_such_method",
        Both::new(
            "此地址不支持这种请求方法",
            "this address does not answer to this method",
        ),
    )
    .help("见 /api/v1/openapi.json", "see /api/v1/openapi.json")
}

async fn answer(
    shared: &Arc<Shared>,
    route: &Route,
    parts: &RawPathParams,
    request: Request,
) -> Response<Body> {
    let began = Instant::now();
    let lang = lang(request.headers());
    let peer = request.extensions().get::<Peer>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let origin = Origin::of(peer, request.headers(), &shared.settings.proxies);
    let mut asker = shared.visitor(&origin);
    let answered = checked(shared, route, parts, request, origin, lang, &mut asker).await;
    let response = match answered {
        Ok(response) => response,
        Err(problem) => {
            let is_refusal = matches!(
                problem.status,
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
            );
            let is_guess = matches!(problem.code, "bad_token" | "no_match");
            if is_refusal || is_guess {
                shared.metrics.refused(problem.code);
                shared.refusals.write(&Refusal {
                    at: shared.live.engine().now(),
                    from: origin.address,
                    role: asker.role,
                    label: asker.token.as_ref().map(|token| token.label.as_str()),
                    method: method.as_str(),
                    path: &path,
                    status: problem.status.as_u16(),
                    code: problem.code,
                });
            }
            let problem = if is_guess && !shared.guard.may_guess(origin.address) {
                too_many()
            } else {
                problem
            };
            problem.response(lang)
        }
    };
    finished(shared, route.path, began, response)
}

/// Who asks, whether they may, and what they ask; then the route.
async fn checked(
    shared: &Arc<Shared>,
    route: &Route,
    parts: &RawPathParams,
    request: Request,
    origin: Origin,
    lang: Lang,
    asker: &mut Caller,
) -> Result<Response<Body>, Problem> {
    if !shared.guard.may_ask(origin.address) {
        return Err(too_many());
    }
    let shown = token(request.headers())?;
    if let Some(shown) = &shown {
        match shared.caller_of(shown.text()) {
            Some(caller) => *asker = caller,
            // A cookie that is no longer good does not stand in the way of signing in anew, nor of what is public.
            None if shown.is_cookie() && route.right == Right::Public => {}
            None => return Err(bad_token()),
        }
    }
    if !asker.role.has(route.right) {
        return Err(not_allowed(asker, route));
    }
    let query = query(route, request.uri().query().unwrap_or_default())?;
    let path: BTreeMap<String, String> = parts
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let (head, body) = request.into_parts();
    let bytes_max = match route.takes {
        Form::Schema("command") => BODY_BYTES_MAX,
        Form::Schema(_) | Form::Media(_) => SMALL_BODY_BYTES_MAX,
        Form::Nothing => 0,
    };
    let body = if bytes_max == 0 {
        axum::body::Bytes::new()
    } else {
        let read = tokio::time::timeout(BODY_WITHIN, to_bytes(body, bytes_max)).await;
        read.map_err(|_| too_slow())?.map_err(|_| too_large(bytes_max))?
    };
    let call = Call {
        server: Arc::clone(shared),
        caller: asker.clone(),
        origin,
        lang,
        path,
        query,
        headers: head.headers,
        body,
    };
    if route.reads
        && tokio::time::timeout(READ_WITHIN, shared.live.read())
            .await
            .is_err()
    {
        return Err(being_read(shared.live.percent_read()));
    }
    match Sight::of(asker).filter(|_| route.alike) {
        Some(sight) => shared.answers.of(route, sight, call).await,
        None => (route.handler)(call).await,
    }
}

fn being_read(percent: u64) -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "being_read",
        Both::new(
            format!("服务刚刚启动，正在读取日志（已读 {percent}%）"),
            format!("the server has just begun, and is reading the log: {percent}% so far"),
        ),
    )
    .help(
        "请稍后再试；/health/ready 显示何时就绪",
        "ask again in a moment; /health/ready tells when it is through",
    )
    .retry_after(1)
}

fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "too_slow",
        Both::new("请求内容接收超时", "the body took too long"),
    )
}

fn too_large(bytes_max: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        Both::new(
            format!("请求内容超过 {bytes_max} 字节，或中途断开"),
            format!("the body has more than {bytes_max} bytes, or broke off"),
        ),
    )
}

fn not_allowed(asker: &Caller, route: &Route) -> Problem {
    if asker.token.is_none() {
        return Problem::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            Both::new("此内容须登录后查看", "this takes a token"),
        )
        .help("请用口令登录", "sign in with a token");
    }
    let may: Vec<&str> = Role::ALL
        .iter()
        .filter(|role| role.has(route.right))
        .map(|role| role.as_str())
        .collect();
    let may = may.join(", ");
    Problem::new(
        StatusCode::FORBIDDEN,
        "role_not_allowed",
        Both::new(
            format!("角色 {} 无此权限；需要：{may}", asker.role),
            format!("the role {} may not do this; it takes one of {may}", asker.role),
        ),
    )
}

/// A token as it was shown.
enum Shown {
    Bearer(String),
    Cookie(String),
}

impl Shown {
    fn text(&self) -> &str {
        match self {
            Self::Bearer(text) | Self::Cookie(text) => text,
        }
    }

    const fn is_cookie(&self) -> bool {
        match self {
            Self::Bearer(_) => false,
            Self::Cookie(_) => true,
        }
    }
}

fn token(headers: &HeaderMap) -> Result<Option<Shown>, Problem> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
            return Err(bad_token());
        }
        return Ok(Some(Shown::Bearer(token.trim().to_owned())));
    }
    let cookies = headers.get_all(COOKIES).iter();
    let cookies = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    let token = cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, token)| *name == COOKIE && !token.is_empty());
    Ok(token.map(|(_, token)| Shown::Cookie(token.to_owned())))
}

/// The first language of ours that somebody wants.
fn lang(headers: &HeaderMap) -> Lang {
    let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let wanted = wanted.unwrap_or_default().split(',').map(str::trim);
    let ours = wanted.filter_map(|tag| match tag.get(..2) {
        Some("zh") => Some(Lang::Zh),
        Some("en") => Some(Lang::En),
        Some(_) | None => None,
    });
    ours.into_iter().next().unwrap_or(Lang::En)
}

/// The parameters of a request; one that the route does not know is a mistake that would otherwise go unseen.
fn query(route: &Route, text: &str) -> Result<Vec<(String, String)>, Problem> {
    let known: Vec<_> = route
        .params
        .iter()
        .filter(|param| param.place == Place::Query)
        .collect();
    let query: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    for (name, value) in &query {
        let Some(param) = known.iter().find(|param| param.name == name) else {
            let names: Vec<_> = known.iter().map(|param| param.name).collect();
            let names = if names.is_empty() {
                "-".to_owned()
            } else {
                names.join(", ")
            };
            return Err(Problem::bad_request(Both::new(
                format!("不认识的参数 {name}；此地址的参数有：{names}"),
                format!("there is no parameter `{name}` here; there are: {names}"),
            )));
        };
        let mut values = value.split(',').filter(|value| !value.is_empty());
        if !param.values.is_empty()
            && let Some(unknown) = values.find(|value| !param.values.contains(value))
        {
            let values = param.values.join(", ");
            return Err(Problem::bad_request(Both::new(
                format!("参数 {name} 的值“{unknown}”不在可选值之内：{values}"),
                format!("`{unknown}` is no value of `{name}`; expected one of {values}"),
            )));
        }
    }
    Ok(query)
}

/// What goes with every answer.
fn finished(
    shared: &Shared,
    path: &'static str,
    began: Instant,
    mut response: Response<Body>,
) -> Response<Body> {
    shared.metrics.answered(path, response.status(), began.elapsed());
    let is_guide = path.ends_with("/guide.html") || path.ends_with("/flow.svg");
    let headers = response.headers_mut();
    let policy = if is_guide { GUIDE_POLICY } else { POLICY };
    let mut set =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_SECURITY_POLICY, policy);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "no-referrer");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    );
    if !headers.contains_key(CONTENT_TYPE) && response.status() != StatusCode::NO_CONTENT {
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
    }
    response
}
