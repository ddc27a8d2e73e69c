//! Servers that read connections wrongly, or have no replay cache.

use std::io;

use oncilla::framing::RecordAhead;
use oncilla::{Received, ReplayCache, Time, Transport};
use oncilla_host::Socket;

use super::{assert_found, check};

/// What the servers here are found by.
pub const FOUND: &[&str] = &[FRAGMENTS, AT_ONCE, AGAIN, BETWEEN, POSTCARD];

const FRAGMENTS: &str = "a call in several fragments is one call";
const AT_ONCE: &str = "two calls that come at once are two calls";
const AGAIN: &str = "a call that comes again gets the same reply and is not executed again";
const BETWEEN: &str = "nor is it with other calls in between";

const POSTCARD: &str = "payloads in postcard";

/// Changes what is received; gives how many bytes are left.
struct Misread(Socket<RecordAhead>, fn(&mut [u8]) -> usize);

impl Transport for Misread {
    type Error = io::Error;
    type Framing = RecordAhead;

    fn now(&mut self) -> Time {
        self.0.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        loop {
            match self.0.receive(into, deadline)? {
                Received::Bytes(length) => match (self.1)(&mut into[..length]) {
                    0 => {}
                    length => return Ok(Received::Bytes(length)),
                },
                other => return Ok(other),
            }
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        self.0.send(frame, deadline)
    }
}

fn found(what: &str, misread: fn(&mut [u8]) -> usize, claim: &str) {
    let report = check(ReplayCache::<4, 64>::new(), |socket| Misread(socket, misread));
    assert_found(what, &report, &[claim]);
}

#[test]
fn fragments_that_are_taken_for_records_are_found() {
    let every_one_is_the_last = |bytes: &mut [u8]| {
        bytes[0] |= 0x80;
        bytes.len()
    };
    found("takes a fragment for a record", every_one_is_the_last, FRAGMENTS);
}

#[test]
fn calls_that_are_lost_behind_others_are_found() {
    // Two good calls of 48 bytes, each behind its mark.
    let one_call = |bytes: &mut [u8]| match bytes.get(52..56) {
        Some([0x80, 0, 0, 48]) if bytes.len() == 104 => 52,
        _ => bytes.len(),
    };
    found("loses the call behind another", one_call, AT_ONCE);
}

#[test]
fn a_memory_of_replies_that_is_missing_is_found() {
    assert_found("has no replay cache", &check((), |socket| socket), &[AGAIN, BETWEEN]);
}

/// These checks were built without, so they must not say that all is well.
#[cfg(not(feature = "postcard"))]
#[test]
fn postcard_that_cannot_be_checked_is_a_failure() {
    use oncilla_suite::Parts;
    let parts = super::PARTS | Parts::POSTCARD;
    let report = super::check_parts(parts, ReplayCache::<4, 64>::new(), |socket| socket);
    let failed = report.failures().any(|(claim, _)| claim == POSTCARD);
    assert!(failed, "{report}");
}
