//! The types of the port mapper and rpcbind.

/// A transport on which programs are served: IP protocol and netid (RFC 1833 §2.2.1, RFC 5665).
///
/// ```
/// use oncilla::rpcbind::Transport;
///
/// assert_eq!((Transport::Udp6.protocol(), Transport::Udp6.netid()), (17, "udp6"));
/// assert_eq!(Transport::from_netid("tcp"), Some(Transport::Tcp));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TCP over IPv4.
    Tcp,
    /// UDP over IPv4.
    Udp,
    /// TCP over IPv6. The port mapper (version 2) does not support it.
    Tcp6,
    /// UDP over IPv6. The port mapper (version 2) does not support it.
    Udp6,
}

impl Transport {
    /// All transports.
    pub const ALL: [Self; 4] = [Self::Tcp, Self::Udp, Self::Tcp6, Self::Udp6];

    /// Returns the number of the IP protocol: 6 for TCP, 17 for UDP.
    #[must_use]
    pub const fn protocol(self) -> u32 {
        match self {
            Self::Tcp | Self::Tcp6 => 6,
            Self::Udp | Self::Udp6 => 17,
        }
    }

    /// Returns the netid, such as `udp6`.
    #[must_use]
    pub const fn netid(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Tcp6 => "tcp6",
            Self::Udp6 => "udp6",
        }
    }

    /// Returns the transport with this netid.
    #[must_use]
    pub fn from_netid(netid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|transport| transport.netid() == netid)
    }

    /// Returns whether the transport has IPv6 addresses.
    #[must_use]
    pub const fn is_ipv6(self) -> bool {
        matches!(self, Self::Tcp6 | Self::Udp6)
    }
}

crate::xdr_struct! {
    /// A version of a program and its port: 16 bytes.
    ///
    /// `mapping` of the port mapper (RFC 1833 §3.1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Mapping {
        /// The program's number.
        pub program: u32,
        /// The program's version.
        pub version: u32,
        /// 6 for TCP, 17 for UDP.
        pub protocol: u32,
        /// The port; 0 if it is unknown.
        pub port: u32,
    }
}

crate::xdr_struct! {
    /// A version of a program and its address: `rpcb` of rpcbind (RFC 1833 §2.1).
    ///
    /// Its texts are at most 128 bytes each; the RFC does not limit them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Binding<'a> {
        /// The program's number.
        pub program: u32,
        /// The program's version.
        pub version: u32,
        /// The netid of the transport: `tcp`, `udp`, `tcp6`, `udp6`, `local` …
        pub netid: &'a str [..128],
        /// The universal address, such as `127.0.0.1.78.81`; empty if it is unknown.
        pub address: &'a str [..128],
        /// The user that registered it, as the server names users.
        pub owner: &'a str [..128],
    }
}
