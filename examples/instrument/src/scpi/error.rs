//! Errors and their queue (SCPI-99 volume 2, §21.8).

use super::status::event;

/// An error: its number and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    code: i16,
    text: &'static str,
}

macro_rules! errors {
    ($($name:ident = $code:literal, $text:literal;)*) => {
        $(
            #[doc = concat!($code, ", \"", $text, "\".")]
            pub const $name: Self = Self { code: $code, text: $text };
        )*
    };
}

impl Error {
    errors! {
        NONE = 0, "No error";
        INVALID_CHARACTER = -101, "Invalid character";
        SYNTAX = -102, "Syntax error";
        DATA_TYPE = -104, "Data type error";
        PARAMETER_NOT_ALLOWED = -108, "Parameter not allowed";
        MISSING_PARAMETER = -109, "Missing parameter";
        UNDEFINED_HEADER = -113, "Undefined header";
        INVALID_NUMBER = -121, "Invalid character in number";
        EXPONENT_TOO_LARGE = -123, "Exponent too large";
        INVALID_SUFFIX = -131, "Invalid suffix";
        TRIGGER_IGNORED = -211, "Trigger ignored";
        INIT_IGNORED = -213, "Init ignored";
        TRIGGER_DEADLOCK = -214, "Trigger deadlock";
        OUT_OF_RANGE = -222, "Data out of range";
        ILLEGAL_PARAMETER = -224, "Illegal parameter value";
        STALE = -230, "Data corrupt or stale";
        QUEUE_OVERFLOW = -350, "Queue overflow";
        INPUT_OVERRUN = -363, "Input buffer overrun";
        INTERRUPTED = -410, "Query INTERRUPTED";
        UNTERMINATED = -420, "Query UNTERMINATED";
        DEADLOCKED = -430, "Query DEADLOCKED";
        AFTER_INDEFINITE = -440, "Query UNTERMINATED after indefinite response";
    }

    /// Returns the number.
    #[must_use]
    pub const fn code(self) -> i16 {
        self.code
    }

    /// Returns the text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.text
    }

    /// Returns the bit of the event status register that the error sets (SCPI-99 volume 2, §21.8).
    #[must_use]
    pub const fn event(self) -> u8 {
        match self.code {
            -199..=-100 => event::COMMAND_ERROR,
            -299..=-200 => event::EXECUTION_ERROR,
            -399..=-300 => event::DEVICE_ERROR,
            -499..=-400 => event::QUERY_ERROR,
            _ => 0,
        }
    }
}

/// The errors that were not read yet, oldest first.
#[derive(Debug)]
pub struct Errors<const N: usize> {
    errors: [Error; N],
    count: usize,
}

impl<const N: usize> Errors<N> {
    /// Creates an empty queue.
    #[must_use]
    pub const fn new() -> Self {
        Self { errors: [Error::NONE; N], count: 0 }
    }

    /// Adds an error. In a full queue, the newest is replaced by -350 (SCPI-99 volume 2, §21.8).
    pub fn push(&mut self, error: Error) {
        if let Some(place) = self.errors.get_mut(self.count) {
            *place = error;
            self.count = self.count.wrapping_add(1);
        } else if let Some(newest) = self.errors.last_mut() {
            *newest = Error::QUEUE_OVERFLOW;
        }
    }

    /// Removes the oldest error, or returns [`Error::NONE`].
    pub fn pop(&mut self) -> Error {
        let Some(left) = self.count.checked_sub(1) else { return Error::NONE };
        self.count = left;
        let mut moved = Error::NONE;
        for place in self.errors.iter_mut().rev() {
            core::mem::swap(place, &mut moved);
        }
        moved
    }

    /// Returns the number of errors.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Removes all errors.
    pub fn clear(&mut self) {
        self.count = 0;
    }
}

impl<const N: usize> Default for Errors<N> {
    fn default() -> Self {
        Self::new()
    }
}
