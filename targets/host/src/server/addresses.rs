//! The IP addresses that a server listens on.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use socket2::{Domain, Socket, Type};

use super::Server;
use super::listener::Listener;
use super::mailbox::Mailbox;
use super::source::Source;
use crate::Error;

/// The largest number of connections that wait to be accepted. The system may set a lower limit.
const BACKLOG: i32 = 128;

/// How often another free port is tried when the first is not free on all addresses.
const ATTEMPTS: usize = 16;

impl Server {
    /// Listens on TCP, on all resolved addresses. May be called several times.
    ///
    /// `[::]:20049` listens on all addresses of this machine, of IPv6 and of IPv4. `localhost:20049` listens on the
    /// loopback addresses of both. Of several addresses, those that this machine does not have are left out.
    ///
    /// Port 0 takes any free port, the same on all addresses; [`tcp_addresses`](Self::tcp_addresses) returns it.
    ///
    /// # Errors
    /// [`Error::Resolve`], [`Error::Listen`] or [`Error::Watch`].
    pub fn tcp(mut self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        for (on, socket) in bind_all(address, Type::STREAM)? {
            let failed = |source| Error::Listen { on: on.to_string(), source };
            let listener = socket.listen(BACKLOG).and_then(|()| Listener::bound(socket.into()));
            self = self.with(Source::Listener(listener.map_err(failed)?))?;
        }
        Ok(self)
    }

    /// Receives calls on UDP, on all resolved addresses. May be called several times.
    ///
    /// Addresses and ports are as with [`tcp`](Self::tcp); [`udp_addresses`](Self::udp_addresses) returns them. A reply
    /// is sent from the address that was called, also when the server is bound to `0.0.0.0` or `[::]`. Not so on Windows,
    /// where the system chooses the sender: there, bind to one address.
    ///
    /// A datagram carries messages of at most 65 507 bytes. A procedure whose results might be larger is not executed
    /// but refused with SYSTEM_ERR. A reply for which the system's buffers have no room is lost.
    ///
    /// A call that a client retransmits, with the same bytes from the same port, is executed once. Its reply is
    /// [remembered](Self::replay_memory). Copies that arrive while the procedure runs are dropped.
    ///
    /// # Errors
    /// [`Error::Resolve`], [`Error::Listen`] or [`Error::Watch`].
    pub fn udp(mut self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        for (_, socket) in bind_all(address, Type::DGRAM)? {
            let mailbox = Mailbox::from_socket(socket.into()).map_err(Error::Watch)?;
            self = self.with(Source::Mailbox(Box::new(mailbox)))?;
        }
        Ok(self)
    }
}

/// Binds a socket on each resolved address, all with one port. Returns them with their addresses.
fn bind_all(address: impl ToSocketAddrs + fmt::Debug, kind: Type) -> Result<Vec<(SocketAddr, Socket)>, Error> {
    let unresolved = |source| Error::Resolve { address: format!("{address:?}"), source };
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for resolved in address.to_socket_addrs().map_err(unresolved)? {
        if !addresses.contains(&resolved) {
            addresses.push(resolved);
        }
    }
    if addresses.is_empty() {
        return Err(unresolved(ErrorKind::NotFound.into()));
    }
    let mut attempts = 0;
    loop {
        attempts += 1;
        match bind_each(&addresses, kind) {
            // The free port of one address may be in use on another.
            Err(Error::Listen { source, .. })
                if source.kind() == ErrorKind::AddrInUse
                    && addresses.iter().all(|address| address.port() == 0)
                    && attempts < ATTEMPTS => {}
            bound => return bound,
        }
    }
}

fn bind_each(addresses: &[SocketAddr], kind: Type) -> Result<Vec<(SocketAddr, Socket)>, Error> {
    let mut bound: Vec<(SocketAddr, Socket)> = Vec::new();
    let mut absent = None;
    for &on in addresses {
        let mut address = on;
        if let (0, Some((first, _))) = (address.port(), bound.first()) {
            address.set_port(first.port());
        }
        // Beside an address of IPv4 that covers all, one of IPv6 must leave IPv4 alone.
        let only_v6 = addresses.iter().any(|other| other.is_ipv4() && other.ip().is_unspecified());
        match bind(address, kind, only_v6) {
            Ok(socket) => bound.push(socket),
            Err(source) => {
                let error = Error::Listen { on: address.to_string(), source };
                if is_in_use(&error) {
                    return Err(error);
                }
                absent = Some(error);
            }
        }
    }
    match (bound.is_empty(), absent) {
        (true, Some(error)) => Err(error),
        _ => Ok(bound),
    }
}

/// Returns whether an address exists on this machine, but cannot be used.
fn is_in_use(error: &Error) -> bool {
    let Error::Listen { source, .. } = error else { return false };
    matches!(source.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied)
}

/// Returns the address of a bound socket, and the socket.
fn bind(address: SocketAddr, kind: Type, only_v6: bool) -> io::Result<(SocketAddr, Socket)> {
    let socket = Socket::new(Domain::for_address(address), kind, None)?;
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        // The default of the system differs: on Linux it is set by the administrator, on Windows it is IPv6 only.
        socket.set_only_v6(only_v6)?;
    }
    #[cfg(unix)]
    if kind == Type::STREAM {
        // A port whose last connections are about to end can be used at once. On Windows it would be shared.
        socket.set_reuse_address(true)?;
    }
    socket.bind(&address.into())?;
    let bound = socket.local_addr()?.as_socket().unwrap_or(address);
    Ok((bound, socket))
}
