//! Reply buffers that are too small: a procedure whose results might not fit is not run.

use crate::*;

/// Checks one call with every buffer size. With fewer than `needed` bytes nothing is executed.
fn needs(message: &[u8], needed: usize) {
    for room in 0..needed + 8 {
        let mut state = State::default();
        let reply = ask_in(&mut state, message, room);
        if room < 32 {
            // Even a refusal does not fit.
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
fn empty_results_need_room_for_a_refusal() {
    needs(&call(7, PROGRAM, 1, 2, &[]), 32);
}

#[test]
fn results_of_four_bytes_need_room_for_a_refusal() {
    needs(&call(7, PROGRAM, 1, 1, &words(&[1, 2])), 32);
}

#[test]
fn results_need_room_for_their_largest_size() {
    needs(&call(7, PROGRAM, 1, 3, &[]), 24 + 20);
    needs(&call(7, PROGRAM, 1, 4, &words(&[0])), 24 + 68);
}

#[test]
fn every_refusal_needs_32_bytes() {
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
