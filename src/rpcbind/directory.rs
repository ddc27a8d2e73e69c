//! The server side of rpcbind, over a fixed list of services.

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
    /// The program's version.
    pub version: u32,
    /// The transport.
    pub transport: Transport,
    /// The port.
    pub port: u16,
}

/// Lists what a machine serves.
///
/// The state of a server with [`version_2`], [`version_3`] or [`version_4`] implements it.
///
/// The [module](crate::rpcbind) has an example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it serves",
    label = "rpcbind needs `oncilla::rpcbind::Directory` here",
    note = "implement `oncilla::rpcbind::Directory` for the server's state"
)]
pub trait Directory {
    /// Returns everything that the machine serves.
    ///
    /// At most [`DUMP_MAX`] services are listed to clients. rpcbind itself on port 111 need not be in the list.
    fn services(&self) -> &[Service];

    /// Returns the machine's address on a transport: an IPv6 address for IPv6 transports.
    ///
    /// Clients connect to it, since it is part of the universal addresses.
    fn address(&self, transport: Transport) -> IpAddr;

    /// Returns the transport over which the current call came, if the state knows it.
    ///
    /// For instance, the program sets it in the state before it serves each of several servers. A client that asks for
    /// an address gets the one on this transport, and its netid is ignored (RFC 1833 §2.2.1; rpcbind does the same).
    /// With `None`, the default, it gets the address on the netid that it sends; libtirpc sends the netid of the
    /// transport it uses.
    fn asked_over(&self) -> Option<Transport> {
        None
    }

    /// Returns the seconds since 1970, or 0 without a calendar clock.
    fn time(&self) -> u32 {
        0
    }
}

/// The most services that are listed to a client. It bounds the largest reply.
pub const DUMP_MAX: usize = 16;

const MAPPINGS_MAX: usize = DUMP_MAX * (4 + Mapping::MAX_SIZE) + 4;
const ADDRESS_MAX: usize = opaque_max_size(UNIVERSAL_MAX);
const BINDING_MAX: usize = 8 + opaque_max_size(4) + ADDRESS_MAX + opaque_max_size(0);
const BINDINGS_MAX: usize = DUMP_MAX * (4 + BINDING_MAX) + 4;

/// An entry for the table. No procedure here changes anything, so all are idempotent.
const fn entry<S>(number: u32, results_max: usize, run: Run<S>) -> Procedure<S> {
    Procedure::new(number, results_max, run).idempotent()
}

/// The procedures of versions 3 and 4, and those that only one of the two has.
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

/// Returns the table entry of the port mapper, version 2 of rpcbind (RFC 1833 §3).
///
/// Its largest reply is 348 bytes. `SET` and `UNSET` change nothing and return `false`. `CALLIT` calls no procedure
/// but NULL.
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

/// Returns the table entry of version 3 of rpcbind (RFC 1833 §2).
///
/// Its largest reply is 1 244 bytes. `SET` and `UNSET` change nothing and return `false`. `CALLIT` calls no procedure
/// but NULL.
#[must_use]
pub const fn version_3<S: Directory>() -> Program<S> {
    Program::new(PROGRAM, 3, const { bindings!() })
}

/// Returns the table entry of version 4 of rpcbind (RFC 1833 §2).
///
/// It has the procedures of [`version_3`], and `GETVERSADDR` and `INDIRECT`. Its largest reply is 1 244 bytes.
/// `INDIRECT` calls no procedure but NULL.
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

/// Reads arguments that are one value.
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

/// Calls only NULL procedures, which do nothing: searches by broadcast call them.
///
/// For all other procedures, and for programs that are not served, the RFC requires that there is no reply.
fn call_it<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    // The client connects to the port over IPv4.
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

/// Only the requested version, unlike `GETADDR`.
fn get_version_address<S: Directory>(state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
    let wanted = argument(call)?;
    let (services, Binding { program, version, .. }) = (state.services(), wanted);
    let over = state.asked_over();
    let found = find(services, program, Some(version), |transport| is_on(over, &wanted, transport));
    address(state, found, room)
}

/// Returns whether a transport is the requested one.
///
/// That is the one of the call; if that is unknown, the one of the netid; without a netid, any.
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

/// Returns the service on UDP whose NULL procedure an indirect call requests.
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

/// Returns the service with the requested version, or else with any version, as rpcbind does.
///
/// A client that then calls a missing version gets PROG_MISMATCH with the versions that exist.
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

/// The services of rpcbind itself.
///
/// A client that asks has found it, so it need not be listed. rpcinfo asks for the address of rpcbind before anything
/// else.
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
