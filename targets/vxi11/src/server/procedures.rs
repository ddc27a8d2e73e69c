//! The procedures of the core channel and of the abort channel (section B.6).

use core::net::IpAddr;
use core::time::Duration;

use oncilla::message::Call;
use oncilla::{Refusal, Time};

use super::links::Wait;
use super::turn::{Halt, Turn, arguments, results};
use crate::interface::{
    CreateLinkParms, DeviceDocmdParms, DeviceEnableSrqParms, DeviceGenericParms, DeviceLockParms, DeviceReadParms,
    DeviceRemoteFunc, DeviceWriteParms,
};
use crate::{ErrorCode, Instrument, Link, Unfinished, flags, reason};

/// The size of the results of `device_read` without data.
const READ_HEADER: usize = 12;

impl<I: Instrument, const LINKS: usize, const CONNECTIONS: usize> Turn<'_, I, LINKS, CONNECTIONS> {
    /// Executes a procedure of the core channel; returns the size of its results.
    pub(super) fn core(&mut self, connection: usize, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Refusal> {
        let Some(state) = self.server.connections.get_mut(connection) else { return Err(Refusal::SystemError) };
        // A carrier that does not ask again for the same call has dropped it.
        state.wait = state.wait.filter(|wait| wait.xid == call.xid());
        let at = At { connection, xid: call.xid() };
        match call.id().procedure {
            10 => {
                let created = self.create_link(&at, &arguments(call)?);
                let settings = self.server.settings;
                let (error, link) = self.outcome(created);
                let [port, size] = if error == 0 { [settings.abort_port.into(), settings.receive_max] } else { [0; 2] };
                results(&[error, link.unwrap_or(0) as u32, port, size], room)
            }
            11 => {
                let (done, size) = self.write(&at, &arguments(call)?);
                results(&[self.outcome(done).0, size as u32], room)
            }
            12 => self.read(&at, &arguments(call)?, room),
            13 => {
                let done = self.generic(&at, &arguments(call)?, |instrument, link| Ok(instrument.status_byte(link)));
                let (error, status) = self.outcome(done);
                results(&[error, status.unwrap_or(0).into()], room)
            }
            procedure @ 14..=17 => {
                let done = self.generic(&at, &arguments(call)?, |instrument, link| match procedure {
                    14 => instrument.trigger(link),
                    15 => instrument.clear(link),
                    _ => instrument.remote(link, procedure == 16),
                });
                results(&[self.outcome(done).0], room)
            }
            18 => {
                let done = self.lock(&at, &arguments(call)?);
                results(&[self.outcome(done).0], room)
            }
            19 => {
                let done = self.unlock(connection, arguments(call)?);
                results(&[code(done)], room)
            }
            20 => {
                let done = self.enable_srq(connection, &arguments(call)?);
                results(&[code(done)], room)
            }
            22 => {
                let DeviceDocmdParms { lid, .. } = arguments(call)?;
                let done = self.server.link(lid, connection).and(Err(ErrorCode::UNSUPPORTED));
                results(&[code(done), 0], room)
            }
            23 => {
                let link = self.server.link(arguments(call)?, connection);
                results(&[code(link.map(|link| self.server.close_link(link.index())))], room)
            }
            25 => {
                let parameters: DeviceRemoteFunc = arguments(call)?;
                let done = self.create_channel(&at, &parameters);
                results(&[self.outcome(done).0], room)
            }
            26 => {
                let () = arguments(call)?;
                results(&[code(self.server.destroy_channel(connection))], room)
            }
            _ => Err(Refusal::ProcedureUnavailable),
        }
    }

    /// Executes `device_abort`. It does not matter whether there is anything to abort.
    pub(super) fn abort(&mut self, peer: Option<IpAddr>, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Refusal> {
        let found = self.server.find(arguments(call)?).map(|(link, open)| (link, open.connection()));
        let state = found.and_then(|(link, connection)| Some((link, self.server.connections.get_mut(connection)?)));
        let error = match state {
            // Otherwise any machine could disturb the calls of any other.
            Some((link, state)) if state.peer.is_none_or(|owner| Some(owner.ip()) == peer) => {
                if let Some(wait) = state.wait.as_mut().filter(|wait| wait.link == Some(link)) {
                    wait.aborted = true;
                }
                ErrorCode::NONE
            }
            _ => ErrorCode::INVALID_LINK,
        };
        results(&[error.0 as u32], room)
    }

    /// Separates the results from the error, and notes until when the call waits.
    fn outcome<T>(&mut self, result: Result<T, Halt>) -> (u32, Option<T>) {
        match result {
            Ok(value) => (0, Some(value)),
            Err(Halt::Error(error)) => (error.0 as u32, None),
            Err(Halt::Wait(until)) => {
                self.until = Some(until);
                (0, None)
            }
        }
    }

    /// Returns the state of a call that may have to wait. It is created when the call is seen first.
    pub(super) fn wait(&mut self, at: &At, link: Option<Link>, lock_timeout: u32) -> Option<&mut Wait> {
        let now = self.now;
        let wait = &mut self.server.connections.get_mut(at.connection)?.wait;
        Some(wait.get_or_insert_with(|| Wait {
            xid: at.xid,
            link,
            lock_until: now.after(milliseconds(lock_timeout)),
            io_until: None,
            done: 0,
            aborted: false,
        }))
    }

    /// Waits until no other link has the lock. Returns whether the instrument may be used now.
    fn unlocked(&mut self, wait: Wait, blocks: bool) -> Result<(), Halt> {
        match self.server.lock {
            Some(owner) if Some(owner) != wait.link => {
                if blocks && self.now < wait.lock_until {
                    Err(Halt::Wait(wait.lock_until))
                } else {
                    Err(ErrorCode::LOCKED.into())
                }
            }
            _ => Ok(()),
        }
    }

    /// Checks what all calls for an instrument check: the link, an abort, the lock.
    ///
    fn enter(&mut self, at: &At, parameters: &DeviceGenericParms) -> Result<Entered, Halt> {
        let &DeviceGenericParms { lid, flags, lock_timeout, io_timeout } = parameters;
        let link = self.server.link(lid, at.connection)?;
        let Some(&mut wait) = self.wait(at, Some(link), lock_timeout) else {
            return Err(ErrorCode::INVALID_LINK.into());
        };
        if wait.aborted {
            if wait.io_until.is_some() {
                self.server.instrument.given_up(link, ErrorCode::ABORTED);
            }
            return Err(ErrorCode::ABORTED.into());
        }
        // A lock that was taken while the instrument is at work on this call does not end it.
        if wait.io_until.is_none() {
            self.unlocked(wait, flags & flags::WAIT_LOCK != 0)?;
        }
        let io_until = wait.io_until.unwrap_or(self.now.after(milliseconds(io_timeout)));
        if let Some(wait) = self.wait(at, Some(link), 0) {
            wait.io_until = Some(io_until);
        }
        Ok(Entered { link, io_until })
    }

    /// Decides whether to ask the instrument again.
    fn settle<T>(&mut self, entered: &Entered, result: Result<T, Unfinished>) -> Result<T, Halt> {
        match result {
            Ok(value) => Ok(value),
            Err(Unfinished::Failed(error)) => Err(error.into()),
            Err(Unfinished::NotYet) if self.now < entered.io_until => Err(Halt::Wait(entered.io_until)),
            Err(Unfinished::NotYet) => {
                self.server.instrument.given_up(entered.link, ErrorCode::TIMED_OUT);
                Err(ErrorCode::TIMED_OUT.into())
            }
        }
    }

    fn create_link(&mut self, at: &At, parameters: &CreateLinkParms<'_>) -> Result<i32, Halt> {
        if !self.server.instrument.is_named(parameters.device) {
            return Err(ErrorCode::NOT_ACCESSIBLE.into());
        }
        let place = self.server.free_place(at.connection).ok_or(ErrorCode::OUT_OF_RESOURCES)?;
        if parameters.lock_device {
            let wait = self.wait(at, None, parameters.lock_timeout).copied().ok_or(ErrorCode::OUT_OF_RESOURCES)?;
            self.unlocked(wait, true)?;
            self.server.lock = Some(Link(place as u8));
        }
        Ok(self.server.open_link(place, at.connection))
    }

    /// Passes data to the instrument; returns the outcome and how many bytes it has taken.
    fn write(&mut self, at: &At, parameters: &DeviceWriteParms<'_>) -> (Result<(), Halt>, usize) {
        let &DeviceWriteParms { lid, io_timeout, lock_timeout, flags, data } = parameters;
        let generic = DeviceGenericParms { lid, flags, lock_timeout, io_timeout };
        if data.len() > self.server.settings.receive_max as usize {
            let link = self.server.link(lid, at.connection);
            return (Err(link.err().unwrap_or(ErrorCode::PARAMETER).into()), 0);
        }
        // Also of a call that is aborted now.
        let mut done = self.done(at);
        let entered = match self.enter(at, &generic) {
            Ok(entered) => entered,
            Err(halt) => return (Err(halt), done),
        };
        while let Some(rest) = data.get(done..).filter(|rest| !rest.is_empty()) {
            let written = match self.server.instrument.write(entered.link, rest, flags & flags::END != 0) {
                Ok(0) => Err(Unfinished::NotYet),
                written => written,
            };
            match self.settle(&entered, written) {
                Ok(count) => done = done.wrapping_add(count.min(rest.len())),
                Err(halt) => {
                    self.note(at, done);
                    return (Err(halt), done);
                }
            }
        }
        (Ok(()), done)
    }

    /// Reads from the instrument into the results, behind 12 bytes for error, reason and length.
    fn read(&mut self, at: &At, parameters: &DeviceReadParms, room: &mut [u8]) -> Result<usize, Refusal> {
        let &DeviceReadParms { lid, io_timeout, lock_timeout, flags, .. } = parameters;
        let generic = DeviceGenericParms { lid, flags, lock_timeout, io_timeout };
        let (head, data) = room.split_at_mut_checked(READ_HEADER).ok_or(Refusal::SystemError)?;
        // With its padding it must fit.
        let (data, _) = data.split_at_mut_checked(data.len() & !3).ok_or(Refusal::SystemError)?;
        let mut done = self.done(at);
        let read = match self.enter(at, &generic) {
            Ok(entered) => self.read_on(&entered, parameters, data, &mut done),
            Err(halt) => Err(halt),
        };
        self.note(at, done);
        let (error, reason) = self.outcome(read);
        results(&[error, reason.unwrap_or(0) as u32, done as u32], head)?;
        let padded = done.next_multiple_of(4);
        if let Some(padding) = data.get_mut(done..padded) {
            padding.fill(0);
        }
        Ok(READ_HEADER.wrapping_add(padded))
    }

    /// Reads on, from the byte `done`, until the read is complete (rule B.6.23). Returns the reason.
    fn read_on(
        &mut self,
        entered: &Entered,
        parameters: &DeviceReadParms,
        data: &mut [u8],
        done: &mut usize,
    ) -> Result<i32, Halt> {
        let requested = parameters.request_size as usize;
        let by_byte = parameters.flags & flags::TERM_CHAR != 0;
        let size = data.len().min(requested);
        loop {
            let left = data.get_mut(*done..size).unwrap_or_default();
            // What follows the byte that ends the read stays in the instrument, so the bytes are read one by one.
            let length = if by_byte { left.len().min(1) } else { left.len() };
            let Some(part) = left.get_mut(..length).filter(|part| !part.is_empty()) else {
                // Without a reason, the buffer was full.
                return Ok(if *done >= requested { reason::COUNT } else { 0 });
            };
            let read = match self.server.instrument.read(entered.link, part) {
                Ok(read) if read.count == 0 && !read.end => Err(Unfinished::NotYet),
                read => read,
            };
            let read = self.settle(entered, read)?;
            let count = read.count.min(part.len());
            *done = done.wrapping_add(count);
            let mut reasons = if read.end { reason::END } else { 0 };
            if by_byte && count > 0 && part.first() == Some(&(parameters.term_char as u8)) {
                reasons |= reason::CHAR;
            }
            if reasons != 0 {
                return Ok(if *done >= requested { reasons | reason::COUNT } else { reasons });
            }
        }
    }

    /// A procedure whose arguments are the generic ones.
    fn generic<T>(
        &mut self,
        at: &At,
        parameters: &DeviceGenericParms,
        run: impl FnOnce(&mut I, Link) -> Result<T, Unfinished>,
    ) -> Result<T, Halt> {
        let entered = self.enter(at, parameters)?;
        let done = run(&mut self.server.instrument, entered.link);
        self.settle(&entered, done)
    }

    fn lock(&mut self, at: &At, parameters: &DeviceLockParms) -> Result<(), Halt> {
        let link = self.server.link(parameters.lid, at.connection)?;
        let wait = self.wait(at, Some(link), parameters.lock_timeout).copied().ok_or(ErrorCode::INVALID_LINK)?;
        if wait.aborted {
            return Err(ErrorCode::ABORTED.into());
        }
        // Also if this link has it (rule B.6.72).
        if self.server.lock == Some(link) {
            return Err(ErrorCode::LOCKED.into());
        }
        self.unlocked(wait, parameters.flags & flags::WAIT_LOCK != 0)?;
        self.server.lock = Some(link);
        Ok(())
    }

    fn unlock(&mut self, connection: usize, id: i32) -> Result<(), ErrorCode> {
        let link = self.server.link(id, connection)?;
        if self.server.lock != Some(link) {
            return Err(ErrorCode::NOT_LOCKED);
        }
        self.server.lock = None;
        Ok(())
    }

    fn enable_srq(&mut self, connection: usize, parameters: &DeviceEnableSrqParms<'_>) -> Result<(), ErrorCode> {
        let link = self.server.link(parameters.lid, connection)?;
        self.server.enable_service(link, parameters.enable, parameters.handle)
    }

    /// Returns how many bytes of the present call were transferred before.
    fn done(&self, at: &At) -> usize {
        let wait = self.server.connections.get(at.connection).and_then(|connection| connection.wait);
        wait.map_or(0, |wait| wait.done)
    }

    /// Notes how many bytes of the present call were transferred.
    fn note(&mut self, at: &At, done: usize) {
        let connection = self.server.connections.get_mut(at.connection);
        if let Some(wait) = connection.and_then(|connection| connection.wait.as_mut()) {
            wait.done = done;
        }
    }
}

/// Which call is answered.
pub(super) struct At {
    pub(super) connection: usize,
    xid: u32,
}

/// A call that may use the instrument.
struct Entered {
    link: Link,
    /// Until when it waits for the instrument.
    io_until: Time,
}

fn code(result: Result<(), ErrorCode>) -> u32 {
    result.err().unwrap_or(ErrorCode::NONE).0 as u32
}

const fn milliseconds(number: u32) -> Duration {
    Duration::from_millis(number as u64)
}
