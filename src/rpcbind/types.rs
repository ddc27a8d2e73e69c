//! What the port mapper and rpcbind speak of.

/// A carrier that programs are served on, by the number of its IP protocol and its netid
/// (RFC 1833 §2.2.1, RFC 5665).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TCP over IPv4.
    Tcp,
    /// UDP over IPv4.
    Udp,
    /// TCP over IPv6, which the port mapper does not know.
    Tcp6,
    /// UDP over IPv6, which the port mapper does not know.
    Udp6,
}

impl Transport {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tcp, Self::Udp, Self::Tcp6, Self::Udp6];

    /// The IP protocol's number: 6 or 17.
    #[must_use]
    pub const fn protocol(self) -> u32 {
        match self {
            Self::Tcp | Self::Tcp6 => 6,
            Self::Udp | Self::Udp6 => 17,
        }
    }

    /// The netid, such as `udp6`.
    #[must_use]
    pub const fn netid(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Tcp6 => "tcp6",
            Self::Udp6 => "udp6",
        }
    }

    /// The transport with this netid.
    #[must_use]
    pub fn from_netid(netid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|transport| transport.netid() == netid)
    }

    /// Whether its addresses are of IPv6.
    #[must_use]
    pub const fn is_ipv6(self) -> bool {
        matches!(self, Self::Tcp6 | Self::Udp6)
    }
}

crate::xdr_struct! {
    /// `mapping` of the port mapper (RFC 1833 §3.1): a version of a program, and the port it is on.
    /// 16 bytes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Mapping {
        /// The program's number.
        pub program: u32,
        /// Its version.
        pub version: u32,
        /// 6 for TCP, 17 for UDP.
        pub protocol: u32,
        /// The port; 0 where it is not known.
        pub port: u32,
    }
}

crate::xdr_struct! {
    /// `rpcb` of rpcbind (RFC 1833 §2.1): a version of a program, and the address it is at. The texts are
    /// at most 128 bytes each here; the RFC leaves them open.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Binding<'a> {
        /// The program's number.
        pub program: u32,
        /// Its version.
        pub version: u32,
        /// The carrier: `tcp`, `udp`, `tcp6`, `udp6`, `local` …
        pub netid: &'a str [..128],
        /// The universal address, such as `127.0.0.1.78.81`; empty where it is not known.
        pub address: &'a str [..128],
        /// Who registered it, as the server names users.
        pub owner: &'a str [..128],
    }
}
