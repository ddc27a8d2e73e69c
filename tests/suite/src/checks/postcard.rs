//! Payloads in postcard. Feature `postcard`.
#![cfg(feature = "postcard")]

use std::vec::Vec;

use oncilla::message::{ProcedureId, Refusal};

use super::carrier::Reach;
use super::lab::Lab;
use super::{Check, Outcome, equal};
use crate::types::invert;
use crate::{Integers, Parts, compact, mix, record, weigh};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("numbers and records in postcard", values),
        Check::new("several arguments in postcard, byte for byte", as_bytes),
        Check::new("postcard that is cut or too long is garbage", garbage),
    ]
    .map(|check| check.needs(Parts::POSTCARD))
    .into()
}

fn values<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let value =
        Integers { tiny: -1, octet: 255, small: -300, half: 300, word: 1, natural: 128, wide: i64::MIN, broad: 127 };
    let expected = invert(&value);
    equal("every bit turned", compact::Client::new(&mut client).invert(value)?, expected)?;
    for seed in 0..20 {
        equal("the record", compact::Client::new(&mut client).make_record(seed)?, record(seed))?;
        equal("its weight", compact::Client::new(&mut client).weigh(record(seed))?, weigh(&record(seed)))?;
    }
    Ok(())
}

const MANY: ProcedureId = ProcedureId { program: compact::PROGRAM, version: compact::VERSION, procedure: 4 };

/// -1, 300, true, "ab", -2, and five bytes.
const ARGUMENTS: [u8; 13] = [0xff, 0xac, 0x02, 1, 2, b'a', b'b', 3, 1, 2, 3, 4, 5];

fn as_bytes<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let expected = mix(-1, 300, true, "ab", -2, [1, 2, 3, 4, 5]);
    let mut varint = Vec::new();
    let mut rest = expected;
    while rest > 0x7f {
        varint.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    varint.push(rest as u8);
    equal("the results", lab.wire()?.call(MANY, &ARGUMENTS)?, Ok(varint))
}

fn garbage<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let longer = [&ARGUMENTS[..], &[0]].concat();
    for length in (0..ARGUMENTS.len()).chain([longer.len()]) {
        equal("the call", wire.call(MANY, &longer[..length])?, Err(Refusal::GarbageArguments))?;
        wire.good()?;
    }
    Ok(())
}
