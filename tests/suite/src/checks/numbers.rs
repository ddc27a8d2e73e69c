//! Numbers of every type, and their bytes.

use std::format;
use std::vec::Vec;

use oncilla::message::ProcedureId;

use super::carrier::Reach;
use super::lab::Lab;
use super::wire::words;
use super::{Check, Outcome, equal};
use crate::types::invert;
use crate::{Color, Integers, Parts, Reals, types_1};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("bool", bools),
        Check::new("integers of every width, with their extremes", integers),
        Check::new("integers of every width, byte for byte", integers_as_bytes),
        Check::new("float and double, with zeros, infinities and what is no number", reals),
        Check::new("enum", enums),
        Check::new("several arguments of different types", many),
    ]
    .map(|check| check.needs(Parts::TYPES))
    .into()
}

fn bools<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for value in [false, true] {
        equal("the other one", types_1::Client::new(&mut client).negate(value)?, !value)?;
    }
    Ok(())
}

/// Zero, both extremes of each type, and bytes that all differ.
fn samples() -> [Integers; 4] {
    let small = Integers {
        tiny: i8::MIN,
        octet: u8::MIN,
        small: i16::MIN,
        half: u16::MIN,
        word: i32::MIN,
        natural: u32::MIN,
        wide: i64::MIN,
        broad: u64::MIN,
    };
    let mixed = Integers {
        tiny: 0x12,
        octet: 0xfe,
        small: 0x1234,
        half: 0xfedc,
        word: 0x1234_5678,
        natural: 0xfedc_ba98,
        wide: 0x0123_4567_89ab_cdef,
        broad: 0xfedc_ba98_7654_3210,
    };
    let zero = Integers { tiny: 0, octet: 0, small: 0, half: 0, word: 0, natural: 0, wide: 0, broad: 0 };
    [zero, invert(&small), small, mixed]
}

fn integers<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for value in samples() {
        let expected = invert(&value);
        equal("every bit turned", types_1::Client::new(&mut client).invert(value)?, expected)?;
    }
    Ok(())
}

/// Both ends could be wrong in the same way: the bytes are those of RFC 4506, by hand.
fn integers_as_bytes<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut wire = lab.wire()?;
    let id = ProcedureId { program: types_1::PROGRAM, version: types_1::VERSION, procedure: 2 };
    let sent =
        [0x12, 0xfe, 0x1234, 0xfedc, 0x1234_5678, 0xfedc_ba98, 0x0123_4567, 0x89ab_cdef, 0xfedc_ba98, 0x7654_3210];
    let expected = [
        // A sign goes as far as the four bytes do; what has none is filled with zeros.
        0xffff_ffed,
        0x01,
        0xffff_edcb,
        0x0123,
        0xedcb_a987,
        0x0123_4567,
        0xfedc_ba98,
        0x7654_3210,
        0x0123_4567,
        0x89ab_cdef,
    ];
    equal("the results", wire.call(id, &words(sent))?, Ok(words(expected)))
}

fn reals<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    const NUMBERS: [(f32, f64); 9] = [
        (0.0, -0.0),
        (-0.0, 0.0),
        (1.5, -2.25),
        (f32::MIN, f64::MAX),
        (f32::MIN_POSITIVE, f64::MIN_POSITIVE),
        (f32::INFINITY, f64::NEG_INFINITY),
        (f32::NAN, f64::NAN),
        // The smallest there are.
        (f32::from_bits(1), f64::from_bits(1)),
        (core::f32::consts::PI, core::f64::consts::PI),
    ];
    let mut client = lab.client()?;
    for (single, precise) in NUMBERS {
        let Reals { single: less, precise: least } = types_1::Client::new(&mut client).opposite(single, precise)?;
        let came = (less.to_bits(), least.to_bits());
        let expected = (single.to_bits() ^ 1 << 31, precise.to_bits() ^ 1 << 63);
        equal(&format!("the bits of {single} and {precise} with other signs"), came, expected)?;
    }
    Ok(())
}

fn enums<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for (color, word) in [(Color::Far, "far"), (Color::Red, "red"), (Color::Gold, "gold"), (Color::Blue, "blue")] {
        equal("the color", types_1::Client::new(&mut client).spell(color)?, word)?;
    }
    Ok(())
}

fn many<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for (tiny, flag, text, small) in [(-1, true, "eight by", 2), (1, false, "", -2), (0, true, "äöü", i16::MIN)] {
        let (broad, bytes) = (0x0123_4567_89ab_cdef, [9, 8, 0, 6, 5]);
        let came = types_1::Client::new(&mut client).many(tiny, broad, flag, text, small, bytes)?;
        equal("what was made of them", came, crate::mix(tiny, broad, flag, text, small, bytes))?;
    }
    Ok(())
}
