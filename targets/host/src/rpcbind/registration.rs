//! Registers a server for as long as it serves.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use oncilla::rpcbind::{Binding, Transport, parse_universal, universal};
use oncilla::{CallError, Caller, ProcedureId, Reader, Refusal};
use socket2::{Domain, Type};

use super::RegisterError;
use super::local::Local;
use crate::{Connector, Error};

/// How long a server that is already registered has to answer.
const KNOCK: Duration = Duration::from_secs(1);

/// The registration of programs with this machine's rpcbind. Dropping it removes the registration.
///
/// [`Server::register`](crate::Server::register) makes one while the server runs. Use this type for other servers.
///
/// ```no_run
/// use std::net::{SocketAddr, UdpSocket};
///
/// let socket = UdpSocket::bind("0.0.0.0:0")?;
/// // Version 1 of program 0x2000_0001, on UDP.
/// let registration = oncilla_host::Registration::new([(0x2000_0001, 1)], &[], &[socket.local_addr()?])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **Dropping** calls rpcbind again. It may take some seconds if rpcbind does not answer, at most five for each call. A
/// registration that another server has made since stays.
///
/// **Without dropping**, as when the process is killed, the registration stays until the next server finds that it is
/// stale.
#[derive(Debug)]
pub struct Registration {
    entries: Vec<Entry>,
}

/// One version of a program on one transport.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    program: u32,
    version: u32,
    transport: Transport,
    address: SocketAddr,
}

impl Registration {
    /// Registers all versions in `programs` at the given TCP and UDP addresses.
    ///
    /// rpcbind holds one address for each transport, so the first is registered. An address on `[::]` is registered for
    /// IPv4 too, if such sockets accept IPv4 on this machine.
    ///
    /// Connects to rpcbind's own socket, `/run/rpcbind.sock`, where rpcbind knows the user of this process, or else to
    /// TCP port 111. Blocks at most five seconds for each call. A registration of another server is replaced only when
    /// that server does not answer.
    ///
    /// # Errors
    /// [`RegisterError`]. In that case nothing stays registered.
    pub fn new(
        programs: impl IntoIterator<Item = (u32, u32)>,
        tcp: &[SocketAddr],
        udp: &[SocketAddr],
    ) -> Result<Self, RegisterError> {
        let mut rpcbind = Local::connect()?;
        let places = places(tcp, udp);
        let mut registration = Self { entries: Vec::new() };
        for (program, version) in programs {
            for &(transport, address) in &places {
                let entry = Entry { program, version, transport, address };
                entry.register(&mut rpcbind)?;
                // From here on, an error of a later entry removes this one.
                registration.entries.push(entry);
            }
        }
        Ok(registration)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        // Without rpcbind there is no registration to remove.
        let Ok(mut rpcbind) = Local::connect() else { return };
        for entry in &self.entries {
            if entry.unregister(&mut rpcbind).is_err() {
                return;
            }
        }
    }
}

impl Entry {
    /// Calls `act` with the entry in the form that rpcbind uses.
    fn with<R>(&self, act: impl FnOnce(&Binding<'_>) -> R) -> R {
        let &Self { program, version, transport, address } = self;
        let address = universal(address);
        act(&Binding { program, version, netid: transport.netid(), address: &address, owner: "" })
    }

    fn register(&self, rpcbind: &mut Local) -> Result<(), RegisterError> {
        self.with(|binding| {
            if rpcbind.set(binding)? {
                return Ok(());
            }
            let &Self { program, version, transport, .. } = self;
            let netid = transport.netid();
            if let Some(address) = rpcbind.registered(binding)? {
                if !self.is_stale(&address) {
                    return Err(RegisterError::Taken { program, version, netid, address });
                }
                if rpcbind.unset(binding)? && rpcbind.set(binding)? {
                    return Ok(());
                }
            }
            Err(RegisterError::Refused { program, version, netid })
        })
    }

    fn unregister(&self, rpcbind: &mut Local) -> Result<(), RegisterError> {
        self.with(|binding| {
            let registered = rpcbind.registered(binding)?;
            if registered.as_deref().and_then(parse_universal) == parse_universal(binding.address) {
                rpcbind.unset(binding)?;
            }
            Ok(())
        })
    }

    /// Returns whether the server registered at `address` is gone, for example because it was killed. Returns false if
    /// in doubt.
    fn is_stale(&self, address: &str) -> bool {
        let Some(address) = parse_universal(address) else { return false };
        // This server has that port now, so no other server does.
        let own = address.port() == self.address.port() && (address.ip() == self.address.ip() || any(address.ip()));
        own || !self.answers(here(address))
    }

    fn answers(&self, address: SocketAddr) -> bool {
        let connector = Connector::new().connect_timeout(KNOCK).buffer(1024);
        match self.transport {
            Transport::Tcp | Transport::Tcp6 => match connector.tcp(address) {
                Ok(mut client) => {
                    client.set_timeout(KNOCK);
                    self.is_served(client)
                }
                Err(error) => is_slow(&error),
            },
            Transport::Udp | Transport::Udp6 => match connector.udp(address) {
                Ok(mut client) => {
                    client.set_timeout(KNOCK);
                    client.link().transport().heed_refusals();
                    self.is_served(client)
                }
                Err(error) => is_slow(&error),
            },
        }
    }

    fn is_served(&self, mut caller: impl Caller<Error = io::Error>) -> bool {
        let null = ProcedureId { program: self.program, version: self.version, procedure: 0 };
        let answer = caller.call(null, |_| Ok(()), |results| Reader::new(results).finish());
        // On this machine, the system reports at once that no program receives on a UDP port.
        !matches!(answer, Err(CallError::Link(_) | CallError::Refused(Refusal::ProgramUnavailable)))
    }
}

/// Returns whether a server may exist that is too busy to accept the connection.
fn is_slow(error: &Error) -> bool {
    matches!(error, Error::Connect { source, .. } if source.kind() == io::ErrorKind::TimedOut)
}

/// Returns the first address of each transport.
fn places(tcp: &[SocketAddr], udp: &[SocketAddr]) -> Vec<(Transport, SocketAddr)> {
    let mut places = Vec::new();
    let mut add = |transport, address: Option<SocketAddr>| places.extend(address.map(|address| (transport, address)));
    let both = ipv6_is_for_ipv4_too();
    let v4 = |addresses: &[SocketAddr]| {
        let own = addresses.iter().find(|address| address.is_ipv4()).copied();
        let any_6 = || addresses.iter().find(|address| both && address.is_ipv6() && any(address.ip()));
        own.or_else(|| any_6().map(|address| (Ipv4Addr::UNSPECIFIED, address.port()).into()))
    };
    let v6 = |addresses: &[SocketAddr]| addresses.iter().find(|address| address.is_ipv6()).copied();
    add(Transport::Tcp, v4(tcp));
    add(Transport::Udp, v4(udp));
    add(Transport::Tcp6, v6(tcp));
    add(Transport::Udp6, v6(udp));
    places
}

/// Returns whether a socket on `[::]` accepts IPv4 on this machine.
fn ipv6_is_for_ipv4_too() -> bool {
    socket2::Socket::new(Domain::IPV6, Type::STREAM, None).and_then(|socket| socket.only_v6()).is_ok_and(|only| !only)
}

const fn any(ip: IpAddr) -> bool {
    ip.is_unspecified()
}

/// Returns the loopback address for an unspecified address.
fn here(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => (Ipv4Addr::LOCALHOST, address.port()).into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => (Ipv6Addr::LOCALHOST, address.port()).into(),
        _ => address,
    }
}
