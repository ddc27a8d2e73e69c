//! Servers that do something wrong, and the checks that must find it: none of them passes whatever happens.

mod answers;
mod calls;
mod carried;
mod lines;
mod types;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::carriers::tcp;
use oncilla::framing::RecordAhead;
use oncilla::message::{Form, Origin};
use oncilla::{Link, Replay, ReplayCache, Table, Time, Transport};
use oncilla_host::Socket;
use oncilla_suite::checks::{Board, Report, Verdict, run};
use oncilla_suite::{CALL_MAX, Parts, REPLY_MAX, Suite, TABLE};

/// Numbers of SUITE.
mod procedures {
    pub const SUITE: u32 = oncilla_suite::suite_1::PROGRAM;
    pub const PARTS: u32 = 1;
    pub const NOTHING: u32 = 2;
    pub const SUBTRACT: u32 = 3;
    pub const ECHO: u32 = 4;
    pub const RENAME: u32 = 5;
    pub const ADD: u32 = 7;
    pub const NOTE: u32 = 9;
    pub const FAIL: u32 = 11;
}

/// Answers a call rightly.
type Answer<'a> = &'a mut dyn FnMut(&[u8]) -> Option<Vec<u8>>;

/// Answers a call, of which there were so many before, in a wrong way.
type Fault = fn(&[u8], u32, Answer<'_>) -> Option<Vec<u8>>;

/// A server that does something wrong.
struct Wrong {
    /// What it does.
    what: &'static str,
    fault: Fault,
    /// The checks that must find it.
    found_by: &'static [&'static str],
}

/// Answers as the fault has it, after the replay cache that a right server has, if there is one.
struct Wrongly<R> {
    fault: Fault,
    calls: u32,
    right: R,
}

impl<R: Replay> Replay for Wrongly<R> {
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        origin: Origin<'_>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        let mut room = vec![0; reply.len()];
        let mut answer = |message: &[u8]| {
            let length = self.right.answer(form, origin, table, state, message, &mut room)?;
            Some(room[..length].to_vec())
        };
        let wrong = (self.fault)(message, self.calls, &mut answer)?;
        self.calls += 1;
        reply[..wrong.len()].copy_from_slice(&wrong);
        Some(wrong.len())
    }

    fn forget(&mut self) {
        self.right.forget();
    }
}

/// What the servers here have, as they say.
const PARTS: Parts = Parts::BUILT.and(Parts::REPLAY);

/// Runs the checks against a server on TCP.
fn check<R: Replay + Send, T: Transport<Framing = RecordAhead>>(
    replay: R,
    transport: impl Fn(Socket<RecordAhead>) -> T + Sync,
) -> Report {
    check_parts(PARTS, replay, transport)
}

/// The same, which are told that the server has these parts.
fn check_parts<R: Replay + Send, T: Transport<Framing = RecordAhead>>(
    parts: Parts,
    mut replay: R,
    transport: impl Fn(Socket<RecordAhead>) -> T + Sync,
) -> Report {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut suite = Suite::new(Parts::REPLAY);
            let buffer = || vec![0; RecordAhead::buffer(CALL_MAX.max(REPLY_MAX) + 16)];
            while !done.load(Ordering::Relaxed) {
                let socket = listener.accept().unwrap().0;
                socket.set_nodelay(true).unwrap();
                let mut link = Link::new(transport(socket.into()), buffer(), buffer());
                // Whatever goes wrong, the next connection is another one.
                while let Ok(served) = link.serve_next_once(&mut replay, &TABLE, &mut suite, Time::NEVER) {
                    if served == oncilla::Served::End {
                        break;
                    }
                }
            }
        });
        // Silence is found soon, and what is found too early does no harm here.
        let report = run(&Board { parts, patience: Duration::from_millis(250) }, || tcp(address));
        done.store(true, Ordering::Relaxed);
        drop(tcp(address));
        report
    })
}

/// Looks whether the checks have found it.
fn assert_found(what: &str, report: &Report, found_by: &[&str]) {
    for claim in found_by {
        let row = report.rows.iter().find(|row| row.claim == *claim);
        let verdict = &row.unwrap_or_else(|| panic!("there is no check {claim:?}")).verdict;
        let found = matches!(verdict, Verdict::Failed(why) if !why.starts_with("not tried"));
        assert!(found, "a server that {what} was not found by the check that {claim:?}: {verdict}\n{report}");
    }
}

fn all_found(servers: &[Wrong]) {
    for Wrong { what, fault, found_by } in servers {
        let right = ReplayCache::<4, 64>::new();
        let report = check(Wrongly { fault: *fault, calls: 0, right }, |socket| socket);
        assert_found(what, &report, found_by);
    }
}

#[test]
fn the_server_that_does_nothing_wrong_is_good() {
    let right = ReplayCache::<4, 64>::new();
    let report = check(Wrongly { fault: |call, _, answer| answer(call), calls: 0, right }, |socket| socket);
    crate::carriers::is_good(&report, 55);
}

#[test]
fn wrong_calls_are_found() {
    all_found(calls::SERVERS);
}

#[test]
fn wrong_answers_to_wrong_calls_are_found() {
    all_found(answers::SERVERS);
}

#[test]
fn wrong_types_are_found() {
    all_found(types::SERVERS);
}

/// Every check has found something.
#[test]
fn there_is_something_for_every_check_to_find() {
    let right = ReplayCache::<4, 64>::new();
    let report = check(Wrongly { fault: |call, _, answer| answer(call), calls: 0, right }, |socket| socket);
    let servers = [calls::SERVERS, answers::SERVERS, types::SERVERS].into_iter().flatten();
    let found = servers.flat_map(|server| server.found_by).chain(carried::FOUND).chain(lines::FOUND);
    let found: BTreeSet<_> = found.copied().collect();
    let all: BTreeSet<_> = report.rows.iter().map(|row| row.claim).collect();
    assert_eq!(all.difference(&found).collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// Whether it is a call of this program and procedure.
fn calls(message: &[u8], program: u32, procedure: u32) -> bool {
    let word = |at: usize| message.get(at..at + 4).map(|word| u32::from_be_bytes(word.try_into().unwrap()));
    word(4) == Some(0) && word(12) == Some(program) && word(20) == Some(procedure)
}

/// The call with other arguments, where it has neither credential nor verifier.
fn with_arguments(message: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let (header, arguments) = message.split_at_checked(40).unwrap_or((message, &[]));
    let mut arguments = arguments.to_vec();
    change(&mut arguments);
    [header, &arguments].concat()
}

/// The reply with other results, where it has some.
fn with_results(reply: Option<Vec<u8>>, change: impl FnOnce(&mut [u8])) -> Option<Vec<u8>> {
    let mut reply = reply?;
    if reply.get(20..24) == Some(&[0; 4]) {
        change(&mut reply[24..]);
    }
    Some(reply)
}

/// A reply that says why there are none.
fn refusal(message: &[u8], words: &[u32]) -> Option<Vec<u8>> {
    let words = words.iter().flat_map(|word| word.to_be_bytes());
    Some(message[..4].iter().copied().chain([0, 0, 0, 1]).chain(words).collect())
}
