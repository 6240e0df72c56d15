//! Where a request came from, when it came through proxies.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};
use ipnet::IpNet;

/// The networks of the proxies whose `X-Forwarded-For` is believed; by default nobody's.
///
/// Each proxy adds to the end of the header whom it was called by. What stands before the first one that is not trusted
/// was written by a stranger and counts for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// What was given is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address or network; write 10.0.0.5 or 10.0.0.0/8, and commas between several")]
pub struct InvalidNetwork(String);

impl FromStr for TrustedProxies {
    type Err = InvalidNetwork;

    /// Addresses and networks with commas between them; nothing for nobody.
    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| {
            let address = || part.parse::<IpAddr>().map(IpNet::from);
            part.parse()
                .or_else(|_| address())
                .map_err(|_| InvalidNetwork(part.to_owned()))
        };
        parts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    /// The nearest to us who is not trusted to speak for another; what cannot be read ends the search.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines: Vec<_> = headers.get_all(X_FORWARDED_FOR).collect();
        let hops = lines
            .iter()
            .rev()
            .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for hop in hops {
            if !self.trusts(client) {
                break;
            }
            let Some(before) = std::str::from_utf8(hop).ok().and_then(address) else {
                break;
            };
            client = before.to_canonical();
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Some proxies add the port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    hop.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let trusted: TrustedProxies = trusted.parse().expect("networks");
        trusted
            .client(peer.parse().expect("an address"), &headers)
            .to_string()
    }

    #[test]
    fn the_client_is_the_last_who_was_not_written_by_a_stranger() {
        for (trusted, peer, forwarded, expected) in [
            ("", "198.51.100.7", &["203.0.113.9"][..], "198.51.100.7"),
            ("10.0.0.0/8", "198.51.100.7", &["203.0.113.9"], "198.51.100.7"),
            ("10.0.0.0/8", "10.0.0.5", &[], "10.0.0.5"),
            ("10.0.0.0/8", "10.0.0.5", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.0/8", "10.0.0.5", &["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
            (
                "10.0.0.0/8",
                "10.0.0.5",
                &["6.6.6.6", "203.0.113.9, 10.1.1.1"],
                "203.0.113.9",
            ),
            (
                "10.0.0.0/8",
                "10.0.0.5",
                &["6.6.6.6, unknown, 10.1.1.1"],
                "10.1.1.1",
            ),
            ("10.0.0.0/8", "10.0.0.5", &["203.0.113.9:4711"], "203.0.113.9"),
            ("fd00::1", "fd00::1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            (
                "10.0.0.5",
                "::ffff:10.0.0.5",
                &["::ffff:203.0.113.9"],
                "203.0.113.9",
            ),
            ("10.0.0.5", "10.0.0.6", &["203.0.113.9"], "10.0.0.6"),
        ] {
            assert_eq!(
                client(trusted, peer, forwarded),
                expected,
                "{trusted} {peer} {forwarded:?}"
            );
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        let refused = "10.0.0.0/8, 10.0.0.0/40"
            .parse::<TrustedProxies>()
            .expect_err("a mistake");
        assert!(
            refused.to_string().starts_with("`10.0.0.0/40` is no address"),
            "{refused}"
        );
    }
}
