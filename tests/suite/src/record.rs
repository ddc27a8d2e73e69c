//! A record in which most types stand. Feature `types`.
#![cfg(feature = "types")]

use crate::{Color, Maybe, Outcome, Record, Row, Rows, Shape, Size, UnsignedChar};

/// What the texts and opaque data of a record are taken from. It has characters of several bytes, zeros after some
/// lengths, and more than a record can hold.
const LABELS: [&str; 5] = ["", "a", "grüße", "twelve chars", "abc"];
const REASONS: [&[u8]; 5] = [b"", b"\0", b"\xff\0\0", b"\0\0\0\0", b"123456789"];

/// The record of a number. 240 numbers in a row give every kind of content with every other.
#[must_use]
pub fn record(seed: u32) -> Record<'static> {
    let tint = [Color::Far, Color::Red, Color::Gold, Color::Blue];
    let wide = i64::from(seed).wrapping_mul(0x1234_5678_9abc_def1);
    let limit = (!seed.is_multiple_of(3)).then_some(wide);
    let [a, b, c, d] = seed.wrapping_mul(0x9e37_79b9).to_be_bytes();
    let mut row = Row::new();
    let mut table = Rows::new();
    for cell in [i16::MIN, i16::from_be_bytes([a, b]), i16::MAX].into_iter().take((seed % 4) as usize) {
        let _ = row.push(cell);
    }
    for _ in 0..seed % 3 {
        let _ = table.push(row.clone());
    }
    Record {
        tint: pick(tint, seed).unwrap_or(Color::Far),
        form: match seed % 4 {
            0 => Shape::Red,
            1 => Shape::Gold(i32::from_be_bytes([a, b, c, d])),
            2 => Shape::Blue(Size { width: i32::MIN, height: i32::MAX }),
            _ => Shape::Far(limit),
        },
        label: pick(LABELS, seed).unwrap_or_default(),
        result: match seed % 5 {
            0 => Outcome::Value(u64::MAX),
            1 => Outcome::CaseMinus16,
            2 | 3 => Outcome::Reason(pick(REASONS, seed.wrapping_div(5)).unwrap_or_default()),
            _ => Outcome::Default(-17),
        },
        limit,
        words: [a, b, c].map(|value| UnsignedChar { value }),
        bytes: [a, b, c, d, 0],
        table,
    }
}

/// One of the values, in turn. No index: it could panic as far as a compiler sees.
fn pick<T, const N: usize>(values: [T; N], seed: u32) -> Option<T> {
    let count = u32::try_from(N).unwrap_or(u32::MAX);
    values.into_iter().nth(seed.checked_rem(count)? as usize)
}

/// Puts one more number to those before.
const fn put(weight: u32, number: u32) -> u32 {
    weight.rotate_left(5) ^ number
}

pub(crate) fn put_all(weight: u32, numbers: impl IntoIterator<Item = u32>) -> u32 {
    numbers.into_iter().fold(weight, put)
}

fn put_wide(weight: u32, number: u64) -> u32 {
    put(put(weight, (number >> 32) as u32), number as u32)
}

/// A number made of all that is in a record. Both ends compute it from the values, and not from their encoding.
#[must_use]
pub fn weigh(record: &Record<'_>) -> u32 {
    let Record { tint, form, label, result, limit, words, bytes, table } = record;
    let weigh_maybe = |weight, maybe: Maybe| match maybe {
        Some(number) => put_wide(put(weight, 1), number.cast_unsigned()),
        None => put(weight, 0),
    };
    let mut weight = put(1, tint.number().cast_unsigned());
    weight = match form {
        Shape::Red => put(weight, 2),
        Shape::Gold(radius) => put_all(weight, [3, radius.cast_unsigned()]),
        Shape::Blue(Size { width, height }) => put_all(weight, [5, width.cast_unsigned(), height.cast_unsigned()]),
        Shape::Far(distance) => weigh_maybe(put(weight, 7), *distance),
    };
    weight = put_all(weight, label.bytes().map(u32::from));
    weight = match result {
        Outcome::Value(value) => put_wide(put(weight, 1), *value),
        Outcome::CaseMinus16 => put(weight, 2),
        Outcome::Reason(reason) => put_all(put(weight, 3), reason.iter().copied().map(u32::from)),
        Outcome::Default(status) => put_all(weight, [4, status.cast_unsigned()]),
    };
    weight = weigh_maybe(weight, *limit);
    weight = put_all(weight, words.iter().map(|word| word.value.into()));
    weight = put_all(weight, bytes.iter().copied().map(u32::from));
    table
        .iter()
        .fold(weight, |weight, row| put_all(put(weight, 9), row.iter().map(|cell| u32::from(cell.cast_unsigned()))))
}
