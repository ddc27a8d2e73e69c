//! Interrupt channels: the instrument calls the client to request service (section B.3).

use core::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use core::time::Duration;

use oncilla::message::{CallHeader, OpaqueAuth};
use oncilla::{ProcedureId, Time};

use super::procedures::At;
use super::turn::{Halt, Turn};
use super::{Handle, Server};
use crate::interface::{DeviceRemoteFunc, device_intr_version as interrupt_channel};
use crate::{ErrorCode, Instrument, Link};

/// How long `create_intr_chan` waits until the channel is established.
const PATIENCE: Duration = Duration::from_secs(3);

/// `device_intr_srq`.
const SERVICE_REQUEST: ProcedureId =
    ProcedureId { program: interrupt_channel::PROGRAM, version: interrupt_channel::VERSION, procedure: 30 };

/// An interrupt channel that a client wants: where, and how.
///
/// Two of one server are equal only if they are the same channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterruptChannel {
    /// The address, which is the client's own.
    pub address: SocketAddrV4,
    /// Whether service requests are sent as datagrams. Otherwise they are sent on a TCP connection, as records.
    pub datagrams: bool,
    serial: u32,
}

/// The interrupt channel of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interrupt {
    channel: InterruptChannel,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Wanted,
    Established,
    Failed,
}

impl<I: Instrument, const LINKS: usize, const CONNECTIONS: usize> Server<I, LINKS, CONNECTIONS> {
    /// Returns the interrupt channel that the carrier should have for a connection.
    ///
    /// If there is one that the carrier does not have yet, it connects to the address, and calls
    /// [`interrupt_established`](Self::interrupt_established). If there is none any more, it closes what it has.
    #[must_use]
    pub fn interrupt_channel(&self, connection: usize) -> Option<InterruptChannel> {
        let interrupt = self.connections.get(connection)?.interrupt?;
        (interrupt.state != State::Failed).then_some(interrupt.channel)
    }

    /// Notes whether an interrupt channel was established, or that one was lost.
    pub fn interrupt_established(&mut self, connection: usize, channel: InterruptChannel, established: bool) {
        let Some(Some(interrupt)) = self.connections.get_mut(connection).map(|connection| &mut connection.interrupt)
        else {
            return;
        };
        if interrupt.channel == channel {
            interrupt.state = if established { State::Established } else { State::Failed };
        }
    }

    /// Writes the next service request for an interrupt channel, as a call without framing; returns its size.
    ///
    /// `message` has at least 88 bytes. The client may reply; the reply is not needed.
    pub fn service_request(&mut self, connection: usize, message: &mut [u8]) -> Option<usize> {
        let state = self.connections.get(connection)?;
        if state.interrupt?.state != State::Established {
            return None;
        }
        let mut links = self.links.iter_mut().flatten();
        let link = links.find(|link| link.is_on(connection) && link.owed)?;
        link.owed = false;
        let handle = link.handle.as_ref()?;
        self.serial = self.serial.wrapping_add(1);
        let none = OpaqueAuth::NONE;
        let header = CallHeader { xid: self.serial, id: SERVICE_REQUEST, credential: none, verifier: none };
        let start = header.write(message)?;
        let arguments = oncilla::xdr::encode(&handle[..], message.get_mut(start..)?).ok()?;
        start.checked_add(arguments)
    }

    /// Owes a service request to each link that wants any, when the instrument begins to request service.
    pub(super) fn note_service(&mut self) {
        let wants = self.instrument.wants_service();
        if wants && !self.wanted {
            for link in self.links.iter_mut().flatten() {
                link.owed = link.handle.is_some();
            }
        }
        self.wanted = wants;
    }

    pub(super) fn enable_service(&mut self, link: Link, enable: bool, handle: &[u8]) -> Result<(), ErrorCode> {
        let wants = self.instrument.wants_service();
        let open = self.links.get_mut(link.index()).and_then(Option::as_mut).ok_or(ErrorCode::INVALID_LINK)?;
        let handle = match enable {
            true => Some(Handle::from_slice(handle).map_err(|_| ErrorCode::PARAMETER)?),
            false => None,
        };
        let was_enabled = core::mem::replace(&mut open.handle, handle).is_some();
        // The client is also called if the instrument requests service already.
        open.owed = enable && (if was_enabled { open.owed } else { wants });
        Ok(())
    }

    pub(super) fn destroy_channel(&mut self, connection: usize) -> Result<(), ErrorCode> {
        let connection = self.connections.get_mut(connection).ok_or(ErrorCode::NO_CHANNEL)?;
        match connection.interrupt.take() {
            Some(interrupt) if interrupt.state == State::Established => Ok(()),
            _ => Err(ErrorCode::NO_CHANNEL),
        }
    }
}

impl<I: Instrument, const LINKS: usize, const CONNECTIONS: usize> Turn<'_, I, LINKS, CONNECTIONS> {
    /// Wants an interrupt channel, and waits until it is established.
    pub(super) fn create_channel(&mut self, at: &At, wanted: &DeviceRemoteFunc) -> Result<(), Halt> {
        let now = self.now;
        self.server.serial = self.server.serial.wrapping_add(1);
        let serial = self.server.serial;
        let begun = self.wait(at, None, 0).ok_or(ErrorCode::NO_CHANNEL)?;
        let first = begun.io_until.is_none();
        let until: Time = *begun.io_until.get_or_insert(now.after(PATIENCE));
        let state = self.server.connections.get_mut(at.connection).ok_or(ErrorCode::NO_CHANNEL)?;
        if first {
            // A channel that was lost is none.
            if state.interrupt.is_some_and(|interrupt| interrupt.state != State::Failed) {
                return Err(ErrorCode::CHANNEL_EXISTS.into());
            }
            let (program, version) = (interrupt_channel::PROGRAM, interrupt_channel::VERSION);
            if wanted.prog_num != program || wanted.prog_vers != version || !matches!(wanted.prog_family, 0 | 1) {
                return Err(ErrorCode::UNSUPPORTED.into());
            }
            // Never another machine than the client's: otherwise it could be made to call any machine.
            let address = Ipv4Addr::from_bits(wanted.host_addr);
            let own = state.peer.is_some_and(|peer| peer.ip().to_canonical() == IpAddr::V4(address));
            if !own || wanted.host_port == 0 {
                return Err(ErrorCode::NO_CHANNEL.into());
            }
            let address = SocketAddrV4::new(address, wanted.host_port);
            let channel = InterruptChannel { address, datagrams: wanted.prog_family == 1, serial };
            state.interrupt = Some(Interrupt { channel, state: State::Wanted });
        }
        match state.interrupt.map(|interrupt| interrupt.state) {
            Some(State::Established) => Ok(()),
            Some(State::Wanted) if now < until => Err(Halt::Wait(until)),
            _ => {
                state.interrupt = None;
                Err(ErrorCode::NO_CHANNEL.into())
            }
        }
    }
}
