//! Asking the port mapper and rpcbind.

use core::net::SocketAddr;

use super::{Binding, Mapping, PROGRAM, procedure};
use crate::client::{CallError, Caller};
use crate::codec::{Reader, Writer, Xdr};
use crate::message::ProcedureId;
use crate::xdr::{DecodeError, EncodeError};

/// The port mapper, version 2 (RFC 1833 §3), over any client of port 111.
///
/// Every method makes one call and waits as that client does.
#[derive(Clone, Copy, Debug)]
pub struct PortMapper<C>(C);

impl<C: Caller> PortMapper<C> {
    /// The port mapper at the other end of `caller`.
    pub const fn new(caller: C) -> Self {
        Self(caller)
    }

    /// Registers a mapping. `false` when the port mapper refused, for instance because another holds
    /// the program and version.
    ///
    /// # Errors
    /// The call gave no results.
    pub fn set(&mut self, mapping: &Mapping) -> Result<bool, CallError<C::Error>> {
        self.0.call(version_2(procedure::SET), |out| out.put::<Xdr, _>(mapping), all)
    }

    /// Takes back all mappings of a version of a program, on every protocol. `false` when the port mapper
    /// refused, and with some port mappers also when there were none.
    ///
    /// # Errors
    /// The call gave no results.
    pub fn unset(&mut self, program: u32, version: u32) -> Result<bool, CallError<C::Error>> {
        let mapping = Mapping { program, version, protocol: 0, port: 0 };
        self.0.call(version_2(procedure::UNSET), |out| out.put::<Xdr, _>(&mapping), all)
    }

    /// The port of a version of a program on a protocol (6 for TCP, 17 for UDP), if it is registered.
    ///
    /// # Errors
    /// The call gave no results.
    pub fn get_port(&mut self, program: u32, version: u32, protocol: u32) -> Result<Option<u16>, CallError<C::Error>> {
        let mapping = Mapping { program, version, protocol, port: 0 };
        let port: u32 = self.0.call(version_2(procedure::GETADDR), |out| out.put::<Xdr, _>(&mapping), all)?;
        Ok(u16::try_from(port).ok().filter(|&port| port != 0))
    }

    /// Shows every mapping to `each`, one after another, so that their number costs no memory.
    ///
    /// # Errors
    /// The call gave no results, or they ended amid the list; `each` may have seen some by then.
    pub fn dump(&mut self, each: impl FnMut(Mapping)) -> Result<(), CallError<C::Error>> {
        self.0.call(version_2(procedure::DUMP), |_| Ok(()), |results| chain(results, each))
    }

    /// Calls a procedure of a program on the port mapper's machine without knowing its port
    /// (`CALLIT`): `arguments` and the results are XDR. Gives the port and the results.
    ///
    /// The port mapper is silent when the procedure fails or is not there, so that the call times out.
    /// rpcbind carries out such calls on UDP only, on some systems only if it is started with `-r`, and
    /// its reply comes from another port than 111: the carrier must take it from there.
    ///
    /// # Errors
    /// The call gave no results.
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

/// rpcbind, version 3 or 4 (RFC 1833 §2), over any client of port 111.
///
/// Every method makes one call and waits as that client does.
#[derive(Clone, Copy, Debug)]
pub struct RpcBind<C> {
    caller: C,
    version: u32,
}

impl<C: Caller> RpcBind<C> {
    /// Version 3 of rpcbind at the other end of `caller`.
    pub const fn version_3(caller: C) -> Self {
        Self { caller, version: 3 }
    }

    /// Version 4.
    pub const fn version_4(caller: C) -> Self {
        Self { caller, version: 4 }
    }

    const fn id(&self, procedure: u32) -> ProcedureId {
        ProcedureId { program: PROGRAM, version: self.version, procedure }
    }

    /// Registers a binding. `false` when rpcbind refused.
    ///
    /// # Errors
    /// The call gave no results.
    pub fn set(&mut self, binding: &Binding<'_>) -> Result<bool, CallError<C::Error>> {
        self.caller.call(self.id(procedure::SET), |out| out.put::<Xdr, _>(binding), all)
    }

    /// Takes back what was registered for a version of a program on the binding's netid, or on every one
    /// if it is empty. `false` when rpcbind refused, and with some also when there was nothing.
    ///
    /// # Errors
    /// The call gave no results.
    pub fn unset(&mut self, binding: &Binding<'_>) -> Result<bool, CallError<C::Error>> {
        self.caller.call(self.id(procedure::UNSET), |out| out.put::<Xdr, _>(binding), all)
    }

    /// The universal address of a version of a program on the transport that rpcbind is asked over; empty when it is not
    /// registered. [`parse_universal`](super::parse_universal) makes a socket address of it.
    ///
    /// rpcbind ignores the binding's netid (RFC 1833 §2.2.1): over TCP it returns the address on TCP, and over its Unix
    /// socket none of either TCP or UDP. [`dump`](Self::dump) lists the addresses on all transports.
    ///
    /// # Errors
    /// The call gave no results.
    pub fn get_address(&mut self, binding: &Binding<'_>) -> Result<&str, CallError<C::Error>> {
        self.caller.call(self.id(procedure::GETADDR), |out| out.put::<Xdr, _>(binding), all)
    }

    /// The same as a socket address, if it is registered on the transport that rpcbind is asked over.
    ///
    /// # Errors
    /// The call gave no results.
    pub fn get_socket_address(&mut self, binding: &Binding<'_>) -> Result<Option<SocketAddr>, CallError<C::Error>> {
        Ok(super::parse_universal(self.get_address(binding)?))
    }

    /// Shows every binding to `each`, one after another, so that their number costs no memory.
    ///
    /// # Errors
    /// The call gave no results, or they ended amid the list; `each` may have seen some by then.
    pub fn dump(&mut self, each: impl FnMut(Binding<'_>)) -> Result<(), CallError<C::Error>> {
        self.caller.call(self.id(procedure::DUMP), |_| Ok(()), |results| chain(results, each))
    }

    /// rpcbind's time: seconds since 1970.
    ///
    /// # Errors
    /// The call gave no results.
    pub fn time(&mut self) -> Result<u32, CallError<C::Error>> {
        self.caller.call(self.id(procedure::GETTIME), |_| Ok(()), all)
    }

    /// Calls a procedure of a program on rpcbind's machine without knowing its address: `arguments` and
    /// the results are XDR. Gives the universal address and the results. Version 4 tells failures
    /// (`INDIRECT`); version 3 is silent then (`CALLIT`), so that the call times out. On what carriers,
    /// see [`PortMapper::call_it`].
    ///
    /// # Errors
    /// The call gave no results.
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

/// `call_args` (version 2) and `rpcb_rmtcallargs` (3 and 4) are the same on the wire.
fn indirect(out: &mut Writer<'_>, id: ProcedureId, arguments: &[u8]) -> Result<(), EncodeError> {
    out.put::<Xdr, _>(&(id.program, id.version, id.procedure))?;
    out.put::<Xdr, _>(arguments)
}

/// Results that are one value.
fn all<'de, T: serde::Deserialize<'de>>(results: &'de [u8]) -> Result<T, DecodeError> {
    let mut results = Reader::new(results);
    let value = results.take::<Xdr, _>()?;
    results.finish()?;
    Ok(value)
}

/// Results that are a linked list.
fn chain<'de, T: serde::Deserialize<'de>>(results: &'de [u8], mut each: impl FnMut(T)) -> Result<(), DecodeError> {
    let mut results = Reader::new(results);
    while results.take::<Xdr, bool>()? {
        each(results.take::<Xdr, T>()?);
    }
    results.finish()
}
