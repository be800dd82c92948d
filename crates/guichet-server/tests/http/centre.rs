//! A centre that is served, and a client that says exactly what it is told to say.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use guichet::testkit::{self, HandTurned};
use guichet::{Guichet, core::id::CaseId};
use guichet_server::{Access, Role, Secret, Server, Settings, Token};
use serde_json::Value;
use tempfile::TempDir;

/// A centre with a server in front of it.
pub(crate) struct Served {
    pub(crate) engine: Guichet,
    pub(crate) time: Arc<HandTurned>,
    pub(crate) server: Server,
    pub(crate) dir: TempDir,
}

/// What somebody was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

pub(crate) fn settings(dir: &TempDir, visitors: Role) -> Settings {
    Settings {
        visitors,
        ..Settings::of(dir.path().to_owned())
    }
}

/// The demo's centre on a Monday at nine, visitors being of a role.
pub(crate) async fn served(visitors: Role) -> Served {
    let (engine, time) = testkit::centre().await;
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(engine.clone(), settings(&dir, visitors))
        .await
        .unwrap();
    Served {
        engine,
        time,
        server,
        dir,
    }
}

impl Served {
    /// A token of a role, for the person and the window where it has one.
    pub(crate) fn token(&self, role: Role, person: Option<&str>, window: Option<&str>) -> String {
        let secret = Secret::new().unwrap();
        let access = Access::open(self.dir.path()).unwrap();
        let token = Token {
            label: format!("{role}-{}", person.unwrap_or_default()),
            role,
            person: person.map(|person| person.parse().unwrap()),
            window: window.map(|window| window.parse().unwrap()),
            until: None,
            sha256: secret.sha256(),
        };
        access.add(token).unwrap();
        // The server looks at the file once a second.
        std::thread::sleep(Duration::from_millis(1_100));
        secret.text().to_owned()
    }

    /// An application at the window of public security, and its case, once the views have it.
    pub(crate) async fn case(&self) -> CaseId {
        let accepted = self.engine.submit(testkit::application()).await.unwrap();
        let case = accepted.accepted().unwrap().case;
        self.shown().await;
        case
    }

    /// Waits until the views have what the log has.
    pub(crate) async fn shown(&self) {
        for _ in 0..200 {
            if self.get("/api/v1/overview", &[]).await.status != 200 {
                // Whoever may not look waits for as long as it takes at most.
                tokio::time::sleep(Duration::from_millis(800)).await;
                return;
            }
            let at = self.get("/api/v1/overview", &[]).await.json()["at"].as_u64();
            if at == Some(self.engine.head().0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the views do not follow");
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answered {
        self.ask("GET", path, headers, b"").await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answered {
        let mut all = vec![("Content-Type", "application/json")];
        all.extend_from_slice(headers);
        self.ask("POST", path, &all, body.to_string().as_bytes()).await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answered {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: centre\r\nConnection: close\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() {
            write!(request, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        request.push_str("\r\n");
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        raw(self.server.address(), bytes).await
    }
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Says these bytes, and hears what comes back until the other side ends.
pub(crate) async fn raw(address: SocketAddr, bytes: Vec<u8>) -> Answered {
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // A server that refuses a body need not read it.
        let _ = stream.write_all(&bytes);
        let mut back = Vec::new();
        let _ = stream.read_to_end(&mut back);
        let end = back
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or(back.len());
        let head = String::from_utf8_lossy(&back[..end]).into_owned();
        let status = head
            .get(9..12)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0);
        let rest = back.get(end + 4..).unwrap_or_default();
        let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let body = if chunked { unchunked(rest) } else { rest.to_vec() };
        Answered { status, head, body }
    })
    .await
    .unwrap()
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(&String::from_utf8_lossy(&rest[..line]), 16).unwrap_or(0);
        let chunk = &rest[line + 2..];
        if length == 0 || chunk.len() < length {
            break;
        }
        body.extend_from_slice(&chunk[..length]);
        rest = chunk.get(length + 2..).unwrap_or_default();
    }
    body
}
