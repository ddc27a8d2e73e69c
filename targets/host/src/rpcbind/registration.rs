//! Registering a server for as long as it serves.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use oncilla::rpcbind::{Binding, Transport, parse_universal, universal};
use oncilla::{CallError, Caller, ProcedureId, Reader, Refusal};
use socket2::{Domain, Type};

use super::RegisterError;
use super::local::Local;
use crate::{Connector, Error};

/// How long a server that is registered already has to show that it is alive.
const KNOCK: Duration = Duration::from_secs(1);

/// What is registered with this machine's rpcbind, until this is dropped.
///
/// [`Server::register`](crate::Server::register) keeps one while it serves; this is for servers of other
/// kinds. Dropping it talks to rpcbind once more, and so may take some seconds, at most five for each
/// call, if rpcbind does not answer. What another server has registered meanwhile stays; so does all if
/// the process ends without dropping it, until the next server finds that nobody answers there.
#[derive(Debug)]
pub struct Registration {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    program: u32,
    version: u32,
    transport: Transport,
    address: SocketAddr,
}

impl Registration {
    /// Registers every version of `programs` at the addresses on TCP and UDP: of several on one
    /// transport the first, since rpcbind knows one only. `[::]` stands for IPv4 too, if it does on this
    /// machine.
    ///
    /// It talks to rpcbind at its own socket, `/run/rpcbind.sock`, where it knows this process's user, or
    /// else on TCP, port 111. It waits for it, at most five seconds for each call. Somebody else's
    /// registration is replaced only when nobody answers there.
    ///
    /// # Errors
    /// [`RegisterError`]; then nothing stays registered.
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
                // From now on it is taken back, also when the next fails.
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
        // An rpcbind that is gone, or does not answer, has no use for being told.
        let Ok(mut rpcbind) = Local::connect() else { return };
        for entry in &self.entries {
            if entry.unregister(&mut rpcbind).is_err() {
                return;
            }
        }
    }
}

impl Entry {
    /// Lends it to `act` as rpcbind has it.
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

    /// Whether nobody serves this program at an address any more, which a server that was killed has left
    /// behind. If in doubt somebody does.
    fn is_stale(&self, address: &str) -> bool {
        let Some(address) = parse_universal(address) else { return false };
        // The port is this server's now.
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
        // The system tells at once that nobody receives on a UDP port of this machine.
        !matches!(answer, Err(CallError::Link(_) | CallError::Refused(Refusal::ProgramUnavailable)))
    }
}

/// Whether there may be somebody, but too busy to be connected to.
fn is_slow(error: &Error) -> bool {
    matches!(error, Error::Connect { source, .. } if source.kind() == io::ErrorKind::TimedOut)
}

/// The first address of each transport.
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

/// Whether a socket on `[::]` takes IPv4 too on this machine.
fn ipv6_is_for_ipv4_too() -> bool {
    socket2::Socket::new(Domain::IPV6, Type::STREAM, None).and_then(|socket| socket.only_v6()).is_ok_and(|only| !only)
}

const fn any(ip: IpAddr) -> bool {
    ip.is_unspecified()
}

/// An address of this machine that stands for it.
fn here(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => (Ipv4Addr::LOCALHOST, address.port()).into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => (Ipv6Addr::LOCALHOST, address.port()).into(),
        _ => address,
    }
}
