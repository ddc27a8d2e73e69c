//! Messages that are no valid calls.

use proptest::prelude::*;

use crate::*;

#[test]
fn replies_and_fragments_of_calls_are_not_answered() {
    let mut server = Server::<4, BYTES>::new();
    let whole = call(7, ADD, &[5]);
    assert_eq!(server.ask(&success(7, &[5]).unwrap()), None);
    for length in 0..28 {
        assert_eq!(server.ask(&whole[..length]), None);
    }
    assert_eq!(server.ledger.runs, 0);
}

#[test]
fn a_cut_call_is_refused_and_the_whole_one_executed() {
    let mut server = Server::<4, BYTES>::new();
    let whole = call(7, ADD, &[5]);
    for length in 28..whole.len() {
        assert_eq!(server.ask(&whole[..length]), garbage_args(7), "{length} bytes");
    }
    assert_eq!(server.ask(&whole), success(7, &[5]));
    assert_eq!(server.ledger.runs, 1);
}

#[test]
fn refusals_are_the_same_as_without_a_cache() {
    let mut server = Server::<4, BYTES>::new();
    let mut other_rpc = call(7, ADD, &[5]);
    other_rpc[11] = 3;
    for message in [other_rpc, call(7, 77, &[]), call(7, ADD, &[]), call(7, 0, &[1])] {
        let mut reply = vec![0xee; BYTES];
        let length = oncilla::answer(&TABLE, &mut Ledger::default(), &message, &mut reply).unwrap();
        reply.truncate(length);
        for _ in 0..3 {
            assert_eq!(server.ask(&message).as_ref(), Some(&reply));
        }
    }
    assert_eq!(server.ledger.runs, 0);
}

proptest! {
    /// A new call is answered as without a replay cache, and a repeated one by the same bytes.
    #[test]
    fn any_message_is_answered_as_without_a_cache(
        mut message in proptest::collection::vec(any::<u8>(), 0..80),
        good in 0..80usize,
    ) {
        // Mostly with a valid beginning, since few random messages would pass the first checks.
        let call = call(7, 1 + u32::from(message.first().copied().unwrap_or(0) % 8), &[5]);
        let good = good.min(message.len()).min(call.len());
        message[..good].copy_from_slice(&call[..good]);

        let (mut ledger, mut room) = (Ledger::default(), vec![0xee; BYTES]);
        let plain = oncilla::answer(&TABLE, &mut ledger, &message, &mut room).map(|length| room[..length].to_vec());
        let mut server = Server::<2, BYTES>::new();
        prop_assert_eq!(server.ask(&message), plain.clone());
        prop_assert_eq!(server.ledger.runs, ledger.runs);
        prop_assert_eq!(server.ask(&message), plain);
        let procedure = message.get(23).copied().unwrap_or(0);
        let idempotent = [TOTAL, COPY].contains(&procedure.into());
        prop_assert_eq!(server.ledger.runs, if idempotent { 2 * ledger.runs } else { ledger.runs });
    }
}
