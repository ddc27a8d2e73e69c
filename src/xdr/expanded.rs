//! What the macros for types expand to calls of. Not for use by hand.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// The next field of a struct or union.
#[inline]
pub fn field<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(fields: &mut A) -> Result<T, A::Error> {
    match fields.next_element()? {
        Some(value) => Ok(value),
        None => Err(A::Error::custom("a field is missing")),
    }
}

/// Reads an int that stands for something. The decoder takes it only then, so that an error tells its place and it.
#[inline]
pub fn known_number<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    known: impl FnOnce(i32) -> Option<T>,
) -> Result<T, D::Error> {
    deserializer.deserialize_i32(Known(known))
}

struct Known<F>(F);

impl<T, F: FnOnce(i32) -> Option<T>> Visitor<'_> for Known<F> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the number of a variant")
    }

    #[inline]
    fn visit_i32<E: Error>(self, number: i32) -> Result<T, E> {
        (self.0)(number).ok_or_else(unknown_variant)
    }

    // Encodings that describe themselves have their own types for numbers.
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        i32::try_from(number).ok().and_then(self.0).ok_or_else(unknown_variant)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        i32::try_from(number).ok().and_then(self.0).ok_or_else(unknown_variant)
    }
}

/// The number that came has no variant.
#[inline]
pub fn unknown_variant<E: Error>() -> E {
    E::unknown_variant("another number", &[])
}

/// A default arm holds a number that a variant of its own has.
#[inline]
pub fn listed_number<E: serde::ser::Error>() -> E {
    E::custom("the default arm holds a number that another arm has")
}

/// Whether no number stands twice.
#[must_use]
pub const fn all_different(numbers: &[i128]) -> bool {
    let mut i = 0;
    while i < numbers.len() {
        let mut j = i + 1;
        while j < numbers.len() {
            if numbers[i] == numbers[j] {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

/// The pattern that matches anything, in a place that repeats with `$tokens`.
#[macro_export]
#[doc(hidden)]
macro_rules! __any {
    ($($tokens:tt)*) => {
        _
    };
}

/// A value, in a place that repeats with `$tokens`.
#[macro_export]
#[doc(hidden)]
macro_rules! __value {
    ($value:expr, $($tokens:tt)*) => {
        $value
    };
}
