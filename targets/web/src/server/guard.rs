//! Which requests are answered: those of pages that this server has handed out.
//!
//! A page of another site can send requests here, and can have its own name resolve to this machine. The names in the headers
//! `Host` and `Origin` are therefore checked.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

/// The names under which browsers reach the server.
#[derive(Clone, Debug)]
pub struct Names {
    port: u16,
    hosts: Vec<String>,
    /// Whether the server listens at all addresses of the machine.
    is_any_address: bool,
}

impl Names {
    /// Returns the names of an address, and others, such as that of the machine.
    ///
    /// A loopback address is also `localhost`. An address for all networks is each address in digits, since only a name can be
    /// made to resolve to this machine.
    #[must_use]
    pub fn new(address: SocketAddr, others: &[String]) -> Self {
        let of_address = match address.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let is_any_address = address.ip().is_unspecified();
        let localhost = (is_any_address || address.ip().is_loopback()).then(|| "localhost".to_owned());
        let others = others.iter().map(|name| name.to_ascii_lowercase());
        let hosts = std::iter::once(of_address).chain(localhost).chain(others).collect();
        Self { port: address.port(), hosts, is_any_address }
    }

    /// Returns whether `Host` is a name of the server.
    pub(super) fn is_host(&self, headers: &HeaderMap, is_tls: bool) -> bool {
        let mut values = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (values.next(), values.next()) else { return false };
        host.to_str().is_ok_and(|host| self.is(host, is_tls))
    }

    /// Returns whether a request comes from a page of this server. A program that is no browser states no origin.
    pub(super) fn is_origin(&self, headers: &HeaderMap, is_tls: bool) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let scheme = if is_tls { "https://" } else { "http://" };
        let host = origin.to_str().ok().and_then(|origin| origin.strip_prefix(scheme));
        host.is_some_and(|host| self.is(host, is_tls))
    }

    /// Returns whether a text is a name of the server, with its port.
    fn is(&self, host: &str, is_tls: bool) -> bool {
        let host = host.to_ascii_lowercase();
        let usual = if is_tls { 443 } else { 80 };
        let digits = host.parse::<SocketAddr>().is_ok_and(|address| address.port() == self.port);
        if self.is_any_address && digits {
            return true;
        }
        self.hosts.iter().any(|known| {
            host.strip_prefix(known.as_str()).is_some_and(|port| {
                port.strip_prefix(':')
                    .map_or(port.is_empty() && self.port == usual, |port| port == self.port.to_string())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new("127.0.0.1:8080".parse().unwrap(), &["Bench.local".to_owned()])
    }

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn hosts_are_names_of_the_server_with_its_port() {
        let is = |host| names().is_host(&headers(header::HOST, host), false);
        assert!(is("127.0.0.1:8080") && is("localhost:8080") && is("LOCALHOST:8080") && is("bench.local:8080"));
        for other in ["evil.example:8080", "127.0.0.1", "127.0.0.1:80", "localhost:8080.evil.example", "", "[::1]:8080"]
        {
            assert!(!is(other), "{other}");
        }
        assert!(!names().is_host(&HeaderMap::new(), false));
        let any = Names::new("0.0.0.0:8080".parse().unwrap(), &[]);
        assert!(any.is_host(&headers(header::HOST, "192.168.1.5:8080"), true));
        assert!(!any.is_host(&headers(header::HOST, "192.168.1.5:80"), true));
        assert!(!any.is_host(&headers(header::HOST, "evil.example:8080"), true));
        let plain = Names::new("[::1]:80".parse().unwrap(), &[]);
        assert!(plain.is_host(&headers(header::HOST, "[::1]"), false));
        assert!(!plain.is_host(&headers(header::HOST, "[::1]"), true));
    }

    #[test]
    fn origins_are_pages_of_the_server() {
        let is = |origin| names().is_origin(&headers(header::ORIGIN, origin), false);
        assert!(is("http://127.0.0.1:8080") && is("http://localhost:8080"));
        for other in
            ["null", "http://evil.example", "https://localhost:8080", "http://localhost:8081", "localhost:8080"]
        {
            assert!(!is(other), "{other}");
        }
        assert!(names().is_origin(&HeaderMap::new(), false));
    }
}
