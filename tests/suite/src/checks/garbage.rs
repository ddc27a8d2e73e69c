//! Arguments that are not what the interface says: GARBAGE_ARGS, nothing is executed, and the next call works.

use std::format;
use std::vec::Vec;

use oncilla::message::{ProcedureId, Refusal};

use super::carrier::Reach;
use super::lab::Lab;
use super::wire::{ADD, ECHO, RENAME, SUBTRACT, SUM, Wire, suite, words};
use super::{Check, Outcome, equal};
use crate::{DATA_SIZE, NAME_SIZE, Parts, suite_1, types_1};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("arguments that are cut anywhere are garbage", cut),
        Check::new("arguments with something behind them are garbage", too_long),
        Check::new("data and text over their bounds are garbage, also beyond all memory", over),
        Check::new("fill that is not zero is garbage", fill),
        Check::new("text that is not UTF-8 is garbage", not_text),
        Check::new("numbers that a type has not are garbage: bool, enum, union, small integers", numbers)
            .needs(Parts::TYPES),
        Check::new("arrays, lists and optional data that are malformed are garbage", lists).needs(Parts::TYPES),
        Check::new("garbage is not executed", not_executed),
    ]
    .into()
}

fn garbage<T: Reach>(wire: &mut Wire<T>, id: ProcedureId, arguments: &[u8]) -> Outcome {
    let what = format!("procedure {} of {:#x} with {arguments:02x?}", id.procedure, id.program);
    equal(&what, wire.call(id, arguments)?, Err(Refusal::GarbageArguments))?;
    wire.good()
}

fn cut<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    for length in 0..8 {
        garbage(&mut wire, suite(SUBTRACT), &[0; 8][..length])?;
    }
    let text = [words([5]), b"board\0\0\0".to_vec()].concat();
    for length in 0..text.len() {
        garbage(&mut wire, suite(RENAME), &text[..length])?;
    }
    Ok(())
}

fn too_long<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    for more in [1, 2, 3, 4, 8] {
        for (procedure, length) in [(0, 0), (SUM, 0), (SUBTRACT, 8), (ECHO, 4)] {
            garbage(&mut wire, suite(procedure), &[0; 16][..length + more])?;
        }
    }
    Ok(())
}

fn over<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    for (procedure, bound) in [(ECHO, DATA_SIZE as u32), (RENAME, NAME_SIZE as u32)] {
        let bytes = Vec::from([b'x'; DATA_SIZE + 4]);
        let longer = [words([bound + 1]), bytes[..bound as usize + 1].to_vec(), Vec::from([0; 3])].concat();
        garbage(&mut wire, suite(procedure), &longer)?;
        for length in [bound + 1, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff] {
            garbage(&mut wire, suite(procedure), &[words([length]), bytes[..32].to_vec()].concat())?;
        }
    }
    Ok(())
}

fn fill<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    for length in [1_usize, 2, 3, 5] {
        for at in length..length.next_multiple_of(4) {
            let mut arguments = words([length as u32, 0, 0]);
            arguments.truncate(4 + length.next_multiple_of(4));
            arguments[4 + at] = 1;
            garbage(&mut wire, suite(ECHO), &arguments)?;
            garbage(&mut wire, suite(RENAME), &arguments)?;
        }
    }
    Ok(())
}

fn not_text<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    for text in [[0x80, b'a', b'b', b'c'], [b'a', b'b', b'c', 0xc3], [0xed, 0xa0, 0x80, b'a'], [0xff; 4]] {
        garbage(&mut wire, suite(RENAME), &[words([4]), text.to_vec()].concat())?;
        let echoed = wire.call(suite(ECHO), &[words([4]), text.to_vec()].concat())?;
        equal("the same as opaque data", echoed, Ok([words([4]), text.to_vec()].concat()))?;
    }
    Ok(())
}

const fn types(procedure: u32) -> ProcedureId {
    ProcedureId { program: types_1::PROGRAM, version: types_1::VERSION, procedure }
}

fn numbers<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    const NEGATE: u32 = 1;
    const INVERT: u32 = 2;
    const SPELL: u32 = 4;
    const TURN_OCTETS: u32 = 6;
    const OTHER_SHAPE: u32 = 11;
    let mut wire = lab.wire()?;
    for number in [2, 256, 0x0100_0000, u32::MAX] {
        garbage(&mut wire, types(NEGATE), &words([number]))?;
    }
    for number in [0, 1, 4, 6, u32::MAX, 0x8000_0000] {
        garbage(&mut wire, types(SPELL), &words([number]))?;
        garbage(&mut wire, types(OTHER_SHAPE), &words([number]))?;
        garbage(&mut wire, types(OTHER_SHAPE), &words([number, 1]))?;
    }
    // -129 is the other: C peers send such numbers with their sign or without.
    for number in [256, 0xffff_ff7f] {
        garbage(&mut wire, types(TURN_OCTETS), &words([1, number, 3]))?;
    }
    // Of a char, an unsigned char, a short and an unsigned short, what is next to their extremes with a sign and without.
    let next: [(usize, [i32; 2]); 4] = [(0, [-129, 256]), (1, [-129, 256]), (2, [-32769, 65536]), (3, [-32769, 65536])];
    for (field, numbers) in next {
        for number in numbers {
            let mut arguments = words([0; 10]);
            arguments[4 * field..][..4].copy_from_slice(&number.to_be_bytes());
            garbage(&mut wire, types(INVERT), &arguments)?;
        }
    }
    Ok(())
}

fn lists<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    const TURN_WIDES: u32 = 8;
    const SUM_ROWS: u32 = 9;
    const NEXT: u32 = 10;
    const DIGEST_CHAIN: u32 = 14;
    let mut wire = lab.wire()?;
    for length in [5, 6, 0x2000_0000, 0x8000_0000, u32::MAX] {
        garbage(&mut wire, types(TURN_WIDES), &words([length, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5]))?;
        garbage(&mut wire, types(SUM_ROWS), &words([length, 0, 0, 0, 0, 0]))?;
        garbage(&mut wire, types(SUM_ROWS), &words([1, length, 1, 2, 3, 4, 5]))?;
    }
    garbage(&mut wire, types(TURN_WIDES), &words([2, 0, 1, 0]))?;
    for there in [2, u32::MAX] {
        garbage(&mut wire, types(NEXT), &words([there, 0, 1]))?;
        garbage(&mut wire, types(DIGEST_CHAIN), &words([1, 7, there]))?;
    }
    garbage(&mut wire, types(NEXT), &words([0, 0, 1]))?;
    garbage(&mut wire, types(DIGEST_CHAIN), &words([1, 1, 1, 2, 1, 3, 1, 4, 1, 5, 0]))?;
    garbage(&mut wire, types(DIGEST_CHAIN), &words([1, 1, 1, 2]))
}

fn not_executed<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let sum = suite_1::Client::new(&mut lab.client()?).sum()?;
    let mut wire = lab.wire()?;
    for arguments in [&[][..], &[0, 0, 0], &[0, 0, 0, 1, 0], &[0, 0, 0, 1, 0, 0, 0, 1]] {
        garbage(&mut wire, suite(ADD), arguments)?;
    }
    drop(wire);
    equal("the sum", suite_1::Client::new(&mut lab.client()?).sum()?, sum)
}
