//! Commands of a device.

use super::{Error, Parameters, Reply, Status};

/// A device with commands.
pub trait Device: Sized + 'static {
    /// What is left to do of a unit that has not ended.
    type Later: Copy;

    /// The commands, in flash on a microcontroller.
    const COMMANDS: &'static [Command<Self>];

    /// Returns the status.
    fn status(&mut self) -> &mut Status;

    /// Continues a unit that has not ended, when time has passed or a part of its response was read.
    ///
    /// # Errors
    /// The unit ends with an error.
    fn resume(&mut self, later: Self::Later, reply: &mut Reply<'_>) -> Ran<Self>;
}

/// How far a unit of a device was executed, or why it was not.
pub type Ran<D> = Result<Step<<D as Device>::Later>, Error>;

/// A command or a query of a device.
#[derive(Debug)]
pub struct Command<D: Device> {
    /// The header, such as `MEASure[:SCALar]:VOLTage[:DC]?`.
    pub header: &'static str,
    /// The most parameters. A unit with more is not executed.
    pub parameters: usize,
    /// Executes the command.
    pub run: fn(&mut D, &mut Unit<'_>) -> Ran<D>,
}

/// How far a unit was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<L> {
    /// It has ended.
    Done,
    /// It waits, or its response needs more room.
    Later(L),
}

/// A unit of a message that is being executed.
#[derive(Debug)]
pub struct Unit<'a> {
    /// Its parameters.
    pub parameters: Parameters<'a>,
    /// Its response.
    pub reply: Reply<'a>,
    /// Whether a response to an earlier unit can be read.
    pub message_available: bool,
}
