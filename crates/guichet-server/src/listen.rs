//! Connections: so many and no more, none that dawdles over its headers, and an orderly end.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

/// How many connections are open at once; the next one waits.
const CONNECTIONS_MAX: usize = 4_096;

/// How long somebody may take over the headers of a request, or keep a connection without asking for anything.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);

/// How many bytes the headers may have.
const HEADERS_BYTES_MAX: usize = 32 * 1024;

/// How long answers that are under way are waited for at the end.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// How long it is before a connection is tried again where the machine gives none.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Who is at the other end of a connection.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

pub(crate) async fn serve(listener: TcpListener, router: Router, mut ending: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|ending| *ending) => break,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of file descriptors, most likely: those who are served give theirs back.
            tokio::time::sleep(AGAIN_AFTER).await;
            continue;
        };
        // A line of JSON that waits for the next one helps nobody.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            let router = router.clone();
            async move {
                let answered: Result<_, Infallible> = router.oneshot(request.map(Body::new)).await;
                answered
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .max_buf_size(HEADERS_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Somebody who goes away in the middle is no news.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    // Whoever dawdles over the end is cut off.
    let _ = tokio::time::timeout(ENDS_WITHIN, graceful.shutdown()).await;
}
