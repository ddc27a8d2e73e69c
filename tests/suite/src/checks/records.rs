//! A struct in which most types stand within others.

use std::format;
use std::vec::Vec;

use oncilla::message::ProcedureId;

use super::carrier::Reach;
use super::lab::Lab;
use super::wire::words;
use super::{Check, Outcome, equal};
use crate::{Parts, record, types_1, weigh};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("records with every content are received as they were sent", received),
        Check::new("records with every content are sent as they are", sent),
        Check::new("a record, byte for byte", as_bytes),
    ]
    .map(|check| check.needs(Parts::TYPES))
    .into()
}

/// So many give every content.
const RECORDS: u32 = 60;

fn received<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for seed in 0..RECORDS {
        let weight = types_1::Client::new(&mut client).weigh(record(seed))?;
        equal(&format!("the weight of {:?}", record(seed)), weight, weigh(&record(seed)))?;
    }
    Ok(())
}

fn sent<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for seed in 0..RECORDS {
        equal("the record", types_1::Client::new(&mut client).make_record(seed)?, record(seed))?;
    }
    Ok(())
}

/// Both ends could be wrong in the same way: the bytes are those of RFC 4506, by hand.
fn as_bytes<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let id = |procedure| ProcedureId { program: types_1::PROGRAM, version: types_1::VERSION, procedure };
    let expected = [
        // Blue; the shape is far, with a distance; a text of seven bytes.
        words([5, 0xffff_fff9, 1, 0x579b_e024, 0x68ac_ee3f, 7]),
        b"gr\xc3\xbc\xc3\x9fe\0".to_vec(),
        // A reason of nine bytes.
        words([7, 9]),
        b"123456789\0\0\0".to_vec(),
        // A limit; three bytes as words; five packed ones, the last of them zero.
        words([1, 0x579b_e024, 0x68ac_ee3f, 0x0c, 0x2f, 0x58]),
        b"\x0c\x2f\x58\xf7\0\0\0\0".to_vec(),
        // Two rows of three.
        words([2, 3, 0xffff_8000, 0x0c2f, 0x7fff, 3, 0xffff_8000, 0x0c2f, 0x7fff]),
    ]
    .concat();
    equal("the record", wire.call(id(12), &words([47]))?, Ok(expected.clone()))?;
    equal("its weight", wire.call(id(13), &expected)?, Ok(words([weigh(&record(47))])))
}
