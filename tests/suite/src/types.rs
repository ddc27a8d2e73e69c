//! Every type. Feature `types`.
#![cfg(feature = "types")]

use crate::record::{put_all, record, weigh};
use crate::{
    Chain, Color, Integers, Maybe, Octets, Packed, Reals, Record, Rows, Shape, Size, Suite, Triple, Wides, types_1,
};

impl types_1::Service for Suite {
    fn negate(&mut self, value: bool) -> bool {
        !value
    }

    fn invert(&mut self, value: Integers) -> Integers {
        invert(&value)
    }

    fn opposite(&mut self, single: f32, precise: f64) -> Reals {
        Reals { single: -single, precise: -precise }
    }

    fn spell(&mut self, value: Color) -> &str {
        match value {
            Color::Far => "far",
            Color::Red => "red",
            Color::Gold => "gold",
            Color::Blue => "blue",
        }
    }

    fn turn_packed(&mut self, [a, b, c, d, e]: Packed) -> Packed {
        [e, d, c, b, a]
    }

    fn turn_octets(&mut self, [a, b, c]: Octets) -> Octets {
        [c, b, a]
    }

    fn rotate(&mut self, [a, b, c]: Triple) -> Triple {
        [b, c, a]
    }

    fn turn_wides(&mut self, value: Wides) -> Wides {
        gathered(value.iter().rev().copied())
    }

    fn sum_rows(&mut self, value: Rows) -> Wides {
        // Negative sums wrap around as they do on the host.
        gathered(value.iter().map(|row| row.iter().fold(0, |sum: u64, cell| sum.wrapping_add_signed((*cell).into()))))
    }

    fn next(&mut self, value: Maybe) -> Maybe {
        value.map(|number| number.wrapping_add(1))
    }

    fn other_shape(&mut self, value: Shape) -> Shape {
        match value {
            Shape::Far(_) => Shape::Red,
            Shape::Red => Shape::Gold(8),
            Shape::Gold(radius) => Shape::Blue(Size { width: radius, height: radius.wrapping_add(1) }),
            Shape::Blue(Size { width, height }) => Shape::Far((width != height).then_some(height.into())),
        }
    }

    fn make_record(&mut self, seed: u32) -> Record<'_> {
        record(seed)
    }

    fn weigh(&mut self, value: Record<'_>) -> u32 {
        weigh(&value)
    }

    fn digest_chain(&mut self, value: Chain) -> u32 {
        value.iter().fold(0, |sum: u32, node| sum.wrapping_mul(31).wrapping_add_signed(node.value))
    }

    fn many(&mut self, tiny: i8, broad: u64, flag: bool, text: &str, small: i16, bytes: Packed) -> u64 {
        mix(tiny, broad, flag, text, small, bytes)
    }
}

/// Every bit of every number turned.
pub(crate) const fn invert(value: &Integers) -> Integers {
    let Integers { tiny, octet, small, half, word, natural, wide, broad } = *value;
    Integers {
        tiny: !tiny,
        octet: !octet,
        small: !small,
        half: !half,
        word: !word,
        natural: !natural,
        wide: !wide,
        broad: !broad,
    }
}

/// As many as there is room for.
fn gathered<T, const N: usize>(values: impl Iterator<Item = T>) -> heapless::Vec<T, N> {
    let mut gathered = heapless::Vec::new();
    for value in values {
        let _ = gathered.push(value);
    }
    gathered
}

/// A number made of the arguments of TYPES_MANY.
#[must_use]
pub fn mix(tiny: i8, broad: u64, flag: bool, text: &str, small: i16, bytes: Packed) -> u64 {
    let weight = put_all(u32::from(flag), [tiny.cast_unsigned().into(), small.cast_unsigned().into()]);
    let weight = put_all(weight, text.bytes().chain(bytes).map(u32::from));
    broad.rotate_left(7) ^ u64::from(weight)
}
