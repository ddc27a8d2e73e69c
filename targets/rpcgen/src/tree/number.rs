//! Numbers, as they are written.

use crate::source::Place;

/// A number as it is written: `-1`, `0x20000001`, `0170000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The text, with its sign and in its base.
    pub text: String,
    /// The value.
    pub value: i128,
    /// The place of the number.
    pub place: Place,
}

/// The base in which a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// `123`
    Decimal,
    /// `0173`
    Octal,
    /// `0x7b`
    Hexadecimal,
}

impl Number {
    /// Parses a number of at most 64 bits. Returns `None` for other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<i128> {
        let (negative, magnitude) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (base, digits) = split_base(magnitude);
        let radix = match base {
            Base::Decimal => 10,
            Base::Octal => 8,
            Base::Hexadecimal => 16,
        };
        // `from_str_radix` would accept a sign here.
        let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
        let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
        Some(if negative { -magnitude } else { magnitude })
    }

    /// Returns the base in which the number is written.
    #[must_use]
    pub fn base(&self) -> Base {
        split_base(self.text.trim_start_matches('-')).0
    }
}

fn split_base(magnitude: &str) -> (Base, &str) {
    let hexadecimal = magnitude.strip_prefix("0x").or_else(|| magnitude.strip_prefix("0X"));
    match (hexadecimal, magnitude.strip_prefix('0').filter(|digits| !digits.is_empty())) {
        (Some(digits), _) => (Base::Hexadecimal, digits),
        (None, Some(digits)) => (Base::Octal, digits),
        (None, None) => (Base::Decimal, magnitude),
    }
}
