//! What a host runs against a board, over any carrier. Feature `checks`.
//!
//! ```no_run
//! use oncilla_host::Socket;
//! use oncilla_suite::Parts;
//! use oncilla_suite::checks::{Board, run};
//! use std::os::unix::net::UnixStream;
//!
//! // QEMU offers the board's UART as this socket.
//! let uart = UnixStream::connect("uart.sock")?;
//! let connect = || uart.try_clone().map(Socket::<oncilla::framing::Serial>::from);
//! let report = run(&Board::new(Parts::ALL.without(Parts::POSTCARD)), connect);
//! println!("{report}");
//! assert!(report.is_good());
//! # Ok::<(), std::io::Error>(())
//! ```

mod batches;
mod bulk;
mod callbacks;
mod calls;
mod carrier;
mod credentials;
mod damage;
mod flight;
mod garbage;
mod introduction;
mod lab;
#[path = "../../../support/marks.rs"]
mod marks;
mod numbers;
mod once;
mod postcard;
mod records;
mod refusals;
mod report;
mod streams;
mod tap;
mod text;
mod types;
mod wire;

use std::boxed::Box;
use std::error::Error;
use std::string::ToString;
use std::time::Duration;
use std::vec::Vec;

use crate::Parts;

pub use carrier::{Carrier, On, Reach};
pub use report::{Report, Row, Verdict};

use lab::Lab;

/// What the host was told of the board.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// The parts it must have, no fewer and no more.
    pub parts: Parts,
    /// How long it may take for one call before it is taken for silent.
    pub patience: Duration,
}

impl Board {
    /// A board with these parts, which takes at most ten seconds for a call.
    #[must_use]
    pub const fn new(parts: Parts) -> Self {
        Self { parts, patience: Duration::from_secs(10) }
    }
}

/// Why a check failed.
type Failure = Box<dyn Error + Send + Sync>;

/// What came of a check.
type Outcome = Result<(), Failure>;

/// Something that must hold of every board that has the part, on every carrier that can do it.
struct Check<T> {
    claim: &'static str,
    needs: Parts,
    on: On,
    run: fn(&mut Lab<'_, T>) -> Outcome,
}

impl<T> Check<T> {
    const fn new(claim: &'static str, run: fn(&mut Lab<'_, T>) -> Outcome) -> Self {
        Self { claim, needs: Parts::NONE, on: On::Any, run }
    }

    const fn needs(self, needs: Parts) -> Self {
        Self { needs, ..self }
    }

    const fn on(self, on: On) -> Self {
        Self { on, ..self }
    }
}

/// Every check, those first without which the others make no sense.
fn all<T: Reach>() -> Vec<Check<T>> {
    let mut checks = calls::checks();
    checks.extend(batches::checks());
    checks.extend(flight::checks());
    checks.extend(refusals::checks());
    checks.extend(garbage::checks());
    checks.extend(credentials::checks());
    checks.extend(numbers::checks());
    checks.extend(types::checks());
    checks.extend(records::checks());
    checks.extend(bulk::checks());
    #[cfg(feature = "postcard")]
    checks.extend(postcard::checks());
    #[cfg(not(feature = "postcard"))]
    checks.push(
        Check::new("payloads in postcard", |_| Err("not tried: this host has them not".into())).needs(Parts::POSTCARD),
    );
    checks.extend(once::checks());
    checks.extend(callbacks::checks());
    checks.extend(text::checks());
    checks.extend(streams::checks());
    checks.extend(damage::checks());
    checks
}

/// Runs every check that the board's parts and the carrier allow. `connect` is asked for a transport to the board for each
/// check, sometimes for two or three in turn, of which the one before is closed: a new connection, best with
/// `TCP_NODELAY`, or the same line again.
///
/// It blocks until all are done. A board that is silent in two checks one after the other is not waited for again: the
/// other checks fail.
///
/// # Panics
/// Never: what goes wrong is in the report.
pub fn run<T: Reach, E: Error + Send + Sync + 'static>(
    board: &Board,
    mut connect: impl FnMut() -> Result<T, E>,
) -> Report {
    let mut connect = || connect().map_err(Failure::from);
    let mut lab = Lab::new(board, &mut connect);
    let mut silent = 0;
    let mut rows = Vec::new();
    for check in all::<T>() {
        let verdict = if !board.parts.has(check.needs) {
            Verdict::NotOfBoard(check.needs.without(board.parts))
        } else if !check.on.is(<T::Framing as Carrier>::ON) {
            Verdict::NotOnCarrier
        } else if silent == 2 {
            Verdict::Failed("not tried: the board was silent twice".into())
        } else {
            match (check.run)(&mut lab) {
                Ok(()) => {
                    silent = 0;
                    Verdict::Passed
                }
                Err(error) => {
                    silent = if lab::is_silence::<T>(error.as_ref()) { silent + 1 } else { 0 };
                    Verdict::Failed(error.to_string())
                }
            }
        };
        rows.push(Row { claim: check.claim, verdict });
    }
    Report { rows }
}

/// The check fails if the condition does not hold.
macro_rules! ensure {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err(std::format!($($why)+).into());
        }
    };
}
use ensure;

/// The check fails if it is not what it should be.
fn equal<A: core::fmt::Debug + PartialEq<B>, B: core::fmt::Debug>(what: &str, came: A, expected: B) -> Outcome {
    ensure!(came == expected, "{what}: {came:?} and not {expected:?}");
    Ok(())
}
