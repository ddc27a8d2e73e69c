//! Why a call has no results, as the page shows it: what happened, and what to do.

use std::convert::Infallible;

use oncilla::{CallError, LinkError, Refusal};
use oncilla_rpcgen::ReadError;
use serde_json::{Value, json};

use crate::flight::Failed;

/// A failure. Its kinds are those of the command `oncilla`.
pub struct Failure {
    kind: &'static str,
    what: String,
    refusal: Option<&'static str>,
    help: Vec<String>,
}

const FAILED: &str = "failed";
const USAGE: &str = "usage";
const NOT_REACHED: &str = "not reached";
const TIMED_OUT: &str = "timed out";

impl Failure {
    fn new(kind: &'static str, what: impl ToString) -> Self {
        Self { kind, what: what.to_string(), refusal: None, help: Vec::new() }
    }

    /// A value or an option is wrong.
    pub fn usage(what: impl ToString) -> Self {
        Self::new(USAGE, what)
    }

    /// The port is closed.
    pub fn closed() -> Self {
        Self::new(NOT_REACHED, "the serial port is not open; nothing was called")
    }

    /// The call was executed, but its results do not fit the interface.
    pub fn results(error: impl std::fmt::Display) -> Self {
        Self::new(FAILED, format_args!("the results do not fit the interface: {error}"))
            .help("the device may have another version of the interface; the call was executed")
    }

    /// Explains the failure of a call, after which `arrived` bytes had arrived. `keyed` is whether the link has a key.
    pub fn call(error: &Failed, arrived: u64, keyed: bool) -> Self {
        let kind = match error {
            CallError::TimedOut { .. } | CallError::Echoed { .. } => TIMED_OUT,
            CallError::Arguments(_) | CallError::CallTooLarge { .. } => USAGE,
            CallError::Link(_) | CallError::Closed => NOT_REACHED,
            _ => FAILED,
        };
        match error {
            CallError::Refused(refusal) => {
                let name = refusal.status_name();
                let failure = Self { refusal: Some(name), ..Self::new(kind, format_args!("{error} ({name})")) };
                match refusal {
                    Refusal::ProgramUnavailable | Refusal::ProgramMismatch { .. } | Refusal::ProcedureUnavailable => {
                        failure.help("the device may have another version of the interface")
                    }
                    _ => failure,
                }
            }
            CallError::TimedOut { .. } => Self::new(kind, error).silence(arrived, keyed),
            _ => Self::new(kind, error),
        }
    }

    /// Explains why the interface could not be read from the device.
    pub fn read(error: &ReadError<Infallible>, arrived: u64, keyed: bool) -> Self {
        let failure = match error {
            ReadError::Call(error) => {
                let failure = Self::call(error, arrived, keyed);
                let what = format!("the device was asked for its interface: {}; nothing was called", failure.what);
                Self { what, ..failure }
            }
            _ => Self::new(FAILED, error),
        };
        failure.help("a device that does not describe itself needs a file with its interface: choose a `.x` file")
    }

    /// The link itself has failed.
    pub fn link(error: &LinkError<Infallible>) -> Self {
        Self::new(NOT_REACHED, error)
    }

    fn silence(self, arrived: u64, keyed: bool) -> Self {
        match (arrived, keyed) {
            (0, false) => self.help(
                "nothing arrived: check that the device runs, that TX and RX are crossed, the baud rate, and whether the device needs \
                 a key",
            ),
            (_, false) => self.help(format!(
                "{arrived} bytes arrived that are no reply: check the baud rate, and whether the device needs a key"
            )),
            (_, true) => self.help(format!(
                "{arrived} bytes arrived; a device does not answer under another key, suite or side, and without keys it does not \
                 answer sealed calls"
            )),
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Returns the failure for the page.
    pub fn json(&self) -> Value {
        let Self { kind, what, refusal, help } = self;
        let mut value = json!({"error": what, "kind": kind, "help": help});
        if let Some(refusal) = refusal {
            value["refusal"] = (*refusal).into();
        }
        value
    }

    /// Returns whether the device was not reached.
    pub fn is_loss(&self) -> bool {
        matches!(self.kind, NOT_REACHED | TIMED_OUT)
    }

    /// Returns whether the device was not asked.
    pub fn is_usage(&self) -> bool {
        self.kind == USAGE
    }
}
