//! How clients find the core channel: by the system's rpcbind, or by a port mapper of the server's own.

use std::net::{IpAddr, SocketAddr};
use std::thread::JoinHandle;

use oncilla::rpcbind::{self, Directory, Service, Transport};
use oncilla_host::{Error, RegisterError, Registration, Server, Stopper};

use super::{PROGRAM, PortMapping, thread};

/// A port mapping, for as long as it is not dropped.
#[derive(Debug)]
pub(super) enum Mapped {
    No,
    /// Dropped for its effect.
    BySystem {
        _registration: Registration,
    },
    Own {
        stopper: Stopper,
        thread: Option<JoinHandle<()>>,
    },
}

impl Mapped {
    pub(super) fn new(how: PortMapping, core: SocketAddr) -> Result<Self, Error> {
        match how {
            PortMapping::None => Ok(Self::No),
            PortMapping::System => Self::by_system(core).map_err(Error::Register),
            PortMapping::Own => Self::own(core),
            PortMapping::Either => match Self::by_system(core) {
                Err(RegisterError::NotThere(_)) => Self::own(core),
                // It may be on another address of this machine than this server.
                Err(error @ RegisterError::ReadOnly) => Self::own(core).map_err(|_| Error::Register(error)),
                other => other.map_err(Error::Register),
            },
        }
    }

    fn by_system(core: SocketAddr) -> Result<Self, RegisterError> {
        Registration::new([PROGRAM], &[core], &[]).map(|registration| Self::BySystem { _registration: registration })
    }

    fn own(core: SocketAddr) -> Result<Self, Error> {
        let here = (core.ip(), rpcbind::PORT);
        let mut server = Server::new()?.udp(here)?.tcp(here)?;
        let stopper = server.stopper();
        let mut mapper = Mapper { services: services(core), address: core.ip() };
        let run = move || {
            // It ends when it is stopped. If the system fails, clients that know the port are still served.
            let _ = server.serve(&TABLE, &mut mapper);
        };
        let thread = thread("mapper", run).map_err(Error::Watch)?;
        Ok(Self::Own { stopper, thread: Some(thread) })
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        if let Self::Own { stopper, thread } = self {
            stopper.stop();
            if let Some(thread) = thread.take() {
                // A panic was reported by its thread.
                let _ = thread.join();
            }
        }
    }
}

/// A port mapper with one program.
struct Mapper {
    services: [Service; 3],
    address: IpAddr,
}

impl Directory for Mapper {
    fn services(&self) -> &[Service] {
        &self.services
    }

    fn address(&self, _: Transport) -> IpAddr {
        self.address
    }
}

static TABLE: oncilla::Table<Mapper> = oncilla::table![rpcbind::version_2()];

/// The core channel and the port mapper itself, as `rpcinfo` shows them.
fn services(core: SocketAddr) -> [Service; 3] {
    let mapper = |transport| Service { program: rpcbind::PROGRAM, version: 2, transport, port: rpcbind::PORT };
    let (program, version) = PROGRAM;
    let core = Service { program, version, transport: Transport::Tcp, port: core.port() };
    [core, mapper(Transport::Tcp), mapper(Transport::Udp)]
}
