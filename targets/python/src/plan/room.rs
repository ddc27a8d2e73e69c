//! The limits of what is read of Python objects.

use std::cell::Cell;

use super::Misfit;

pub type Put<T> = Result<T, Misfit>;

/// The number of elements of all arrays of a value, so that an endless iterator ends before the memory does.
pub struct Room {
    left: Cell<usize>,
    /// The size of the largest message in bytes.
    message_max: usize,
    /// What has the argument `message_max`.
    owner: &'static str,
}

impl Room {
    /// Returns the room of a message, in which an element takes `least` bytes at least.
    pub fn of_message(message_max: usize, least: usize, owner: &'static str) -> Self {
        Self { left: Cell::new(message_max / least.max(1)), message_max, owner }
    }

    /// Takes room for an element.
    pub fn take(&self) -> Put<()> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                let help = format!("`message_max=` of `{}` sets the size of the largest message", self.owner);
                let expected = format!("elements for a message of at most {} bytes", self.message_max);
                Err(Misfit::new(expected, "more").help(help))
            }
        }
    }
}

/// Where a value is: its level, and the room that is left.
#[derive(Clone, Copy)]
pub struct At<'r> {
    pub depth: usize,
    pub room: &'r Room,
}

impl At<'_> {
    pub fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}
