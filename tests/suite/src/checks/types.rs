//! Arrays, optional data, unions and lists.

use std::vec::Vec;

use oncilla::xdr::List;

use super::carrier::Reach;
use super::lab::Lab;
use super::{Check, Outcome, equal};
use crate::{Node, Parts, Row, Rows, Shape, Size, UnsignedChar, Wides, types_1};

pub fn checks<T: Reach>() -> Vec<Check<T>> {
    [
        Check::new("fixed opaque data, and an array of bytes that are numbers", bytes),
        Check::new("a fixed array", fixed),
        Check::new("a variable array, from empty to full", variable),
        Check::new("arrays in arrays, from empty to full", nested),
        Check::new("optional data", optional),
        Check::new("a union of an enum, in every arm", unions),
        Check::new("a linked list, from empty to full", chain),
    ]
    .map(|check| check.needs(Parts::TYPES))
    .into()
}

fn bytes<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    equal("packed", types_1::Client::new(&mut client).turn_packed([1, 0, 255, 3, 128])?, [128, 3, 255, 0, 1])?;
    let octet = |value| UnsignedChar { value };
    let came = types_1::Client::new(&mut client).turn_octets([0, 128, 255].map(octet))?;
    equal("octets", came, [255, 128, 0].map(octet))
}

fn fixed<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    equal("turned", types_1::Client::new(&mut client).rotate([i32::MIN, -1, i32::MAX])?, [-1, i32::MAX, i32::MIN])
}

fn variable<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    const NUMBERS: [u64; 4] = [u64::MAX, 1, 0, 1 << 63];
    let mut client = lab.client()?;
    for length in 0..=NUMBERS.len() {
        let sent = Wides::from_iter(NUMBERS.into_iter().take(length));
        let expected = Wides::from_iter(sent.iter().rev().copied());
        equal("the array turned", types_1::Client::new(&mut client).turn_wides(sent)?, expected)?;
    }
    Ok(())
}

fn nested<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    const CELLS: [&[i16]; 4] = [&[], &[-5], &[i16::MAX, i16::MAX, i16::MAX], &[i16::MIN, 1]];
    let mut client = lab.client()?;
    equal("no rows", types_1::Client::new(&mut client).sum_rows(Rows::new())?, Wides::new())?;
    for first in CELLS {
        for second in CELLS {
            let rows = Rows::from_iter([first, second].map(|cells| Row::from_iter(cells.iter().copied())));
            let sum = |cells: &[i16]| cells.iter().map(|cell| i64::from(*cell)).sum::<i64>().cast_unsigned();
            let expected = Wides::from_iter([sum(first), sum(second)]);
            equal("the sums", types_1::Client::new(&mut client).sum_rows(rows)?, expected)?;
        }
    }
    Ok(())
}

fn optional<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    for value in [None, Some(0), Some(-1), Some(i64::MAX), Some(0x0102_0304_0506_0708)] {
        let expected = value.map(|value: i64| value.wrapping_add(1));
        equal("the next number", types_1::Client::new(&mut client).next(value)?, expected)?;
    }
    Ok(())
}

fn unions<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    let mut client = lab.client()?;
    let blue = |width, height| Shape::Blue(Size { width, height });
    let pairs = [
        (Shape::Far(None), Shape::Red),
        (Shape::Far(Some(i64::MIN)), Shape::Red),
        (Shape::Red, Shape::Gold(8)),
        (Shape::Gold(-3), blue(-3, -2)),
        (Shape::Gold(i32::MAX), blue(i32::MAX, i32::MIN)),
        (blue(4, 4), Shape::Far(None)),
        (blue(4, -5), Shape::Far(Some(-5))),
    ];
    for (sent, expected) in pairs {
        equal("the other shape", types_1::Client::new(&mut client).other_shape(sent)?, expected)?;
    }
    Ok(())
}

fn chain<T: Reach>(lab: &mut Lab<'_, T>) -> Outcome {
    const VALUES: [i32; 4] = [-1, i32::MAX, 0, 17];
    let mut client = lab.client()?;
    for length in 0..=VALUES.len() {
        let values = VALUES.iter().take(length);
        let expected = values.clone().fold(0, |sum: u32, value| sum.wrapping_mul(31).wrapping_add_signed(*value));
        let nodes = List::from_iter(values.map(|value| Node { value: *value }));
        equal("the digest", types_1::Client::new(&mut client).digest_chain(nodes)?, expected)?;
    }
    Ok(())
}
