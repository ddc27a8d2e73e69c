//! Clients of the port mapper and of rpcbind.

use core::net::SocketAddr;

use super::{Binding, Mapping, PROGRAM, procedure};
use crate::client::{CallError, Caller};
use crate::codec::{Reader, Writer, Xdr};
use crate::message::ProcedureId;
use crate::xdr::{DecodeError, EncodeError};

/// A client of the port mapper: version 2 of rpcbind (RFC 1833 §3).
///
/// It works over any [`Caller`] that is connected to port 111. Every method makes one call, which blocks as the
/// caller's calls do.
///
/// ```no_run
/// use oncilla::rpcbind::{PortMapper, Transport};
///
/// let mut port_mapper = PortMapper::new(oncilla_host::tcp("192.0.2.7:111")?);
/// match port_mapper.get_port(0x2000_0042, 1, Transport::Tcp.protocol())? {
///     Some(port) => println!("the thermostat is on TCP port {port}"),
///     None => println!("this machine has no thermostat"),
/// }
/// port_mapper.dump(|mapping| println!("{} version {}", mapping.program, mapping.version))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PortMapper<C>(C);

impl<C: Caller> PortMapper<C> {
    /// Creates a client of the port mapper to which `caller` is connected.
    pub const fn new(caller: C) -> Self {
        Self(caller)
    }

    /// Registers a mapping; returns `false` when the port mapper refused.
    ///
    /// It refuses, for instance, when another port is registered for the program and version.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn set(&mut self, mapping: &Mapping) -> Result<bool, CallError<C::Error>> {
        self.0.call(version_2(procedure::SET), |out| out.put::<Xdr, _>(mapping), all)
    }

    /// Removes all mappings of a version of a program; returns `false` if refused.
    ///
    /// It removes them for every protocol. Some port mappers also return `false` when there was none.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn unset(&mut self, program: u32, version: u32) -> Result<bool, CallError<C::Error>> {
        let mapping = Mapping { program, version, protocol: 0, port: 0 };
        self.0.call(version_2(procedure::UNSET), |out| out.put::<Xdr, _>(&mapping), all)
    }

    /// Returns the port of a version of a program on a protocol.
    ///
    /// The protocol is 6 for TCP, 17 for UDP. `None` when the program is not registered. Some port mappers return the
    /// port of another version if this one is missing.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn get_port(&mut self, program: u32, version: u32, protocol: u32) -> Result<Option<u16>, CallError<C::Error>> {
        let mapping = Mapping { program, version, protocol, port: 0 };
        let port: u32 = self.0.call(version_2(procedure::GETADDR), |out| out.put::<Xdr, _>(&mapping), all)?;
        Ok(u16::try_from(port).ok().filter(|&port| port != 0))
    }

    /// Passes every mapping to `each`, one after another.
    ///
    /// The list needs no memory of its own.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results, or the list is cut short; `each` may have received some mappings by
    /// then.
    pub fn dump(&mut self, each: impl FnMut(Mapping)) -> Result<(), CallError<C::Error>> {
        self.0.call(version_2(procedure::DUMP), |_| Ok(()), |results| chain(results, each))
    }

    /// Calls a procedure on the port mapper's machine without its port (`CALLIT`).
    ///
    /// Returns the port and the results. `arguments` and results are XDR. The port mapper does not reply when the
    /// procedure fails or does not exist: the call times out. rpcbind supports such calls only over UDP, and on some
    /// systems only when started with `-r`. Its reply comes from another port than 111, so the transport must accept
    /// replies from any port.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn call_it(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<(u32, &[u8]), CallError<C::Error>> {
        self.0.call(
            version_2(procedure::CALLIT),
            |out| indirect(out, id, arguments),
            |results| {
                let mut results = Reader::new(results);
                let found = (results.take::<Xdr, _>()?, results.take::<Xdr, _>()?);
                results.finish()?;
                Ok(found)
            },
        )
    }
}

/// A client of rpcbind, version 3 or 4 (RFC 1833 §2).
///
/// It works over any [`Caller`] that is connected to port 111. Every method makes one call, which blocks as the
/// caller's calls do.
///
/// ```no_run
/// use oncilla::rpcbind::{Binding, RpcBind};
///
/// let mut rpcbind = RpcBind::version_4(oncilla_host::tcp("192.0.2.7:111")?);
/// let thermostat = Binding { program: 0x2000_0042, version: 1, netid: "tcp", address: "", owner: "" };
/// if let Some(address) = rpcbind.get_socket_address(&thermostat)? {
///     println!("the thermostat is at {address}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RpcBind<C> {
    caller: C,
    version: u32,
}

impl<C: Caller> RpcBind<C> {
    /// Creates a client of version 3 of the rpcbind to which `caller` is connected.
    pub const fn version_3(caller: C) -> Self {
        Self { caller, version: 3 }
    }

    /// Creates a client of version 4 of the rpcbind to which `caller` is connected.
    pub const fn version_4(caller: C) -> Self {
        Self { caller, version: 4 }
    }

    const fn id(&self, procedure: u32) -> ProcedureId {
        ProcedureId { program: PROGRAM, version: self.version, procedure }
    }

    /// Registers a binding; returns `false` when rpcbind refused.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn set(&mut self, binding: &Binding<'_>) -> Result<bool, CallError<C::Error>> {
        self.caller.call(self.id(procedure::SET), |out| out.put::<Xdr, _>(binding), all)
    }

    /// Removes the bindings of a version of a program; returns `false` when rpcbind refused.
    ///
    /// It removes those on the binding's netid, or on all netids if that is empty. Some rpcbinds also return `false`
    /// when there was none.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn unset(&mut self, binding: &Binding<'_>) -> Result<bool, CallError<C::Error>> {
        self.caller.call(self.id(procedure::UNSET), |out| out.put::<Xdr, _>(binding), all)
    }

    /// Returns the universal address of a version of a program.
    ///
    /// It is empty when the program is not registered. [`parse_universal`](super::parse_universal) converts it to a
    /// socket address. rpcbind ignores the binding's netid and returns the address on the transport of the call (RFC
    /// 1833 §2.2.1): over TCP the address on TCP, over its Unix socket neither that on TCP nor that on UDP.
    /// [`dump`](Self::dump) lists the addresses on all transports.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn get_address(&mut self, binding: &Binding<'_>) -> Result<&str, CallError<C::Error>> {
        self.caller.call(self.id(procedure::GETADDR), |out| out.put::<Xdr, _>(binding), all)
    }

    /// Returns the socket address of a version of a program on the transport of the call.
    ///
    /// `None` when it is not registered there. [`get_address`](Self::get_address) returns it as a universal address.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn get_socket_address(&mut self, binding: &Binding<'_>) -> Result<Option<SocketAddr>, CallError<C::Error>> {
        Ok(super::parse_universal(self.get_address(binding)?))
    }

    /// Passes every binding to `each`, one after another.
    ///
    /// The list needs no memory of its own.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results, or the list is cut short; `each` may have received some bindings by
    /// then.
    pub fn dump(&mut self, each: impl FnMut(Binding<'_>)) -> Result<(), CallError<C::Error>> {
        self.caller.call(self.id(procedure::DUMP), |_| Ok(()), |results| chain(results, each))
    }

    /// Returns rpcbind's time: seconds since 1970.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn time(&mut self) -> Result<u32, CallError<C::Error>> {
        self.caller.call(self.id(procedure::GETTIME), |_| Ok(()), all)
    }

    /// Calls a procedure on rpcbind's machine without its address.
    ///
    /// Returns the universal address and the results. `arguments` and results are XDR. When the procedure fails,
    /// version 4 (`INDIRECT`) reports the failure; version 3 (`CALLIT`) does not reply, and the call times out.
    /// [`PortMapper::call_it`] describes which transports work.
    ///
    /// # Errors
    /// [`CallError`] when the call has no results.
    pub fn indirect(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<(&str, &[u8]), CallError<C::Error>> {
        let number = if self.version == 3 { procedure::CALLIT } else { procedure::INDIRECT };
        self.caller.call(
            self.id(number),
            |out| indirect(out, id, arguments),
            |results| {
                let mut results = Reader::new(results);
                let found = (results.take::<Xdr, _>()?, results.take::<Xdr, _>()?);
                results.finish()?;
                Ok(found)
            },
        )
    }
}

const fn version_2(procedure: u32) -> ProcedureId {
    ProcedureId { program: PROGRAM, version: 2, procedure }
}

/// `call_args` (version 2) and `rpcb_rmtcallargs` (3 and 4) have the same encoding.
fn indirect(out: &mut Writer<'_>, id: ProcedureId, arguments: &[u8]) -> Result<(), EncodeError> {
    out.put::<Xdr, _>(&(id.program, id.version, id.procedure))?;
    out.put::<Xdr, _>(arguments)
}

/// Reads results that are one value.
fn all<'de, T: serde::Deserialize<'de>>(results: &'de [u8]) -> Result<T, DecodeError> {
    let mut results = Reader::new(results);
    let value = results.take::<Xdr, _>()?;
    results.finish()?;
    Ok(value)
}

/// Reads results that are a linked list.
fn chain<'de, T: serde::Deserialize<'de>>(results: &'de [u8], mut each: impl FnMut(T)) -> Result<(), DecodeError> {
    let mut results = Reader::new(results);
    while results.take::<Xdr, bool>()? {
        each(results.take::<Xdr, T>()?);
    }
    results.finish()
}
