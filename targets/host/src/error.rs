//! What can go wrong before there is anything to call or serve.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use crate::RegisterError;

/// Why a client or server could not begin.
#[derive(Debug)]
pub enum Error {
    /// An address could not be found by its name.
    Resolve {
        /// The address that was given.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// A client could not connect.
    Connect {
        /// The address or path that was tried last.
        to: String,
        /// What the system says.
        source: io::Error,
    },
    /// A serial port could not be opened.
    Open {
        /// The port's path.
        port: String,
        /// What the system says.
        source: io::Error,
    },
    /// A server could not listen.
    Listen {
        /// The address or path that was tried last.
        on: String,
        /// What the system says.
        source: io::Error,
    },
    /// A server was to serve and listens on no address.
    Nowhere,
    /// The system could not watch sockets, perhaps because the process has too many files open.
    Watch(io::Error),
    /// A server could not be registered with this machine's rpcbind.
    Register(RegisterError),
}

impl Error {
    /// Tries every address that `address` stands for, until `attempt` succeeds with one. When none
    /// does, `failed` makes an error of the last.
    pub(crate) fn first<T>(
        address: impl ToSocketAddrs + fmt::Debug,
        attempt: impl Fn(SocketAddr) -> io::Result<T>,
        failed: impl Fn(String, io::Error) -> Self,
    ) -> Result<T, Self> {
        let unresolved = |source| Self::Resolve { address: format!("{address:?}"), source };
        let mut error = unresolved(io::ErrorKind::NotFound.into());
        for address in address.to_socket_addrs().map_err(unresolved)? {
            match attempt(address) {
                Ok(value) => return Ok(value),
                Err(source) => error = failed(address.to_string(), source),
            }
        }
        Err(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve { address, source } => {
                write!(formatter, "no address is known for {address}: {source}; check the name and the port")
            }
            Self::Connect { to, source } => {
                write!(formatter, "cannot connect to {to}: {source}{}", connect_advice(source.kind()))
            }
            Self::Open { port, source } => {
                write!(formatter, "cannot open the serial port {port}: {source}{}", open_advice(source.kind()))
            }
            Self::Listen { on, source } => {
                write!(formatter, "cannot listen on {on}: {source}{}", listen_advice(source.kind()))
            }
            Self::Nowhere => formatter.write_str("the server has no address; call tcp, udp or unix before serve"),
            Self::Watch(source) => {
                write!(formatter, "cannot watch sockets: {source}; are too many files open?")
            }
            Self::Register(error) => write!(formatter, "cannot register: {error}"),
        }
    }
}

fn connect_advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
            "; is the server running, and is it this address?"
        }
        io::ErrorKind::TimedOut => "; is the machine reachable, or does it need a longer connect time-out?",
        io::ErrorKind::PermissionDenied => "; may this user use the socket?",
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable => "; is this machine in a network?",
        io::ErrorKind::WouldBlock => "; the server is not keeping up, try again later",
        _ => "",
    }
}

fn open_advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "; is the adapter plugged in, and is this the port's name?",
        io::ErrorKind::InvalidInput => "; does the port have this speed?",
        _ => "; may this user open it (often the group dialout), and has no other program opened it?",
    }
}

fn listen_advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::AddrInUse => "; stop the server that is there, or take another address",
        io::ErrorKind::PermissionDenied => "; take a port from 1024 on, or a directory this user may write to",
        io::ErrorKind::AddrNotAvailable => "; no interface of this machine has the address",
        _ => "",
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Resolve { source, .. }
            | Self::Connect { source, .. }
            | Self::Open { source, .. }
            | Self::Listen { source, .. }
            | Self::Watch(source) => Some(source),
            Self::Register(error) => Some(error),
            Self::Nowhere => None,
        }
    }
}
