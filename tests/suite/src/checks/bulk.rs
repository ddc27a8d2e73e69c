//! Messages of more than a kilobyte.

use std::format;
use std::vec;
use std::vec::Vec;

use oncilla::framing::crc32;
use oncilla::message::{ProcedureId, Refusal};

use super::carrier::Reach;
use super::lab::Lab;
use super::wire::words;
use super::{Check, Outcome, equal};
use crate::{BULK_SIZE, Parts, bulk_1};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("a kilobyte comes back, whatever is in it", echo),
        Check::new("a kilobyte arrives, whatever its length", checksum),
        Check::new("one byte more is garbage", over),
    ]
    .map(|check| check.needs(Parts::BULK))
    .into()
}

/// Lengths at which framings do something else: chunks of COBS are 254 bytes.
const LENGTHS: [usize; 14] = [0, 1, 3, 4, 5, 200, 253, 254, 255, 508, 509, 762, 1023, BULK_SIZE];

fn echo<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for length in LENGTHS {
        let counted: Vec<_> = (0..length).map(|i| i as u8).collect();
        for bytes in [vec![0; length], vec![0xa5; length], counted] {
            equal(&format!("{length} bytes"), bulk_1::Client::new(&mut client).echo(&bytes)?, &bytes[..])?;
        }
    }
    Ok(())
}

fn checksum<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for length in LENGTHS {
        let bytes: Vec<_> = (0..length).map(|i| (i * i / 7) as u8).collect();
        let came = bulk_1::Client::new(&mut client).checksum(&bytes)?;
        equal(&format!("the check value of {length} bytes"), came, crc32(&bytes))?;
    }
    // As zlib has it.
    equal("the check value", bulk_1::Client::new(&mut client).checksum(b"123456789")?, 0xcbf4_3926)
}

fn over<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let length = BULK_SIZE as u32 + 1;
    let arguments = [words([length]), vec![0; BULK_SIZE + 4]].concat();
    for procedure in [1, 2] {
        let id = ProcedureId { program: bulk_1::PROGRAM, version: bulk_1::VERSION, procedure };
        equal("the call", wire.call(id, &arguments)?, Err(Refusal::GarbageArguments))?;
        wire.good()?;
    }
    Ok(())
}
