//! One call: which procedure it is for, its arguments, its results.

use core::net::IpAddr;

use oncilla::message::Call;
use oncilla::{Handled, Handler, Needs, ProcedureId, Reader, Refusal, Time, Xdr};

use super::Server;
use crate::interface::{device_async_version as async_channel, device_core_version as core_channel};
use crate::{ErrorCode, Instrument};

/// Where a call came from.
#[derive(Clone, Copy)]
pub(crate) enum Channel {
    /// A connection of the core channel.
    Core(usize),
    /// The abort channel, from this address.
    Abort(Option<IpAddr>),
}

/// The server while it answers one call.
pub(super) struct Turn<'a, I, const LINKS: usize, const CONNECTIONS: usize> {
    pub(super) server: &'a mut Server<I, LINKS, CONNECTIONS>,
    pub(super) channel: Channel,
    pub(super) now: Time,
    /// By when to ask again, if the call is not done yet.
    pub(super) until: Option<Time>,
}

/// Why a procedure has no results.
pub(super) enum Halt {
    /// It is not done yet, and waits until this instant.
    Wait(Time),
    Error(ErrorCode),
}

impl From<ErrorCode> for Halt {
    fn from(error: ErrorCode) -> Self {
        Self::Error(error)
    }
}

/// The size of the largest results with a fixed size.
pub(super) const RESULTS: usize = 16;

impl<I: Instrument, const LINKS: usize, const CONNECTIONS: usize> Handler for Turn<'_, I, LINKS, CONNECTIONS> {
    fn reply_max(&self) -> usize {
        super::REPLY_HEADER + RESULTS
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: RESULTS, idempotent: true }
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        if let Err(status) = call.check_credential() {
            return Handled::Refused(Refusal::Authentication(status));
        }
        let ProcedureId { program, version, procedure } = call.id();
        let served = match self.channel {
            Channel::Core(_) => core_channel::PROGRAM,
            Channel::Abort(_) => async_channel::PROGRAM,
        };
        if program != served {
            return Handled::Refused(Refusal::ProgramUnavailable);
        }
        // All programs have the version 1.
        if version != 1 {
            return Handled::Refused(Refusal::ProgramMismatch { low: 1, high: 1 });
        }
        let encoded = match (procedure, self.channel) {
            (0, _) => Ok(0),
            (_, Channel::Core(connection)) => self.core(connection, call, results),
            (1, Channel::Abort(peer)) => self.abort(peer, call, results),
            _ => Err(Refusal::ProcedureUnavailable),
        };
        match encoded {
            // Its results are written, but are not sent.
            Ok(_) if self.until.is_some() => Handled::Dropped,
            Ok(length) => Handled::Results(length),
            Err(refusal) => Handled::Refused(refusal),
        }
    }
}

/// Decodes arguments that are one value.
pub(super) fn arguments<'de, T: oncilla::serde::Deserialize<'de>>(call: &Call<'de>) -> Result<T, Refusal> {
    let mut arguments = Reader::new(call.arguments());
    let value = arguments.take::<Xdr, T>().map_err(|_| Refusal::GarbageArguments)?;
    arguments.finish().map_err(|_| Refusal::GarbageArguments)?;
    Ok(value)
}

/// Encodes results of a fixed size.
pub(super) fn results(words: &[u32], room: &mut [u8]) -> Result<usize, Refusal> {
    let length = words.len().wrapping_mul(4);
    let (places, _) = room.get_mut(..length).ok_or(Refusal::SystemError)?.as_chunks_mut::<4>();
    for (place, word) in places.iter_mut().zip(words) {
        *place = word.to_be_bytes();
    }
    Ok(length)
}
