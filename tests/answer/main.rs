//! The server as a function: every refusal byte by byte, and no procedure runs whose reply has no room.

#[path = "../support/everything.rs"]
mod everything;
#[allow(dead_code)] // Not every type is in the program.
#[path = "../support/types.rs"]
mod types;

mod credentials;
mod cut;
#[path = "../../examples/envelope.rs"]
mod envelope;
mod execute;
mod garbage;
mod locking;
mod observed;
mod refusals;
mod room;
mod serve;
mod succeed;

use oncilla::{Table, answer};

oncilla::program! {
    /// A counter with everything that matters to a server.
    mod counter = 0x2000_0042, version 1 {
        fn add(a: i32, b: i32) -> i32 = 1;
        fn touch() = 2;
        fn name() -> &str [..16] = 3;
        fn echo(data: &[u8] [..64]) -> &[u8] [..64] = 4;
        fn rename(name: &str [..16]) = 5;
        fn highest() -> u32 = 0xffff_ffff;
    }
}

oncilla::program! { mod counter_3 = 0x2000_0042, version 3 { fn touch() = 2; } }
oncilla::program! { mod counter_7 = 0x2000_0042, version 7 { fn touch() = 1; } }
oncilla::program! { mod lone = 0x2000_0043, version 5 { fn touch() = 1; } }
oncilla::program! { mod bare = 0x2000_0044, version 0 {} }
oncilla::program! { mod extreme = 0xffff_ffff, version 0xffff_ffff { fn touch() = 1; } }

/// The state, which shows what the procedures did.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    runs: u32,
    name: String,
}

impl counter::Service for State {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        self.runs += 1;
        a.wrapping_add(b)
    }
    fn touch(&mut self) {
        self.runs += 1;
    }
    fn name(&mut self) -> &str {
        self.runs += 1;
        &self.name
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        self.runs += 1;
        data
    }
    fn rename(&mut self, name: &str) {
        self.runs += 1;
        self.name = name.into();
    }
    fn highest(&mut self) -> u32 {
        self.runs += 1;
        7
    }
}

macro_rules! touched {
    ($($module:ident)*) => {$(
        impl $module::Service for State {
            fn touch(&mut self) {
                self.runs += 100;
            }
        }
    )*};
}

touched! { counter_3 counter_7 lone extreme }

impl bare::Service for State {}

static TABLE: Table<State> = oncilla::table![
    counter_3::program(),
    lone::program(),
    counter::program(),
    counter_7::program(),
    bare::program(),
    extreme::program(),
];

const PROGRAM: u32 = counter::PROGRAM;

/// Encodes these words.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Returns a call without credentials.
fn call(xid: u32, program: u32, version: u32, procedure: u32, arguments: &[u8]) -> Vec<u8> {
    [words(&[xid, 0, 2, program, version, procedure, 0, 0, 0, 0]), arguments.to_vec()].concat()
}

/// Returns a reply with results.
fn success(xid: u32, results: &[u8]) -> Vec<u8> {
    [words(&[xid, 1, 0, 0, 0, 0]), results.to_vec()].concat()
}

/// Returns a reply that was accepted but has another status than success.
fn accepted(xid: u32, status: &[u32]) -> Vec<u8> {
    [words(&[xid, 1, 0, 0, 0]), words(status)].concat()
}

/// Returns a reply that was denied.
fn denied(xid: u32, why: &[u32]) -> Vec<u8> {
    [words(&[xid, 1, 1]), words(why)].concat()
}

/// Returns the answer to a message, in a buffer of the size that the table needs.
///
/// The reply must not depend on old bytes in the buffer: these could reveal earlier messages.
fn ask(state: &mut State, message: &[u8]) -> Option<Vec<u8>> {
    ask_in(state, message, TABLE.reply_max())
}

/// Returns the answer to a message in a buffer of `room` bytes.
fn ask_in(state: &mut State, message: &[u8], room: usize) -> Option<Vec<u8>> {
    let answered = |state: &mut State, canary: u8| {
        let mut reply = vec![canary; room];
        let length = answer(&TABLE, state, message, &mut reply)?;
        reply.truncate(length);
        Some(reply)
    };
    let reply = answered(&mut state.clone(), 0xc5);
    assert_eq!(answered(state, 0x3a), reply, "the reply depends on what was in the buffer");
    reply
}

/// Returns the answer of a new state to a message that must not change it.
fn refused(message: &[u8]) -> Option<Vec<u8>> {
    let mut state = State::default();
    let reply = ask(&mut state, message);
    assert_eq!(state, State::default(), "a refused call did something");
    reply
}
