//! Servers that get a type wrong.

use oncilla_suite::{bulk_1, types_1};

use super::{Answer, Wrong, calls, with_arguments, with_results};

/// The last byte of the results of a procedure is not what it should be.
fn last<const PROCEDURE: u32>(call: &[u8], _: u32, answer: Answer<'_>) -> Option<Vec<u8>> {
    match calls(call, types_1::PROGRAM, PROCEDURE) {
        true => with_results(answer(call), |results| {
            if let Some(last) = results.last_mut() {
                *last ^= 1;
            }
        }),
        false => answer(call),
    }
}

/// The first byte of the arguments of a procedure is taken for zero, and so are those that a number must not have.
fn first<const PROCEDURE: u32>(call: &[u8], _: u32, answer: Answer<'_>) -> Option<Vec<u8>> {
    match calls(call, types_1::PROGRAM, PROCEDURE) {
        true => answer(&with_arguments(call, |arguments| {
            for (byte, limit) in arguments.iter_mut().zip([0, 0, 0, 1]) {
                *byte = (*byte).min(limit);
            }
        })),
        false => answer(call),
    }
}

/// The last byte of the results of a procedure that moves a kilobyte is not what it should be.
fn bulk<const PROCEDURE: u32>(call: &[u8], _: u32, answer: Answer<'_>) -> Option<Vec<u8>> {
    match calls(call, bulk_1::PROGRAM, PROCEDURE) && call.len() > 500 {
        true => with_results(answer(call), |results| results[7] ^= 1),
        false => answer(call),
    }
}

pub const SERVERS: &[Wrong] = &[
    Wrong { what: "gets bool wrong", fault: last::<1>, found_by: &["bool"] },
    Wrong {
        what: "gets integers wrong",
        fault: last::<2>,
        found_by: &["integers of every width, with their extremes", "integers of every width, byte for byte"],
    },
    Wrong {
        what: "gets floating point wrong",
        fault: last::<3>,
        found_by: &["float and double, with zeros, infinities and what is no number"],
    },
    Wrong { what: "gets enums wrong", fault: last::<4>, found_by: &["enum"] },
    Wrong {
        what: "gets fixed opaque data wrong",
        fault: last::<5>,
        found_by: &["fixed opaque data, and an array of bytes that are numbers"],
    },
    Wrong {
        what: "gets bytes in arrays wrong",
        fault: last::<6>,
        found_by: &["fixed opaque data, and an array of bytes that are numbers"],
    },
    Wrong { what: "gets arrays wrong", fault: last::<7>, found_by: &["a fixed array"] },
    Wrong { what: "gets lists wrong", fault: last::<8>, found_by: &["a variable array, from empty to full"] },
    Wrong { what: "gets lists of lists wrong", fault: last::<9>, found_by: &["arrays in arrays, from empty to full"] },
    Wrong { what: "gets optional data wrong", fault: last::<10>, found_by: &["optional data"] },
    Wrong { what: "gets unions wrong", fault: last::<11>, found_by: &["a union of an enum, in every arm"] },
    Wrong {
        what: "sends wrong records",
        fault: last::<12>,
        found_by: &["records with every content are sent as they are", "a record, byte for byte"],
    },
    Wrong {
        what: "receives records wrongly",
        fault: last::<13>,
        found_by: &["records with every content are received as they were sent"],
    },
    Wrong { what: "gets linked lists wrong", fault: last::<14>, found_by: &["a linked list, from empty to full"] },
    Wrong { what: "mixes up arguments", fault: last::<15>, found_by: &["several arguments of different types"] },
    Wrong {
        what: "takes other numbers for bool",
        fault: first::<1>,
        found_by: &["numbers that a type has not are garbage: bool, enum, union, small integers"],
    },
    Wrong {
        what: "takes other numbers for whether there is something",
        fault: first::<10>,
        found_by: &["arrays, lists and optional data that are malformed are garbage"],
    },
    Wrong { what: "damages large data", fault: bulk::<1>, found_by: &["a kilobyte comes back, whatever is in it"] },
    Wrong {
        what: "does not check large data",
        fault: |call, count, answer| match calls(call, bulk_1::PROGRAM, 2) && call.len() > 500 {
            true => with_results(answer(call), |sum| sum[count as usize % 4] ^= 1),
            false => answer(call),
        },
        found_by: &["a kilobyte arrives, whatever its length"],
    },
    Wrong {
        what: "cuts large data",
        fault: |call, _, answer| match calls(call, bulk_1::PROGRAM, 2) && call.len() > 44 + 1024 {
            true => answer(&[&call[..40], &[0, 0, 4, 0], &call[44..44 + 1024]].concat()),
            false => answer(call),
        },
        found_by: &["one byte more is garbage"],
    },
    #[cfg(feature = "postcard")]
    Wrong {
        what: "gets postcard wrong",
        fault: |call, _, answer| match calls(call, oncilla_suite::compact::PROGRAM, 4) {
            true => with_results(answer(&with_arguments(call, |arguments| arguments.resize(13, 0))), |sum| sum[0] ^= 1),
            false => answer(call),
        },
        found_by: &["several arguments in postcard, byte for byte", "postcard that is cut or too long is garbage"],
    },
    #[cfg(feature = "postcard")]
    Wrong {
        what: "gets records in postcard wrong",
        fault: |call, _, answer| match calls(call, oncilla_suite::compact::PROGRAM, 3) {
            true => with_results(answer(call), |weight| weight[0] ^= 1),
            false => answer(call),
        },
        found_by: &["numbers and records in postcard"],
    },
];
