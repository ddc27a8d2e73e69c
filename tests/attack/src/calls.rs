//! Calls of a good peer, and their outcomes.

use oncilla::{CallError, Caller};

use crate::service::{data, digest, work};
use oncilla_test_support::faults::Random;

/// How often a call may be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Once,
    Often,
    /// One-way.
    Push,
}

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Right,
    /// The result is not that of this call.
    Wrong,
    Failed(&'static str),
}

/// The errors that an attacker who drops messages can cause.
pub const TIMED_OUT: &str = "timed out";
/// On a connection.
pub const CLOSED: &str = "closed";
pub const LINK: &str = "link";
/// The error that a restart of the peer causes.
pub const RESTARTED: &str = "restarted";

/// Makes the call with this number.
pub fn make<C: Caller>(caller: &mut C, serial: u32, random: &mut Random) -> (Sort, Outcome) {
    let mut client = work::Client::new(caller);
    let data = data(serial, random.below(60));
    let (sort, result) = match random.below(10) {
        0..5 => (Sort::Once, client.once(serial, &data).map(|result| result == digest(serial, &data))),
        5 => (Sort::Often, client.often(serial, &data).map(|result| result == digest(serial, &data))),
        6..9 => (Sort::Once, client.echo(serial, &data).map(|result| result == data)),
        _ => (Sort::Push, client.push(serial, digest(serial, &[])).map(|()| true)),
    };
    (sort, Outcome::of(result))
}

impl Outcome {
    /// Returns the outcome of a call whose result was compared with the right one.
    pub fn of<E>(result: Result<bool, CallError<E>>) -> Self {
        match result {
            Ok(true) => Self::Right,
            Ok(false) => Self::Wrong,
            Err(error) => Self::Failed(name(&error)),
        }
    }
}

const fn name<E>(error: &CallError<E>) -> &'static str {
    match error {
        CallError::TimedOut { .. } => TIMED_OUT,
        CallError::Restarted => RESTARTED,
        CallError::Closed => CLOSED,
        CallError::Link(_) => LINK,
        CallError::Echoed { .. } => "echoed",
        CallError::Refused(_) => "refused",
        CallError::CallTooLarge { .. } => "call too large",
        CallError::ReplyTooLarge { .. } => "reply too large",
        CallError::Results(_) | CallError::Reply(_) => "reply malformed",
        _ => "other",
    }
}
