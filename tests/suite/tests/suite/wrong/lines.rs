//! Boards that do something wrong on a line.

use std::io;
use std::time::Duration;

use oncilla::framing::{Cobs, Serial, TEXT};
use oncilla::{Link, Received, Replay, Served, Time, Transport};
use oncilla_host::Socket;
use oncilla_suite::checks::{Board, Carrier, Report};
use oncilla_suite::{CALL_MAX, Parts, REPLY_MAX, Suite, TABLE};

use super::procedures::{ADD, SUITE};
use super::{Wrongly, assert_found, calls};
use crate::line::on_line;

/// What the boards here are found by.
pub const FOUND: &[&str] = &[CALLS, NESTED, BOTH, PRINTS, BITS, CUTS, NOISE, ZEROS, HOST_PRINTS, INTRODUCED];

const CALLS: &str = "the board calls the host";
const NESTED: &str = "it calls while the host waits for a reply, and serves while it waits itself";
const BOTH: &str = "both call each other at once, many times";
const PRINTS: &str = "what the board prints comes beside the calls";
const BITS: &str = "no bit that is flipped in a call makes it another one";
const CUTS: &str = "a call that is cut anywhere harms no other";
const NOISE: &str = "noise between calls harms none of them";
const ZEROS: &str = "zeros between calls harm none of them";
const HOST_PRINTS: &str = "text that the host prints harms no call";
const INTRODUCED: &str = "the two ends introduce themselves, and see a restart";

/// A line's end that loses what comes with something that it cannot bear, and what comes next.
struct Delicate {
    line: Socket<Cobs>,
    cannot_bear: fn(&[u8]) -> bool,
    shocked: bool,
}

impl Transport for Delicate {
    type Error = io::Error;
    type Framing = Cobs;

    fn now(&mut self) -> Time {
        self.line.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        loop {
            match self.line.receive(into, deadline)? {
                Received::Bytes(length) => {
                    let before = std::mem::replace(&mut self.shocked, (self.cannot_bear)(&into[..length]));
                    if !before && !self.shocked {
                        return Ok(Received::Bytes(length));
                    }
                }
                other => return Ok(other),
            }
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        self.line.send(frame, deadline)
    }
}

/// Checks a board that says it has these parts, without what [`run`](oncilla_suite::run) does for them.
fn checked<F: Carrier>(parts: Parts, cannot_bear: fn(&[u8]) -> bool, mut replay: impl Replay + Send) -> Report {
    // A board that might introduce itself is given 0.2 s to do so before the first call.
    let patience = Duration::from_millis(if F::SHORT { 1_000 } else { 250 });
    let board = Board { parts: Parts::BUILT | parts, patience };
    on_line::<F>(board, |far| {
        let (rx, tx) = (vec![0; Cobs::buffer(CALL_MAX)], vec![0; Cobs::buffer(REPLY_MAX)]);
        let line = Delicate { line: far.into(), cannot_bear, shocked: false };
        let (mut link, mut suite) = (Link::new(line, rx, tx), Suite::new(parts));
        while link.serve_next_once(&mut replay, &TABLE, &mut suite, Time::NEVER).is_ok_and(|it| it != Served::End) {}
    })
}

#[test]
fn parts_that_a_board_says_it_has_are_missed() {
    let report = checked::<Cobs>(Parts::CALLBACKS | Parts::TEXT, |_| false, ());
    assert_found("neither calls nor prints", &report, &[CALLS, NESTED, BOTH, PRINTS]);
}

#[test]
fn a_board_that_does_not_introduce_itself_is_found() {
    let report = checked::<Serial>(Parts::NONE, |_| false, ());
    assert_found("does not introduce itself", &report, &[INTRODUCED]);
}

#[test]
fn a_board_that_executes_something_else_now_and_then_is_found() {
    let fault = Wrongly {
        fault: |call, count, answer| {
            if calls(call, SUITE, ADD) && count % 40 == 0 {
                answer(call);
            }
            answer(call)
        },
        calls: 0,
        right: (),
    };
    let report = checked::<Cobs>(Parts::NONE, |_| false, fault);
    assert_found("executes damaged calls", &report, &[BITS, CUTS]);
}

#[test]
fn boards_that_do_not_bear_what_comes_between_calls_are_found() {
    // One byte, alone or with a frame behind it.
    let noise = |bytes: &[u8]| bytes[0] == 0x55 && bytes.get(1).is_none_or(|next| *next == 0);
    assert_found("does not bear noise", &checked::<Cobs>(Parts::NONE, noise, ()), &[NOISE]);
    let zeros = checked::<Cobs>(Parts::NONE, |bytes| bytes.windows(50).any(|part| part == [0; 50]), ());
    assert_found("does not bear zeros", &zeros, &[ZEROS]);
    let text = |bytes: &[u8]| bytes.windows(3).any(|part| part == [0, TEXT, b'a']);
    assert_found("does not bear text", &checked::<Cobs>(Parts::NONE, text, ()), &[HOST_PRINTS]);
}
