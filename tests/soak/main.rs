//! Very many calls in both directions on bad lines: every one gives the right result or a time-out in time, and
//! none is executed twice.
//!
//! `ONCILLA_SOAK_CALLS` says how many calls, of all tests here together, and `ONCILLA_SOAK_SEED` which faults:
//!
//! ```text
//! ONCILLA_SOAK_CALLS=1000000 cargo test --release --test soak
//! ```

#[path = "../support/faults.rs"]
mod faults;
#[path = "../support/frames.rs"]
#[allow(dead_code)] // Only the sizes of buffers are needed here.
mod frames;

mod caller;
mod faulty;
mod figures;
mod service;

use core::time::Duration;
use std::io::Write;
use std::time::Instant;

use oncilla::Retry;
use oncilla::framing::{Cobs, Datagram};

use faults::Faults;
use faults::line::{Line, both};
use figures::{Figures, Refuses};
use frames::Sized;

/// How a soak is run.
#[derive(Clone, Copy)]
struct Plan {
    name: &'static str,
    line: Line,
    timeout: Duration,
    retry: Retry,
    /// Of a hundred calls.
    share: u32,
}

/// Four sendings in a tenth of a second, so that now and then all are lost and a call times out.
const QUICK: Plan = Plan {
    name: "frames on a quick line",
    line: Line::QUICK,
    timeout: Duration::from_millis(100),
    retry: Retry::doubling(Duration::from_millis(10)),
    share: 40,
};

/// A call of 250 bytes takes 22 ms at 115 200 baud.
const SERIAL: Plan = Plan {
    name: "frames at 115 200 baud",
    line: Line::SERIAL,
    timeout: Duration::from_millis(1000),
    retry: Retry::doubling(Duration::from_millis(100)),
    share: 20,
};

const DATAGRAMS: Plan = Plan { name: "datagrams", ..QUICK };

/// A number from the environment.
fn set(name: &str, default: u32) -> u32 {
    match std::env::var(name) {
        Ok(value) => value.replace('_', "").parse().unwrap_or_else(|_| panic!("{name}={value} is no number")),
        Err(_) => default,
    }
}

fn soak<F: Sized + Refuses>(plan: Plan) {
    let calls = set("ONCILLA_SOAK_CALLS", 20_000) / 2 * plan.share / 100;
    let seed = u64::from(set("ONCILLA_SOAK_SEED", 1));
    let begun = Instant::now();
    let [a, b] = Line { seed, ..plan.line }.ends::<F>();
    let run = |end, seed| caller::run::<F>(end, seed, calls, plan, Faults::BAD);
    let (a, b) = both(a, b, |end| run(end, 2 * seed), |end| run(end, 2 * seed + 1));
    let mut figures = Figures::default();
    figures.check(&a, &b);
    figures.check(&b, &a);
    // Not through the macros, whose output is shown only of tests that fail.
    let _ = writeln!(std::io::stderr(), "{}: {figures}; took {:.1?}", plan.name, begun.elapsed());
    figures.check_faults();
}

#[test]
fn frames_on_a_quick_line() {
    soak::<Cobs>(QUICK);
}

#[test]
fn frames_on_a_serial_line() {
    soak::<Cobs>(SERIAL);
}

#[test]
fn datagrams() {
    soak::<Datagram>(DATAGRAMS);
}
