//! Servers that do not refuse what they should.

use super::procedures::{ADD, ECHO, FAIL, RENAME, SUBTRACT, SUITE};
use super::{Wrong, calls, refusal, with_arguments};

/// The call without credential and verifier.
fn anonymous(call: &[u8]) -> Vec<u8> {
    let length = |at: usize| call.get(at..at + 4).map_or(0, |word| u32::from_be_bytes(word.try_into().unwrap()));
    let verifier = 32 + (length(28) as usize).next_multiple_of(4);
    let arguments = verifier.saturating_add(8 + (length(verifier + 4) as usize).next_multiple_of(4));
    let arguments = call.get(arguments..).unwrap_or_default();
    [call.get(..24).unwrap_or(call), &[0; 16], arguments].concat()
}

fn has_credential(call: &[u8]) -> bool {
    call.get(4..8) == Some(&[0; 4]) && call.get(24..32).is_some_and(|credential| credential != [0; 8])
}

pub const SERVERS: &[Wrong] = &[
    Wrong {
        what: "takes one program for another",
        fault: |call, _, answer| match answer(call) {
            Some(reply) if reply.ends_with(&[0, 0, 0, 1]) && reply.len() == 24 => refusal(call, &[0, 0, 0, 3]),
            other => other,
        },
        found_by: &["a program that is not served is refused with PROG_UNAVAIL"],
    },
    Wrong {
        what: "tells wrong versions",
        fault: |call, _, answer| {
            let mut reply = answer(call)?;
            if reply.len() == 32 && reply[20..24] == [0, 0, 0, 2] {
                reply[31] = 1;
            }
            Some(reply)
        },
        found_by: &["a version that is not served is refused with the lowest and highest that are"],
    },
    Wrong {
        what: "does something for a procedure that is not there",
        fault: |call, _, answer| match answer(call) {
            Some(reply) if reply.len() == 24 && reply[23] == 3 => refusal(call, &[0, 0, 0, 0]),
            other => other,
        },
        found_by: &["a procedure that is not there is refused with PROC_UNAVAIL"],
    },
    Wrong {
        what: "takes every version of RPC",
        fault: |call, _, answer| {
            let mut call = call.to_vec();
            if call.len() >= 12 {
                call[8..12].copy_from_slice(&[0, 0, 0, 2]);
            }
            answer(&call)
        },
        found_by: &["another version of RPC than 2 is refused with RPC_MISMATCH"],
    },
    Wrong {
        what: "gives nothing where it has nothing to give",
        fault: |call, _, answer| match calls(call, SUITE, FAIL) {
            true => refusal(call, &[0, 0, 0, 0, 0]),
            false => answer(call),
        },
        found_by: &["a procedure whose results do not fit the interface fails with SYSTEM_ERR"],
    },
    Wrong {
        what: "answers what is no call",
        fault: |call, _, answer| answer(call).or_else(|| if call.len() < 28 { refusal(call, &[0; 4]) } else { None }),
        found_by: &["what is no call is not answered"],
    },
    Wrong {
        what: "takes calls that are too large",
        fault: |call, _, answer| match calls(call, SUITE, SUBTRACT) && call.len() > 300 {
            true => answer(&call[..48]),
            false => answer(call),
        },
        found_by: &["a message that is too large harms none after it"],
    },
    Wrong {
        what: "takes zeros for what is missing",
        fault: |call, _, answer| match calls(call, SUITE, SUBTRACT) && call.len() > 40 {
            true => answer(&with_arguments(call, |arguments| arguments.resize(8.max(arguments.len()), 0))),
            false => answer(call),
        },
        found_by: &["arguments that are cut anywhere are garbage"],
    },
    Wrong {
        what: "overlooks what is left",
        fault: |call, _, answer| match calls(call, SUITE, SUBTRACT) && call.len() > 48 {
            true => answer(&call[..48]),
            false => answer(call),
        },
        found_by: &["arguments with something behind them are garbage"],
    },
    Wrong {
        what: "cuts data that are too long",
        fault: |call, _, answer| match calls(call, SUITE, ECHO) && call.len() > 44 + 64 {
            true => answer(&[&call[..40], &[0, 0, 0, 64], &call[44..108]].concat()),
            false => answer(call),
        },
        found_by: &["data and text over their bounds are garbage, also beyond all memory"],
    },
    Wrong {
        what: "does not look at the fill",
        fault: |call, _, answer| match calls(call, SUITE, ECHO) && call.len() == 48 && call[43] < 4 {
            true => {
                let length = usize::from(call[43]);
                answer(&[&call[..44 + length], &[0; 4][length..]].concat())
            }
            false => answer(call),
        },
        found_by: &["fill that is not zero is garbage"],
    },
    Wrong {
        what: "takes anything for text",
        fault: |call, _, answer| match calls(call, SUITE, RENAME) {
            true => answer(&with_arguments(call, |name| name.iter_mut().skip(4).for_each(|byte| *byte &= 0x7f))),
            false => answer(call),
        },
        found_by: &["text that is not UTF-8 is garbage"],
    },
    Wrong {
        what: "executes garbage",
        fault: |call, _, answer| {
            if calls(call, SUITE, ADD) && call.len() != 44 {
                answer(&[&[!call[0]], &call[1..40], &[0, 0, 0, 1]].concat());
            }
            answer(call)
        },
        found_by: &["garbage is not executed"],
    },
    Wrong {
        what: "wants no credentials",
        fault: |call, _, answer| match has_credential(call) && call.len() >= 48 {
            true => refusal(call, &[1, 1, 5]), // MSG_DENIED, AUTH_ERROR, AUTH_TOOWEAK
            false => answer(call),
        },
        found_by: &[
            "AUTH_SYS is taken, and so is a verifier",
            "a credential of 400 bytes is taken",
            "a malformed AUTH_SYS is refused",
            "a flavor that is not known is refused, and nothing is executed",
        ],
    },
    Wrong {
        what: "does not look at credentials",
        fault: |call, _, answer| if has_credential(call) { answer(&anonymous(call)) } else { answer(call) },
        found_by: &[
            "a malformed AUTH_SYS is refused",
            "a flavor that is not known is refused, and nothing is executed",
            "one of 401 bytes, and a verifier of as many, are refused",
        ],
    },
    Wrong {
        what: "takes credentials that are cut",
        fault: |call, _, answer| match has_credential(call) && call.len() < 64 {
            true => answer(&[&call[..24], &[0; 16], &[0; 8]].concat()),
            false => answer(call),
        },
        found_by: &["a credential and a verifier that are cut are garbage"],
    },
];
