//! Where a request comes from: the other end of the connection, or what a proxy says that may be believed.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName};

/// Who asked whom, the last proxy last.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// By which protocol the first of them was asked.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// The same as both, of RFC 7239. It is not read; that somebody sends it tells that there is a proxy.
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Whose address is counted and written down.
    pub(crate) address: IpAddr,
    /// Whether somebody else is at the other end of the connection, named to the server or not.
    pub(crate) forwarded: bool,
    /// Whether a proxy that is believed was asked by HTTPS.
    pub(crate) secure: bool,
}

impl Origin {
    /// Of a request with these headers from the other end of a connection.
    ///
    /// Anybody can write such headers. So the addresses are read from the last to the first, and only as long as the one
    /// who added them is a proxy that the server was told of.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> Self {
        let peer = peer.to_canonical();
        let forwarded = [FORWARDED_FOR, FORWARDED_PROTO, FORWARDED]
            .iter()
            .any(|name| headers.contains_key(name));
        if !proxies.contains(&peer) {
            return Self {
                address: peer,
                forwarded,
                secure: false,
            };
        }
        let mut address = peer;
        let lists = headers.get_all(FORWARDED_FOR).iter().rev();
        let said = lists.flat_map(|list| list.to_str().unwrap_or("?").rsplit(','));
        for said in said {
            // A proxy that writes something else is one whose word says nothing: what is before it may be made up.
            let Ok(said) = said.trim().parse::<IpAddr>() else {
                break;
            };
            address = said.to_canonical();
            if !proxies.contains(&address) {
                break;
            }
        }
        let protocol = headers.get_all(FORWARDED_PROTO).iter().next_back();
        let protocol = protocol
            .and_then(|protocol| protocol.to_str().ok())
            .unwrap_or_default();
        let last = protocol.rsplit(',').next().unwrap_or_default().trim();
        Self {
            address,
            forwarded: true,
            secure: last.eq_ignore_ascii_case("https"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, lines: &[(&'static str, &'static str)]) -> Origin {
        let proxies = ["127.0.0.1", "10.0.0.2"].map(|proxy| proxy.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        Origin::of(peer.parse().unwrap(), &headers, &proxies)
    }

    fn address(peer: &str, lines: &[(&'static str, &'static str)]) -> String {
        origin(peer, lines).address.to_string()
    }

    #[test]
    fn only_what_a_known_proxy_added_is_believed() {
        let made_up = ("x-forwarded-for", "1.2.3.4, 198.51.100.7");
        assert_eq!(address("203.0.113.9", &[made_up]), "203.0.113.9");
        assert_eq!(address("127.0.0.1", &[made_up]), "198.51.100.7");
        // Through two proxies, in one line or in two.
        assert_eq!(
            address(
                "127.0.0.1",
                &[("x-forwarded-for", "1.2.3.4, 198.51.100.7, 10.0.0.2")]
            ),
            "198.51.100.7"
        );
        let second = ("x-forwarded-for", "10.0.0.2");
        assert_eq!(address("::ffff:127.0.0.1", &[made_up, second]), "198.51.100.7");
        // Nonsense stands for whoever wrote it.
        assert_eq!(
            address("127.0.0.1", &[("x-forwarded-for", "1.2.3.4, unknown")]),
            "127.0.0.1"
        );
        assert_eq!(address("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn a_proxy_is_seen_and_https_is_believed_of_a_known_one_only() {
        let https = ("x-forwarded-proto", "https");
        assert!(origin("127.0.0.1", &[https]).secure);
        assert!(!origin("127.0.0.1", &[("x-forwarded-proto", "https, http")]).secure);
        let unknown = origin("127.0.0.9", &[https]);
        assert!(unknown.forwarded && !unknown.secure);
        assert!(origin("127.0.0.9", &[("forwarded", "for=1.2.3.4")]).forwarded);
        assert!(!origin("127.0.0.9", &[]).forwarded);
    }
}
