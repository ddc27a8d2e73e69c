//! A server answers a call in the short form as it answers the same call in the full form.

use oncilla::message::{Form, Origin, Reply};
use oncilla::{Replay, ReplayCache, Table};
use proptest::prelude::*;

use crate::*;

oncilla::program! {
    mod adder = 0x2000_0042, version 1 {
        fn add(amount: u32) -> u32 = 1;
        fn page() -> &[u8] [..64] = 2;
        fn note(amount: u32) = 3, oneway;
        fn fail() -> &[u8] [..4] = 40;
    }
}

#[derive(Default)]
struct Adder {
    sum: u32,
    runs: u32,
}

impl Adder {
    fn book(&mut self, amount: u32) -> u32 {
        self.runs += 1;
        self.sum = self.sum.wrapping_add(amount);
        self.sum
    }
}

impl adder::Service for Adder {
    fn add(&mut self, amount: u32) -> u32 {
        self.book(amount)
    }
    fn page(&mut self) -> &[u8] {
        self.book(1);
        &[0xaa; 60]
    }
    fn note(&mut self, amount: u32) {
        self.book(amount);
    }
    fn fail(&mut self) -> &[u8] {
        self.book(0);
        // Exceeds the bound of the interface.
        &[0xcc; 5]
    }
}

static TABLE: Table<Adder> = oncilla::table![adder::program()];

/// Answers a message in one form, and returns the reply in the full form.
fn answered<R: Replay>(replay: &mut R, state: &mut Adder, form: Form, message: &[u8], room: usize) -> Option<Vec<u8>> {
    let mut reply = vec![0xee; room];
    let length = replay.answer(Some(form), Origin::default(), &TABLE, state, message, &mut reply)?;
    reply.truncate(length);
    // Results have the form of the call; refusals are in the full form.
    if form == Form::Short && reply[0] == 0x60 { full(&reply) } else { Some(reply) }
}

/// Checks that both forms of a call have equal answers and effects, and returns the answer.
fn both<R: Replay>(replay: impl Fn() -> R, standard: &[u8]) -> Option<Vec<u8>> {
    let room = TABLE.reply_max();
    let (mut plain, mut reply) = (Adder::default(), vec![0xee; room]);
    let length = oncilla::answer(&TABLE, &mut plain, standard, &mut reply);
    let expected = length.map(|length| reply[..length].to_vec());
    let mut forms = vec![(Form::Full, standard.to_vec())];
    forms.extend(short(standard).map(|short| (Form::Short, short)));
    for (form, message) in forms {
        let mut state = Adder::default();
        assert_eq!(answered(&mut replay(), &mut state, form, &message, room), expected, "{form:?}");
        assert_eq!((state.runs, state.sum), (plain.runs, plain.sum), "{form:?}");
    }
    expected
}

/// Checks both forms of a call, without and with a replay cache.
fn check(standard: &[u8]) -> Option<Vec<u8>> {
    let cached = || ReplayCache::<2, { TABLE.reply_max() }>::new();
    let answer = both(|| (), standard);
    assert_eq!(both(cached, standard), answer);
    answer
}

fn of(procedure: u32) -> ProcedureId {
    ProcedureId { program: adder::PROGRAM, version: 1, procedure }
}

#[test]
fn results_and_refusals() {
    let five = 5u32.to_be_bytes();
    assert_eq!(check(&call(7, of(0), &[])), Some(reply(7, Ok(&[]))));
    assert_eq!(check(&call(7, of(1), &five)), Some(reply(7, Ok(&five))));
    assert_eq!(check(&call(7, of(2), &[])).map(|reply| reply.len()), Some(24 + 64));
    assert_eq!(check(&call(7, of(3), &five)), None);
    for (message, refusal) in [
        (call(7, of(0), &five), Refusal::GarbageArguments),
        (call(7, of(1), &five[1..]), Refusal::GarbageArguments),
        (call(7, of(9), &[]), Refusal::ProcedureUnavailable),
        (call(7, of(u32::MAX), &[]), Refusal::ProcedureUnavailable),
        (call(7, of(40), &[]), Refusal::SystemError),
        (call(7, ProcedureId { version: 9, ..of(1) }, &five), Refusal::ProgramMismatch { low: 1, high: 1 }),
        (call(7, ProcedureId { program: 9, ..of(1) }, &five), Refusal::ProgramUnavailable),
    ] {
        assert_eq!(check(&message), Some(reply(7, Err(refusal))));
    }
}

#[test]
fn a_repeated_short_call_is_answered_from_the_replay_cache() {
    let mut cache = ReplayCache::<2, { TABLE.reply_max() }>::new();
    let mut state = Adder::default();
    let message = short(&call(7, of(1), &5u32.to_be_bytes())).unwrap();
    for _ in 0..3 {
        let reply = answered(&mut cache, &mut state, Form::Short, &message, TABLE.reply_max()).unwrap();
        assert_eq!(Reply::parse(&reply).unwrap().outcome, Ok(&5u32.to_be_bytes()[..]));
        assert_eq!(state.runs, 1);
    }
    // Also a call that failed after its execution, although its refusal is in the full form.
    let message = short(&call(8, of(40), &[])).unwrap();
    for _ in 0..3 {
        let reply = answered(&mut cache, &mut state, Form::Short, &message, TABLE.reply_max());
        assert_eq!(reply, Some(crate::reply(8, Err(Refusal::SystemError))));
        assert_eq!(state.runs, 2);
    }
}

#[test]
fn no_procedure_runs_without_room_for_its_results() {
    let message = short(&call(7, of(2), &[])).unwrap();
    for room in 0..80 {
        let mut state = Adder::default();
        let reply = answered(&mut (), &mut state, Form::Short, &message, room);
        let runs = u32::from(room >= 3 + 4 + 64);
        assert_eq!(state.runs, runs, "in {room} bytes");
        let refusal = (room >= 32).then(|| crate::reply(7, Err(Refusal::SystemError)));
        assert_eq!(reply.filter(|_| runs == 0), refusal.filter(|_| runs == 0), "in {room} bytes");
    }
}

proptest! {
    #[test]
    fn any_call(
        xid in 0..=0xffffu32, id in id(), known in any::<bool>(), procedure in 0..42u32, arguments in bytes(12)
    ) {
        let id = if known { of(procedure) } else { id };
        check(&call(xid, id, &arguments));
    }

    #[test]
    fn only_calls_are_answered(message in bytes(40)) {
        let mut state = Adder::default();
        let reply = answered(&mut (), &mut state, Form::Short, &message, TABLE.reply_max());
        let is_call = full(&message).is_some() && message[0] < 0x60;
        prop_assert!(is_call || reply.is_none());
        prop_assert!(is_call || state.runs == 0);
    }
}
