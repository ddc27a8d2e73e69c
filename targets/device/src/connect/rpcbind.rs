//! Targets whose ports the host's rpcbind knows.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use oncilla::rpcbind::{Binding, PORT, PortMapper, RpcBind, Transport};
use oncilla::{CallError, LinkError, ProcedureId, Refusal, Retry};

use super::device::{Arguments, Connection, Results};
use super::{Device, How, Identity, to};
use crate::failure::{Done, Exit, Failure};
use crate::settings::Settings;
use crate::target::{Address, Protocol, Target};

/// The refusal of a program that rpcbind does not know.
const UNKNOWN: &str = Refusal::ProgramUnavailable.name();

/// Connects to each program when it is called first.
pub struct ByProgram {
    settings: Settings,
    how: How,
    host: String,
    protocol: Protocol,
    devices: HashMap<(u32, u32), Device>,
    timeout: Option<Duration>,
    retry: Option<Retry>,
    identity: Option<Identity>,
}

impl ByProgram {
    pub fn new(settings: &Settings, how: &How, host: &str, protocol: Protocol) -> Self {
        let (settings, how, host) = (settings.clone(), how.clone(), host.to_owned());
        Self { settings, how, host, protocol, devices: HashMap::new(), timeout: None, retry: None, identity: None }
    }

    /// Returns the connection to a program.
    fn device(&mut self, id: ProcedureId) -> Result<&mut Device, CallError<io::Error>> {
        let key = (id.program, id.version);
        if !self.devices.contains_key(&key) {
            let wrapped = |failure: Failure| CallError::Link(LinkError::Transport(io::Error::other(failure)));
            let address = self.resolve(id.program, id.version).map_err(wrapped)?;
            let mut device =
                to(&address, &self.settings_for(id.program), &self.how).map_err(wrapped)?.observed(&self.how);
            if let Some(timeout) = self.timeout {
                device.set_timeout(timeout);
            }
            if let Some(retry) = self.retry {
                device.set_retry(retry);
            }
            if let Some(identity) = &self.identity {
                device.set_identity(identity.clone());
            }
            self.devices.insert(key, device);
        }
        self.devices.get_mut(&key).ok_or(CallError::Closed)
    }

    /// Returns the settings for a program. rpcbind has no key.
    fn settings_for(&self, program: u32) -> Settings {
        let link_key = self.settings.link_key.clone().filter(|_| program != oncilla::rpcbind::PROGRAM);
        Settings { link_key, ..self.settings.clone() }
    }

    /// Asks the host's rpcbind for the address of a program.
    ///
    /// The address of rpcbind itself is known.
    pub fn resolve(&self, program: u32, version: u32) -> Done<Address> {
        let address = address_of_rpcbind(&self.host);
        if program == oncilla::rpcbind::PROGRAM {
            return Ok(clear(self.protocol, address));
        }
        let settings = self.settings_for(oncilla::rpcbind::PROGRAM);
        let unreached = |failure: Failure| self.without_rpcbind(&failure);
        let mut rpcbind =
            to(&clear(self.protocol, address.clone()), &settings, &self.how).map_err(unreached)?.observed(&self.how);
        rpcbind.set_timeout(self.settings.timeout.value);
        let host = address.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
        let port =
            port(&mut rpcbind, self.protocol, host, program, version).map_err(|failure| match failure.exit() {
                Exit::NotReached | Exit::TimedOut => self.without_rpcbind(&failure),
                _ => failure.of(format_args!("the rpcbind of {}", self.host)),
            })?;
        let port = port.ok_or_else(|| {
            let what = format!("the rpcbind of {} does not know program {program} version {version}", self.host);
            Failure::new(Exit::Failed, what).refused(UNKNOWN).help("`oncilla list` shows the programs that it knows")
        })?;
        let host = host_of(&address);
        if let Some(note) = &self.how.note {
            note(&format!("the rpcbind of {host} has program {program:#x} version {version} on port {port}"));
        }
        Ok(of(self.protocol, format!("{host}:{port}")))
    }
}

impl ByProgram {
    /// Returns the failure to reach rpcbind. The server itself may be there.
    fn without_rpcbind(&self, failure: &Failure) -> Failure {
        let target = of(self.protocol, format!("{}:PORT", host_of(&address_of_rpcbind(&self.host))));
        let target = Target { address: target, baud: None, framing: None };
        Failure::new(failure.exit(), failure.what())
            .of(format_args!("the rpcbind of {} was not reached", self.host))
            .help(format_args!(
                "rpcbind knows the ports of servers; without it, use the port of the server: `-t {target}`"
            ))
    }
}

/// Returns the address of a host's rpcbind. The host may state another port than 111.
pub fn address_of_rpcbind(host: &str) -> String {
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(name, port)| port.parse::<u16>().is_ok() && (!name.contains(':') || name.ends_with(']')));
    match host {
        _ if has_port => host.to_owned(),
        _ if host.contains(':') && !host.starts_with('[') => format!("[{host}]:{PORT}"),
        _ => format!("{host}:{PORT}"),
    }
}

/// Returns the host of an address with a port.
pub fn host_of(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(host, _)| host)
}

/// Returns the address of rpcbind, which is asked in the clear. TLS protects the calls of the program only.
const fn clear(protocol: Protocol, address: String) -> Address {
    match protocol {
        Protocol::Tcp | Protocol::Tls => Address::Tcp(address),
        Protocol::Udp => Address::Udp(address),
    }
}

const fn of(protocol: Protocol, address: String) -> Address {
    match protocol {
        Protocol::Tcp => Address::Tcp(address),
        Protocol::Tls => Address::Tls(address),
        Protocol::Udp => Address::Udp(address),
    }
}

/// Asks rpcbind version 3, which knows IPv6, or the port mapper for a port.
fn port(
    rpcbind: &mut Device,
    protocol: Protocol,
    host: Option<SocketAddr>,
    program: u32,
    version: u32,
) -> Done<Option<u16>> {
    let v6 = host.is_some_and(|host| host.is_ipv6());
    let transport = match (protocol, v6) {
        (Protocol::Tcp | Protocol::Tls, false) => Transport::Tcp,
        (Protocol::Tcp | Protocol::Tls, true) => Transport::Tcp6,
        (Protocol::Udp, false) => Transport::Udp,
        (Protocol::Udp, true) => Transport::Udp6,
    };
    let binding = Binding { program, version, netid: transport.netid(), address: "", owner: "" };
    match RpcBind::version_3(&mut *rpcbind).get_socket_address(&binding) {
        Ok(address) => Ok(address.map(|address| address.port()).filter(|&port| port != 0)),
        // An old port mapper.
        Err(CallError::Refused(_)) if !v6 => {
            Ok(PortMapper::new(rpcbind).get_port(program, version, transport.protocol())?)
        }
        Err(error) => Err(error.into()),
    }
}

impl Connection for ByProgram {
    fn call(
        &mut self,
        id: ProcedureId,
        idempotent: bool,
        arguments: Arguments<'_>,
        results: Results<'_>,
    ) -> Result<(), CallError<io::Error>> {
        self.device(id)?.connection().call(id, idempotent, arguments, results)
    }

    fn cast(&mut self, id: ProcedureId, arguments: Arguments<'_>) -> Result<(), CallError<io::Error>> {
        self.device(id)?.connection().cast(id, arguments)
    }

    fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
        self.devices.values_mut().for_each(|device| device.set_timeout(timeout));
    }

    fn set_retry(&mut self, retry: Retry) {
        self.retry = Some(retry);
        self.devices.values_mut().for_each(|device| device.set_retry(retry));
    }

    fn set_identity(&mut self, identity: Identity) {
        self.devices.values_mut().for_each(|device| device.set_identity(identity.clone()));
        self.identity = Some(identity);
    }
}
