//! The status registers (IEEE 488.2 §11, SCPI-99 volume 1, §9).

use super::{Error, error::Errors};

/// Bits of the standard event status register (IEEE 488.2 §11.5.1).
pub mod event {
    /// An operation that `*OPC` waited for is complete.
    pub const OPERATION_COMPLETE: u8 = 1;
    /// A response was not there, or was not read.
    pub const QUERY_ERROR: u8 = 1 << 2;
    /// The device failed.
    pub const DEVICE_ERROR: u8 = 1 << 3;
    /// A command could not be executed.
    pub const EXECUTION_ERROR: u8 = 1 << 4;
    /// A command was not understood.
    pub const COMMAND_ERROR: u8 = 1 << 5;
    /// The device was switched on.
    pub const POWER_ON: u8 = 1 << 7;
}

/// Bits of the status byte (IEEE 488.2 §11.2, SCPI-99 volume 1, §9).
pub mod summary {
    /// The queue of errors is not empty.
    pub const ERRORS: u8 = 1 << 2;
    /// An enabled event of the questionable status.
    pub const QUESTIONABLE: u8 = 1 << 3;
    /// A message is available.
    pub const MESSAGE: u8 = 1 << 4;
    /// An enabled event of the standard event status register.
    pub const EVENT: u8 = 1 << 5;
    /// The device requests service; in `*STB?`, that it has a reason to.
    pub const SERVICE: u8 = 1 << 6;
    /// An enabled event of the operation status.
    pub const OPERATION: u8 = 1 << 7;
}

/// A status register of SCPI: its condition, and the bits that were set since the last query.
///
/// Events are latched when a bit of the condition rises.
#[derive(Debug, Default)]
pub struct Register {
    condition: u16,
    event: u16,
    /// The events that count in the status byte.
    pub enable: u16,
}

impl Register {
    /// Sets or clears bits of the condition.
    pub fn set(&mut self, bits: u16, on: bool) {
        let condition = if on { self.condition | bits } else { self.condition & !bits };
        self.event |= condition & !self.condition;
        self.condition = condition;
    }

    /// Returns the condition.
    #[must_use]
    pub const fn condition(&self) -> u16 {
        self.condition
    }

    /// Returns the events and clears them.
    pub fn take(&mut self) -> u16 {
        core::mem::take(&mut self.event)
    }

    const fn summary(&self) -> bool {
        self.event & self.enable != 0
    }
}

/// The errors that a device keeps.
pub const ERRORS: usize = 8;

/// The status of a device.
#[derive(Debug)]
pub struct Status {
    /// The errors that were not read yet.
    pub errors: Errors<ERRORS>,
    /// The operation status.
    pub operation: Register,
    /// The questionable status.
    pub questionable: Register,
    /// The events that count in the status byte: `*ESE`.
    pub event_enable: u8,
    service_enable: u8,
    events: u8,
}

impl Status {
    /// Creates the status of a device that was switched on now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            errors: Errors::new(),
            operation: Register::default(),
            questionable: Register::default(),
            event_enable: 0,
            service_enable: 0,
            events: event::POWER_ON,
        }
    }

    /// Reports an error: in the queue, and in the event status register.
    pub fn report(&mut self, error: Error) {
        self.errors.push(error);
        self.raise(error.event());
    }

    /// Sets events.
    pub fn raise(&mut self, events: u8) {
        self.events |= events;
    }

    /// Returns the events and clears them: `*ESR?`.
    pub fn take_events(&mut self) -> u8 {
        core::mem::take(&mut self.events)
    }

    /// Clears events and errors: `*CLS` (IEEE 488.2 §10.3).
    pub fn clear(&mut self) {
        self.events = 0;
        self.errors.clear();
        self.operation.take();
        self.questionable.take();
    }

    /// Returns the bits of the status byte that request service: `*SRE?`.
    #[must_use]
    pub const fn service_enable(&self) -> u8 {
        self.service_enable
    }

    /// Sets the bits of the status byte that request service: `*SRE`. Bit 6 is ignored (IEEE 488.2 §10.34).
    pub fn set_service_enable(&mut self, bits: u8) {
        self.service_enable = bits & !summary::SERVICE;
    }

    /// Returns the status byte without bit 6.
    #[must_use]
    pub const fn byte(&self, message_available: bool) -> u8 {
        let mut byte = 0;
        if self.errors.count() > 0 {
            byte |= summary::ERRORS;
        }
        if self.questionable.summary() {
            byte |= summary::QUESTIONABLE;
        }
        if message_available {
            byte |= summary::MESSAGE;
        }
        if self.events & self.event_enable != 0 {
            byte |= summary::EVENT;
        }
        if self.operation.summary() {
            byte |= summary::OPERATION;
        }
        byte
    }

    /// Returns the status byte with the master summary in bit 6: `*STB?` (IEEE 488.2 §10.36).
    #[must_use]
    pub const fn master(&self, message_available: bool) -> u8 {
        let byte = self.byte(message_available);
        if byte & self.service_enable == 0 { byte } else { byte | summary::SERVICE }
    }
}

impl Default for Status {
    fn default() -> Self {
        Self::new()
    }
}

/// Decides when a device requests service (IEEE 488.2 §11.3.3).
///
/// A request is made when an enabled bit of the status byte rises, and ends when the byte is polled.
#[derive(Debug, Default)]
pub struct Request {
    reasons: u8,
    is_made: bool,
}

impl Request {
    /// Sees the present status.
    pub fn update(&mut self, status: &Status, message_available: bool) {
        let reasons = status.byte(message_available) & status.service_enable;
        self.is_made |= reasons & !self.reasons != 0;
        // Without a reason there is no request.
        self.is_made &= reasons != 0;
        self.reasons = reasons;
    }

    /// Returns whether the device requests service.
    #[must_use]
    pub const fn is_made(&self) -> bool {
        self.is_made
    }

    /// Returns the status byte with the request in bit 6, and ends the request: a serial poll.
    pub fn poll(&mut self, status: &Status, message_available: bool) -> u8 {
        let is_made = core::mem::take(&mut self.is_made);
        status.byte(message_available) | if is_made { summary::SERVICE } else { 0 }
    }
}
