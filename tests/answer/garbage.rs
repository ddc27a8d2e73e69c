//! Any bytes to a server with a procedure for every type. It never panics. Its output is a reply to the message and
//! contains no old bytes of the buffer.

use oncilla::answer;
use oncilla::message::Reply;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::everything::{Echo, TABLE};
use crate::words;

fn ask(message: &[u8], canary: u8) -> (Option<Vec<u8>>, Echo) {
    let mut state = Echo::default();
    let mut reply = vec![canary; TABLE.reply_max()];
    let length = answer(&TABLE, &mut state, message, &mut reply);
    (length.map(|length| reply[..length].to_vec()), state)
}

/// Checks the properties that hold for any message, and returns the reply.
fn check(message: &[u8]) -> Option<Vec<u8>> {
    let (reply, state) = ask(message, 0xc5);
    assert_eq!(ask(message, 0x3a), (reply.clone(), Echo { runs: state.runs }), "the reply depends on the buffer");
    let bytes = reply.as_deref()?;
    let parsed = Reply::parse(bytes).expect("what a server sends is a reply");
    assert_eq!(bytes[..4], message[..4], "the xid is another");
    assert_eq!(parsed.outcome.is_ok() && !is_null(message), state.runs == 1);
    reply
}

fn is_null(message: &[u8]) -> bool {
    message[20..24] == [0; 4]
}

/// Arguments made of words that are common in XDR.
fn arguments() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => 0..4u32,
        2 => 0..12u32,
        2 => any::<u32>(),
        1 => Just(u32::MAX),
        1 => any::<u8>().prop_map(|byte| u32::from(byte) << 24),
    ];
    let rest = prop_oneof![9 => Just(vec![]), 1 => vec(any::<u8>(), 0..4)];
    (vec(word, 0..12), rest).prop_map(|(all, rest)| [words(&all), rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_bytes(message in vec(any::<u8>(), 0..120)) {
        check(&message);
    }

    #[test]
    fn any_call(
        program in prop_oneof![9 => 0x2000_0100..=0x2000_0101u32, 1 => any::<u32>()],
        version in prop_oneof![9 => Just(1), 1 => any::<u32>()],
        procedure in prop_oneof![9 => 0..=24u32, 1 => any::<u32>()],
        credential in prop_oneof![9 => Just(0), 1 => 0..500u32],
        arguments in arguments(),
    ) {
        let fixed = words(&[7, 0, 2, program, version, procedure, 1, credential]);
        let body = vec![0; credential.next_multiple_of(4) as usize];
        let message = [fixed, body, words(&[0, 0]), arguments.clone()].concat();
        let reply = check(&message).expect("a call is answered");
        // XDR has one encoding for each value, so the reply repeats the received bytes.
        let succeeded = reply.get(8..24) == Some(&[0; 16]);
        if succeeded && program == 0x2000_0100 && ![0, 4, 23].contains(&procedure) {
            prop_assert_eq!(&reply[24..], &arguments[..]);
        }
    }

    #[test]
    fn damaged_calls(
        procedure in 1..=23u32,
        arguments in arguments(),
        place in any::<prop::sample::Index>(),
        bit in 0..8,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut message = [words(&[7, 0, 2, 0x2000_0100, 1, procedure, 0, 0, 0, 0]), arguments].concat();
        let place = place.index(message.len());
        message[place] ^= 1u8 << bit;
        check(&message);
        message.truncate(cut.index(message.len()));
        check(&message);
    }
}

/// Checks that the generated calls reach every procedure; otherwise the tests above would prove little.
#[test]
fn every_procedure_is_run_by_some_generated_call() {
    use proptest::strategy::ValueTree;

    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for procedure in 1..=23 {
        let ran = (0..20_000).any(|_| {
            let arguments = arguments().new_tree(&mut runner).unwrap().current();
            let message = [words(&[7, 0, 2, 0x2000_0100, 1, procedure, 0, 0, 0, 0]), arguments].concat();
            ask(&message, 0).1.runs == 1
        });
        // A 36-byte array does not occur by chance.
        assert!(ran || [8, 22].contains(&procedure), "procedure {procedure} never ran");
    }
}
