//! The error of starting a client or server.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use crate::RegisterError;

/// Why a client or server could not start.
///
/// Errors of calls are [`CallError`](oncilla::CallError)s. The message of each error ends with what to do:
///
/// ```
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let address = listener.local_addr()?;
/// drop(listener);
///
/// // No server listens on that port now.
/// let Err(error) = oncilla_host::tcp(address) else { panic!("connected") };
/// assert!(matches!(error, oncilla_host::Error::Connect { .. }));
/// let text = error.to_string();
/// assert!(text.starts_with(&format!("cannot connect to {address}: ")), "{text}");
/// assert!(text.ends_with("; check that the server is running and that the address is right"), "{text}");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub enum Error {
    /// The address could not be resolved.
    Resolve {
        /// The address as given.
        address: String,
        /// The error of the system.
        source: io::Error,
    },
    /// A client could not connect.
    Connect {
        /// The last address or path that was tried.
        to: String,
        /// The error of the system.
        source: io::Error,
    },
    /// A serial port could not be opened.
    Open {
        /// The name or selector of the port.
        port: String,
        /// The error of the system.
        source: io::Error,
        /// What to do, where more is known than the error of the system says.
        help: Option<String>,
    },
    /// A server could not listen on an address.
    Listen {
        /// The last address or path that was tried.
        on: String,
        /// The error of the system.
        source: io::Error,
    },
    /// [`Server::serve`](crate::Server::serve) was called on a server without an address.
    Nowhere,
    /// A size of a [`Server`](crate::Server) or [`Connector`](crate::Connector) exceeds its maximum.
    Size {
        /// The function that set it.
        what: &'static str,
        /// The size that was set.
        size: usize,
        /// The largest that can be set.
        largest: usize,
    },
    /// A socket that systemd passed cannot be served.
    #[cfg(all(feature = "systemd", target_os = "linux"))]
    Activation {
        /// The place of the socket among those that were passed, from 0.
        index: usize,
        /// What is wrong with it.
        source: io::Error,
    },
    /// A text is neither a network nor an address.
    Network(String),
    /// The system could not watch sockets, for example because the process has too many open files.
    Watch(io::Error),
    /// A procedure of a server that runs in other threads panicked, which ended the server.
    Panicked,
    /// A server could not be registered with this machine's rpcbind.
    Register(RegisterError),
    /// A key file cannot be used, or the system has no random numbers.
    #[cfg(feature = "keys")]
    Key(crate::keys::KeyError),
    /// TLS could not be set up.
    #[cfg(feature = "tls")]
    Tls(crate::TlsError),
}

#[cfg(feature = "tls")]
impl From<crate::TlsError> for Error {
    fn from(error: crate::TlsError) -> Self {
        Self::Tls(error)
    }
}

impl Error {
    /// Resolves `address` and tries each result until `attempt` succeeds. Otherwise returns the last error, made by
    /// `failed`.
    pub(crate) fn first<T>(
        address: impl ToSocketAddrs + fmt::Debug,
        attempt: impl Fn(SocketAddr) -> io::Result<T>,
        failed: impl Fn(String, io::Error) -> Self,
    ) -> Result<T, Self> {
        let unresolved = |source| Self::Resolve { address: plain(&format!("{address:?}")), source };
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
                write!(formatter, "cannot resolve {address}: {source}; check the name and the port")
            }
            Self::Connect { to, source } => {
                write!(formatter, "cannot connect to {to}: {source}{}", connect_advice(source.kind()))
            }
            Self::Open { port, source, help: Some(help) } => {
                write!(formatter, "cannot open the serial port {port}: {source}; {help}")
            }
            Self::Open { port, source, help: None } => {
                write!(formatter, "cannot open the serial port {port}: {source}{}", open_advice(source.kind()))
            }
            Self::Listen { on, source } => {
                write!(formatter, "cannot listen on {on}: {source}{}", listen_advice(source.kind()))
            }
            Self::Nowhere => {
                formatter.write_str("the server has no address to listen on; call tcp, udp or unix before serve")
            }
            Self::Size { what, size, largest } => {
                write!(formatter, "{what} is {size}; set at most {largest}")
            }
            #[cfg(all(feature = "systemd", target_os = "linux"))]
            Self::Activation { index, source } => {
                write!(
                    formatter,
                    "cannot serve socket {index} of those that systemd passed: {source}; \
                     use ListenStream= or ListenDatagram=, and not Accept=yes"
                )
            }
            Self::Network(text) => {
                write!(
                    formatter,
                    "{text:?} is neither a network nor an address; write it as 192.168.1.0/24 or fd00::/8"
                )
            }
            Self::Watch(source) => {
                write!(
                    formatter,
                    "cannot watch sockets: {source}; if too many files are open, raise the limit (ulimit -n)"
                )
            }
            Self::Panicked => formatter.write_str(
                "a procedure panicked, which ended the server; its message is on standard error, correct the procedure",
            ),
            Self::Register(error) => write!(formatter, "cannot register with rpcbind: {error}"),
            #[cfg(feature = "keys")]
            Self::Key(error) => error.fmt(formatter),
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.fmt(formatter),
        }
    }
}

/// Returns an address as users write it, from its `Debug`: `host:111` for `("host", 111)`.
fn plain(address: &str) -> String {
    match address.strip_prefix("(\"").and_then(|rest| rest.strip_suffix(')')?.split_once("\", ")) {
        Some((host, port)) => format!("{host}:{port}"),
        None => address.trim_matches('"').to_owned(),
    }
}

fn connect_advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
            "; check that the server is running and that the address is right"
        }
        io::ErrorKind::TimedOut => "; check that the machine is reachable, or use a longer connect time-out",
        io::ErrorKind::PermissionDenied => "; check that this user may write to the socket",
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable => "; check the network of this machine",
        io::ErrorKind::WouldBlock => "; the server has too many connections to accept, try again later",
        _ => "",
    }
}

fn open_advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "; check that the adapter is plugged in and that the name is right",
        io::ErrorKind::InvalidInput => "; check that the port supports this baud rate",
        io::ErrorKind::Unsupported => "; it is not a serial port, check the name",
        _ => "; check that this user may open it (often the group dialout) and that no other program uses it",
    }
}

fn listen_advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::AddrInUse => "; stop the other server, or use another address",
        io::ErrorKind::PermissionDenied => "; use a port from 1024 on, or a directory that this user may write to",
        io::ErrorKind::AddrNotAvailable => "; no interface of this machine has this address, use one that has",
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
            // Its text is the text of this error.
            #[cfg(feature = "keys")]
            Self::Key(_) => None,
            #[cfg(feature = "tls")]
            Self::Tls(_) => None,
            #[cfg(all(feature = "systemd", target_os = "linux"))]
            Self::Activation { source, .. } => Some(source),
            Self::Nowhere | Self::Size { .. } | Self::Network(_) | Self::Panicked => None,
        }
    }
}
