//! Buffers for the reply that are too small: a procedure whose results might not fit is not run.

use crate::*;

/// Checks one call with every size of buffer: below `needed` bytes nothing is done.
fn needs(message: &[u8], needed: usize) {
    for room in 0..needed + 8 {
        let mut state = State::default();
        let reply = ask_in(&mut state, message, room);
        if room < 32 {
            // Not even a refusal would fit.
            assert_eq!(reply, None, "in {room} bytes");
        } else if room < needed {
            assert_eq!(reply, Some(accepted(7, &[5])), "in {room} bytes");
        } else {
            assert_eq!(reply.map(|reply| reply[..24].to_vec()), Some(success(7, &[])), "in {room} bytes");
        }
        assert_eq!(state.runs, u32::from(room >= needed), "in {room} bytes");
    }
}

#[test]
fn results_without_bytes() {
    needs(&call(7, PROGRAM, 1, 2, &[]), 32);
}

#[test]
fn results_of_four_bytes() {
    needs(&call(7, PROGRAM, 1, 1, &words(&[1, 2])), 32);
}

#[test]
fn results_that_could_be_larger_than_they_are() {
    needs(&call(7, PROGRAM, 1, 3, &[]), 24 + 20);
    needs(&call(7, PROGRAM, 1, 4, &words(&[0])), 24 + 68);
}

#[test]
fn refusals_need_32_bytes_all() {
    for (message, reply) in [
        (call(7, PROGRAM, 1, 0, &[]), success(7, &[])),
        (call(7, PROGRAM, 2, 0, &[]), accepted(7, &[2, 1, 7])),
        (call(7, PROGRAM, 1, 99, &[]), accepted(7, &[3])),
        (call(7, 1, 1, 0, &[]), accepted(7, &[1])),
        (words(&[7, 0, 3, 0, 0, 0, 0]), denied(7, &[0, 2, 2])),
        (words(&[7, 0, 2, 0, 0, 0, 0]), accepted(7, &[4])),
    ] {
        for room in 0..40 {
            let expected = (room >= 32).then(|| reply.clone());
            assert_eq!(ask_in(&mut State::default(), &message, room), expected, "in {room} bytes");
        }
    }
}
