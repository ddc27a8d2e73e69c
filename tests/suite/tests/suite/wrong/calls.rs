//! Servers whose good calls go wrong.

use super::procedures::{ADD, ECHO, NOTE, NOTHING, PARTS, RENAME, SUBTRACT, SUITE};
use super::{Wrong, calls, refusal, with_arguments, with_results};

pub const SERVERS: &[Wrong] = &[
    Wrong {
        what: "has no procedure that does nothing",
        fault: |call, _, answer| if calls(call, SUITE, NOTHING) { refusal(call, &[0, 0, 0, 3]) } else { answer(call) },
        found_by: &["the board answers"],
    },
    Wrong {
        what: "says that it has another part",
        fault: |call, _, answer| match calls(call, SUITE, PARTS) {
            true => with_results(answer(call), |parts| parts[3] ^= 16),
            false => answer(call),
        },
        found_by: &["it has the parts that it should have, and tells them in both versions"],
    },
    Wrong {
        what: "has no procedure 0",
        fault: |call, _, answer| if calls(call, SUITE, 0) { refusal(call, &[0, 0, 0, 3]) } else { answer(call) },
        found_by: &["each of its programs has a procedure 0"],
    },
    Wrong {
        what: "subtracts the other way round",
        fault: |call, _, answer| match calls(call, SUITE, SUBTRACT) {
            true => answer(&with_arguments(call, |numbers| {
                let half = numbers.len() / 2;
                numbers.rotate_left(half);
            })),
            false => answer(call),
        },
        found_by: &["arguments keep their order, and integers wrap around"],
    },
    Wrong {
        what: "fills data with something else than zeros",
        fault: |call, _, answer| match calls(call, SUITE, ECHO) {
            true => with_results(answer(call), |data| {
                if data[3] % 4 != 0 {
                    data[data.len() - 1] = 1;
                }
            }),
            false => answer(call),
        },
        found_by: &["opaque data of every length come back"],
    },
    Wrong {
        what: "does not rename itself",
        fault: |call, _, answer| match calls(call, SUITE, RENAME) {
            true => answer(&[&call[..20], &[0, 0, 0, 2], &call[24..40]].concat()),
            false => answer(call),
        },
        found_by: &["text is kept from call to call"],
    },
    Wrong {
        what: "executes calls twice",
        fault: |call, _, answer| {
            if calls(call, SUITE, ADD) {
                // As another call, so that its replay cache does not see it.
                answer(&[&[!call[0]], &call[1..]].concat());
            }
            answer(call)
        },
        found_by: &["a call is executed once"],
    },
    Wrong {
        what: "answers one-way calls",
        fault: |call, _, answer| match calls(call, SUITE, NOTE) {
            true => answer(call).or_else(|| refusal(call, &[0, 0, 0, 0])),
            false => answer(call),
        },
        found_by: &["a one-way call is executed, and not answered"],
    },
    Wrong {
        what: "answers one-way calls that are garbage",
        fault: |call, _, answer| match calls(call, SUITE, NOTE) && call.len() != 44 {
            true => refusal(call, &[0, 0, 0, 4]),
            false => answer(call),
        },
        found_by: &["a one-way call with garbage for arguments is not answered either"],
    },
    Wrong {
        what: "executes the one-way calls that come in a batch only in part",
        fault: |call, _, answer| {
            if calls(call, SUITE, NOTE) && call.get(43) == Some(&17) { None } else { answer(call) }
        },
        found_by: &["a batch of one-way calls is executed once and in its order"],
    },
    Wrong {
        what: "gives a wrong result every second time",
        fault: |call, count, answer| match calls(call, SUITE, SUBTRACT) && count % 2 == 0 {
            true => with_results(answer(call), |difference| difference[3] ^= 1),
            false => answer(call),
        },
        found_by: &[
            "several calls under way are finished in any order",
            "calls that come faster than they are served all get their replies, in order",
            "a call that comes byte by byte is one call",
        ],
    },
    Wrong {
        what: "gives the same reply to every addition",
        fault: |call, _, answer| match calls(call, SUITE, ADD) {
            true => with_results(answer(call), |sum| sum.fill(7)),
            false => answer(call),
        },
        found_by: &["a call with another xid, or other arguments, is another call"],
    },
];
