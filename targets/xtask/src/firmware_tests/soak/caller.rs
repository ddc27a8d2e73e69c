//! Random calls and their outcomes.

use std::io;

use oncilla::{CallError, Caller};
use oncilla_firmware_tests::soak::{DATA_MAX, digest, work};
use oncilla_test_support::faults::Random;

/// How often a call may be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Once,
    /// It is idempotent.
    Often,
    /// It is one-way and may be lost.
    Push,
}

/// The outcome of a call.
#[derive(Debug)]
pub enum Outcome {
    /// It returned the right result, or was sent if it is one-way.
    Right,
    /// It returned a wrong result.
    Wrong,
    TimedOut,
    /// The firmware was reset meanwhile.
    Restarted,
    /// An error that neither the line nor a reset explains.
    Failed(#[expect(dead_code, reason = "for who reads what went wrong")] String),
}

/// Makes one call.
pub fn call<C: Caller<Error = io::Error>>(caller: C, number: u32, random: &mut Random) -> (Kind, Outcome) {
    let mut client = work::Client::new(caller);
    let data = random.bytes(DATA_MAX as u64);
    let (kind, result) = match random.below(10) {
        0..6 => (Kind::Once, client.once(number, &data).map(|result| result == digest(number, &data))),
        6 => (Kind::Often, client.often(number, &data).map(|result| result == digest(number, &data))),
        7..9 => (Kind::Once, client.echo(number, &data).map(|result| result == data)),
        _ => (Kind::Push, client.push(number, digest(number, &[])).map(|()| true)),
    };
    let outcome = match result {
        Ok(true) => Outcome::Right,
        Ok(false) => Outcome::Wrong,
        Err(CallError::TimedOut { .. }) => Outcome::TimedOut,
        Err(CallError::Restarted) => Outcome::Restarted,
        Err(error) => Outcome::Failed(error.to_string()),
    };
    (kind, outcome)
}
