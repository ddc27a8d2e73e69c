//! The exchange of messages with one controller (IEEE 488.2 §6).

use super::{
    Device, Error, Parameters, Step, Unit,
    buffer::Buffer,
    header::{Header, Path},
    reply::{OUT, Reply},
    syntax,
};

/// The bytes of the input buffer. A unit of a message is shorter.
pub const INPUT: usize = 256;

/// The most bytes of the response of one unit that is given at once.
pub const RESPONSE_MAX: usize = 96;

/// The state of a message exchange: one for each controller of a device.
///
/// Units run as soon as their delimiter has arrived, so a message can have any length. A response of any length is made
/// while it is read.
#[derive(Debug)]
pub struct Exchange<D: Device> {
    input: Buffer<INPUT>,
    output: Buffer<OUT>,
    path: Path,
    /// The unit that has not ended.
    later: Option<Later<D::Later>>,
    /// Whether a unit of the message in progress has arrived.
    amid: bool,
    /// Whether the message in progress has a response already.
    answered: bool,
    /// Whether the response in the output queue has its end.
    ended: bool,
    /// Whether a response of the message ends only with the message.
    indefinite: bool,
    /// Whether the rest of a message is dropped.
    overrun: bool,
    /// Whether further responses of the message are dropped.
    mute: bool,
    /// Whether a read without a response has been reported.
    reported: bool,
}

#[derive(Clone, Copy, Debug)]
struct Later<L> {
    left: L,
    is_query: bool,
    /// The bytes of the output queue before the unit's response.
    mark: usize,
}

/// Why no unit is executed at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopped {
    /// No whole unit is in the input buffer.
    Idle,
    /// The device is busy.
    Waiting,
    /// The output queue is full.
    Full,
}

impl<D: Device> Exchange<D> {
    /// Creates an exchange in which nothing was sent.
    #[must_use]
    pub fn new() -> Self {
        Self {
            input: Buffer::new(),
            output: Buffer::new(),
            path: Path::ROOT,
            later: None,
            amid: false,
            answered: false,
            ended: false,
            indefinite: false,
            overrun: false,
            mute: false,
            reported: false,
        }
    }

    /// Takes a part of a message, and executes what it can. `end` means that the message ends with `data`.
    ///
    /// Returns the bytes that were taken. They are fewer than `data` has while the device is busy and the input buffer
    /// is full.
    pub fn write(&mut self, device: &mut D, data: &[u8], end: bool) -> usize {
        if self.later.is_some_and(|later| later.is_query) && !self.amid && !data.is_empty() {
            self.interrupt(device);
        }
        self.reported = false;
        let mut taken = 0_usize;
        loop {
            let rest = data.get(taken..).unwrap_or_default();
            taken = taken.wrapping_add(self.take_in(rest));
            if taken == data.len() && self.end_message(data, end) {
                self.run(device);
                return taken;
            }
            let stopped = self.run(device);
            if self.input.room() > 0 {
                continue;
            }
            match stopped {
                Stopped::Waiting if taken == data.len() => {
                    // There was no room for the end of the message. It comes again with the last byte.
                    self.input.truncate(self.input.len().saturating_sub(1));
                    return taken.saturating_sub(1);
                }
                Stopped::Waiting => return taken,
                Stopped::Full => {
                    // Neither side can continue (§6.3.1.7).
                    device.status().report(Error::DEADLOCKED);
                    self.drop_response();
                    self.mute = true;
                }
                Stopped::Idle => {
                    device.status().report(Error::INPUT_OVERRUN);
                    self.input.clear();
                    self.overrun = true;
                }
            }
        }
    }

    /// Moves bytes to the input buffer, without those of a message that is being dropped. Returns their number.
    fn take_in(&mut self, data: &[u8]) -> usize {
        let mut dropped = 0;
        if self.overrun {
            match data.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    dropped = end;
                    self.overrun = false;
                }
                None => return data.len(),
            }
        }
        dropped.wrapping_add(self.input.push(data.get(dropped..).unwrap_or_default()))
    }

    /// Ends the message after `data`, if it ends there. Returns whether there was room for the end.
    fn end_message(&mut self, data: &[u8], end: bool) -> bool {
        if !end || data.last() == Some(&b'\n') {
            return true;
        }
        self.overrun = false;
        self.input.push(b"\n") == 1
    }

    /// Moves a part of the response to `room`. Returns its bytes, and whether the response ends with them.
    ///
    /// No bytes and no end mean that there is no response yet.
    pub fn read(&mut self, device: &mut D, room: &mut [u8]) -> (usize, bool) {
        let mut count = 0_usize;
        loop {
            let stopped = self.run(device);
            let free = room.get_mut(count..).unwrap_or_default();
            let taken = self.output.take(free);
            count = count.wrapping_add(taken);
            if self.ended && self.output.is_empty() {
                self.ended = false;
                return (count, true);
            }
            if count == room.len() {
                return (count, false);
            }
            if taken > 0 {
                if let Some(later) = &mut self.later {
                    later.mark = later.mark.saturating_sub(taken);
                }
                continue;
            }
            if stopped == Stopped::Idle && count == 0 && !self.answered && !self.reported {
                // There is no query, or it has not ended (§6.3.2.2).
                self.reported = true;
                self.input.clear();
                self.begin_message();
                device.status().report(Error::UNTERMINATED);
            }
            return (count, false);
        }
    }

    /// Executes what can be executed now. Call it when time has passed.
    pub fn poll(&mut self, device: &mut D) {
        self.run(device);
    }

    /// Forgets all messages: device clear (§5.8). Status and settings stay.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Returns whether a part of a response can be read (§11.2.1.2).
    #[must_use]
    pub const fn message_available(&self) -> bool {
        !self.output.is_empty()
    }

    /// Returns whether a unit has not ended.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.later.is_some()
    }

    fn begin_message(&mut self) {
        self.path = Path::ROOT;
        self.amid = false;
        self.answered = false;
        self.indefinite = false;
        self.mute = false;
    }

    fn drop_response(&mut self) {
        self.output.clear();
        self.ended = false;
        if self.later.is_some_and(|later| later.is_query) {
            self.later = None;
        }
        if let Some(later) = &mut self.later {
            later.mark = 0;
        }
    }

    /// A new message has arrived before the response to the last was read (§6.3.2.3).
    fn interrupt(&mut self, device: &mut D) {
        self.drop_response();
        device.status().report(Error::INTERRUPTED);
    }

    fn run(&mut self, device: &mut D) -> Stopped {
        loop {
            if let Some(later) = self.later {
                if let Some(stopped) = self.resume(device, later) {
                    return stopped;
                }
                continue;
            }
            let Some(found) = syntax::find(self.input.bytes()) else { return Stopped::Idle };
            if !self.amid && self.ended {
                self.interrupt(device);
            }
            if self.output.room() < RESPONSE_MAX {
                return Stopped::Full;
            }
            self.amid = true;
            if let Err(error) = self.execute(device, found.length) {
                device.status().report(error);
            }
            self.input.drop_first(found.length.wrapping_add(1));
            if self.mute {
                self.drop_response();
                self.answered = false;
            }
            if found.is_last && self.later.is_none() {
                self.end_response();
            } else if found.is_last {
                // The end comes after the unit.
                self.amid = false;
            }
        }
    }

    /// Continues a unit. Returns why it does not end yet.
    fn resume(&mut self, device: &mut D, later: Later<D::Later>) -> Option<Stopped> {
        if self.output.room() < RESPONSE_MAX {
            return Some(Stopped::Full);
        }
        let before = self.output.len();
        let mut reply = Reply::new(&mut self.output);
        match device.resume(later.left, &mut reply) {
            Ok(Step::Later(left)) => {
                self.later = Some(Later { left, ..later });
                return (self.output.len() == before).then_some(Stopped::Waiting);
            }
            Ok(Step::Done) => self.answered |= later.is_query,
            Err(error) => {
                self.output.truncate(later.mark);
                device.status().report(error);
            }
        }
        self.later = None;
        if !self.amid {
            self.end_response();
        }
        None
    }

    fn end_response(&mut self) {
        if self.answered {
            self.output.push(b"\n");
            self.ended = true;
        }
        self.begin_message();
    }

    /// Executes the first unit of the input buffer.
    fn execute(&mut self, device: &mut D, length: usize) -> Result<(), Error> {
        let unit = self.input.bytes().get(..length).unwrap_or_default();
        let (header, parameters) = syntax::split(unit)?;
        if header.is_empty() {
            return Ok(());
        }
        let path = self.path;
        let header = Header::new(&path, header);
        self.path = header.path_after(&path);
        let is_query = header.is_query();
        if is_query && self.indefinite {
            return Err(Error::AFTER_INDEFINITE);
        }
        let command = D::COMMANDS.iter().find(|command| header.is(command.header)).ok_or(Error::UNDEFINED_HEADER)?;
        let parameters = Parameters::new(parameters);
        if parameters.clone().count() > command.parameters {
            return Err(Error::PARAMETER_NOT_ALLOWED);
        }
        let (mark, message_available) = (self.output.len(), !self.output.is_empty());
        if is_query && self.answered {
            self.output.push(b";");
        }
        let reply = Reply::new(&mut self.output);
        let mut unit = Unit { parameters, reply, message_available };
        let step = (command.run)(device, &mut unit);
        let indefinite = unit.reply.is_indefinite();
        match step {
            Ok(step) => {
                self.indefinite |= indefinite;
                match step {
                    Step::Done => self.answered |= is_query,
                    Step::Later(left) => self.later = Some(Later { left, is_query, mark }),
                }
                Ok(())
            }
            Err(error) => {
                self.output.truncate(mark);
                Err(error)
            }
        }
    }
}

impl<D: Device> Default for Exchange<D> {
    fn default() -> Self {
        Self::new()
    }
}
