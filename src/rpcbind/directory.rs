//! Answering what is served, from a table that does not change.

use core::net::{IpAddr, SocketAddr};

use heapless::String;

use super::{Binding, Mapping, PORT, PROGRAM, Transport, UNIVERSAL_MAX, procedure, universal};
use crate::codec::{Reader, Xdr};
use crate::message::{Call, Failure, ProcedureId};
use crate::server::{NO_REPLY, Procedure, Program, Run};
use crate::xdr::{Encoder, MaxSize, opaque_max_size};

/// A version of a program, and where it is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The program's number.
    pub program: u32,
    /// Its version.
    pub version: u32,
    /// The carrier.
    pub transport: Transport,
    /// The port.
    pub port: u16,
}

/// What a server's state tells of the machine, for [`version_2`], [`version_3`] and [`version_4`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it serves",
    label = "rpcbind needs `oncilla::rpcbind::Directory` here",
    note = "implement `oncilla::rpcbind::Directory` for the server's state"
)]
pub trait Directory {
    /// All that is served. It may include rpcbind itself, which is known to be on port 111 in any case. At
    /// most [`DUMP_MAX`] are told.
    fn services(&self) -> &[Service];

    /// The machine's address on a transport, for universal addresses: one of IPv6 for those of IPv6. Those
    /// who ask connect to it.
    fn address(&self, transport: Transport) -> IpAddr;

    /// The transport over which the call that is being answered came, where the state knows it, for instance because it is
    /// set before each of several servers serves.
    ///
    /// A caller that asks for an address gets the one on this transport, whatever netid it says (RFC 1833 §2.2.1, and
    /// rpcbind). With `None`, the default, it gets the one on the netid it says: libtirpc says the one that it asks over.
    fn asked_over(&self) -> Option<Transport> {
        None
    }

    /// Seconds since 1970, or 0 where there is no such clock.
    fn time(&self) -> u32 {
        0
    }
}

/// The most services that are listed: what makes the largest reply known beforehand.
pub const DUMP_MAX: usize = 16;

const MAPPINGS_MAX: usize = DUMP_MAX * (4 + Mapping::MAX_SIZE) + 4;
const ADDRESS_MAX: usize = opaque_max_size(UNIVERSAL_MAX);
const BINDING_MAX: usize = 8 + opaque_max_size(4) + ADDRESS_MAX + opaque_max_size(0);
const BINDINGS_MAX: usize = DUMP_MAX * (4 + BINDING_MAX) + 4;

/// Nothing here changes anything.
const fn entry<S>(number: u32, results_max: usize, run: Run<S>) -> Procedure<S> {
    Procedure::new(number, results_max, run).idempotent()
}

/// The procedures of versions 3 and 4, and those that a version has beside them.
macro_rules! bindings {
    ($($more:expr),* $(,)?) => {
        &[
            entry(procedure::SET, 4, refuse_binding),
            entry(procedure::UNSET, 4, refuse_binding),
            entry(procedure::GETADDR, ADDRESS_MAX, get_address),
            entry(procedure::DUMP, BINDINGS_MAX, dump_bindings),
            entry(procedure::CALLIT, ADDRESS_MAX + 4, call_indirect),
            entry(procedure::GETTIME, 4, time),
            $($more),*
        ]
    };
}

/// The port mapper: version 2 of rpcbind (RFC 1833 §3). Its largest reply is 348 bytes. `SET` and `UNSET`
/// answer that nothing was changed, and `CALLIT` calls no procedure but NULL.
#[must_use]
pub const fn version_2<S: Directory>() -> Program<S> {
    Program::new(
        PROGRAM,
        2,
        const {
            &[
                entry(procedure::SET, 4, refuse_mapping),
                entry(procedure::UNSET, 4, refuse_mapping),
                entry(procedure::GETADDR, 4, get_port),
                entry(procedure::DUMP, MAPPINGS_MAX, dump_mappings),
                entry(procedure::CALLIT, 8, call_it),
            ]
        },
    )
}

/// Version 3 of rpcbind (RFC 1833 §2). Its largest reply is 1 244 bytes. `SET` and `UNSET` answer that
/// nothing was changed, and `CALLIT` calls no procedure but NULL.
#[must_use]
pub const fn version_3<S: Directory>() -> Program<S> {
    Program::new(PROGRAM, 3, const { bindings!() })
}

/// Version 4 of rpcbind (RFC 1833 §2): as version 3, with `GETVERSADDR` and `INDIRECT`.
#[must_use]
pub const fn version_4<S: Directory>() -> Program<S> {
    Program::new(
        PROGRAM,
        4,
        const {
            bindings!(
                entry(procedure::GETVERSADDR, ADDRESS_MAX, get_version_address),
                entry(procedure::INDIRECT, ADDRESS_MAX + 4, indirect),
            )
        },
    )
}

/// All arguments as one value.
fn argument<'de, T: serde::Deserialize<'de>>(call: &Call<'de>) -> Result<T, Failure> {
    let mut arguments = Reader::new(call.arguments());
    let value = arguments.take::<Xdr, T>().map_err(|_| Failure::GarbageArguments)?;
    arguments.finish().map_err(|_| Failure::GarbageArguments)?;
    Ok(value)
}

fn results<T: serde::Serialize + ?Sized>(value: &T, room: &mut [u8]) -> Result<usize, Failure> {
    crate::xdr::encode(value, room).map_err(|_| Failure::SystemError)
}

/// `SET` and `UNSET` of the port mapper.
fn refuse_mapping<S>(_: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    argument::<Mapping>(call)?;
    results(&false, room)
}

/// `SET` and `UNSET` of rpcbind.
fn refuse_binding<S>(_: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    argument::<Binding<'_>>(call)?;
    results(&false, room)
}

fn get_port<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    let wanted: Mapping = argument(call)?;
    let same = |transport: Transport| !transport.is_ipv6() && transport.protocol() == wanted.protocol;
    let found = best(state.services(), wanted.program, wanted.version, same);
    results(&found.map_or(0, |service| u32::from(service.port)), room)
}

fn dump_mappings<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    argument::<()>(call)?;
    let mut out = Encoder::new(room);
    for service in state.services().iter().filter(|service| !service.transport.is_ipv6()).take(DUMP_MAX) {
        let &Service { program, version, transport, port } = service;
        let mapping = Mapping { program, version, protocol: transport.protocol(), port: port.into() };
        put(&mut out, &true)?;
        put(&mut out, &mapping)?;
    }
    put(&mut out, &false)?;
    out.finish().map_err(|_| Failure::SystemError)
}

/// Calls nothing but NULL, which does nothing: that is what a search by broadcast asks. For all else,
/// and for programs that are not here, silence is what the RFC asks for.
fn call_it<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    // Whoever asks tries the port over IPv4.
    let Ok(service) = called(state, call, |transport| !transport.is_ipv6()) else { return Ok(NO_REPLY) };
    let mut out = Encoder::new(room);
    put(&mut out, &u32::from(service.port))?;
    put(&mut out, "")?;
    out.finish().map_err(|_| Failure::SystemError)
}

fn get_address<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    let wanted = argument(call)?;
    let (services, Binding { program, version, .. }) = (state.services(), wanted);
    let over = state.asked_over();
    let found = best(services, program, version, |transport| is_on(over, &wanted, transport));
    address(state, found, room)
}

/// Only the very version that is asked for.
fn get_version_address<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    let wanted = argument(call)?;
    let (services, Binding { program, version, .. }) = (state.services(), wanted);
    let over = state.asked_over();
    let found = find(services, program, Some(version), |transport| is_on(over, &wanted, transport));
    address(state, found, room)
}

/// Whether a transport is the one that was asked over, or, where that is not known, the one that is wanted, if one is.
fn is_on(over: Option<Transport>, wanted: &Binding<'_>, transport: Transport) -> bool {
    match over {
        Some(over) => transport == over,
        None => wanted.netid.is_empty() || transport.netid() == wanted.netid,
    }
}

fn address<S: Directory>(state: &S, found: Option<&Service>, room: &mut [u8]) -> Result<usize, Failure> {
    match found {
        Some(service) => results(universal_address(state, service).as_str(), room),
        None => results("", room),
    }
}

fn universal_address<S: Directory>(state: &S, service: &Service) -> String<UNIVERSAL_MAX> {
    universal(SocketAddr::new(state.address(service.transport), service.port))
}

fn dump_bindings<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    argument::<()>(call)?;
    let mut out = Encoder::new(room);
    for service in state.services().iter().take(DUMP_MAX) {
        let &Service { program, version, transport, .. } = service;
        let address = universal_address(state, service);
        put(&mut out, &true)?;
        put(&mut out, &Binding { program, version, netid: transport.netid(), address: &address, owner: "" })?;
    }
    put(&mut out, &false)?;
    out.finish().map_err(|_| Failure::SystemError)
}

fn call_indirect<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    Ok(indirect(state, call, room).unwrap_or(NO_REPLY))
}

fn indirect<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    let service = called(state, call, |_| true)?;
    let address = universal_address(state, &service);
    let mut out = Encoder::new(room);
    put(&mut out, address.as_str())?;
    put(&mut out, "")?;
    out.finish().map_err(|_| Failure::SystemError)
}

fn time<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    argument::<()>(call)?;
    results(&state.time(), room)
}

/// The service on UDP whose NULL procedure an indirect call wants.
fn called<S: Directory>(state: &S, call: &Call<'_>, suits: fn(Transport) -> bool) -> Result<Service, Failure> {
    let mut arguments = Reader::new(call.arguments());
    let mut take = || arguments.take::<Xdr, u32>().map_err(|_| Failure::GarbageArguments);
    let id = ProcedureId { program: take()?, version: take()?, procedure: take()? };
    let body: &[u8] = arguments.take::<Xdr, _>().map_err(|_| Failure::GarbageArguments)?;
    arguments.finish().map_err(|_| Failure::GarbageArguments)?;
    let udp = |transport: Transport| transport.protocol() == Transport::Udp.protocol() && suits(transport);
    match find(state.services(), id.program, Some(id.version), udp) {
        Some(service) if id.procedure == 0 && body.is_empty() => Ok(*service),
        _ => Err(Failure::SystemError),
    }
}

/// The version that is asked for, or else any, as rpcbind has it: who calls a version that is not there is
/// told which are, and would not know otherwise.
fn best(
    services: &[Service],
    program: u32,
    version: u32,
    transport: impl Fn(Transport) -> bool + Copy,
) -> Option<&Service> {
    find(services, program, Some(version), transport)
        .or_else(|| find(services, program, None, transport))
        .or_else(|| find(&ITSELF, program, None, transport))
}

/// What need not be listed: whoever asks has found it. rpcinfo asks rpcbind where rpcbind is before it
/// asks anything else.
const ITSELF: [Service; 4] = {
    let [tcp, udp, tcp6, udp6] = Transport::ALL;
    [itself(tcp), itself(udp), itself(tcp6), itself(udp6)]
};

const fn itself(transport: Transport) -> Service {
    Service { program: PROGRAM, version: 2, transport, port: PORT }
}

fn find(
    services: &[Service],
    program: u32,
    version: Option<u32>,
    transport: impl Fn(Transport) -> bool,
) -> Option<&Service> {
    services.iter().find(|service| {
        service.program == program
            && version.is_none_or(|version| version == service.version)
            && transport(service.transport)
    })
}

fn put<T: serde::Serialize + ?Sized>(out: &mut Encoder<'_>, value: &T) -> Result<(), Failure> {
    out.value(value).map_err(|_| Failure::SystemError)
}
