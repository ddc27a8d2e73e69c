//! Functions that the expansions of the type macros call. Not for use by hand.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Reads the next field of a struct or union.
#[inline]
pub fn field<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(fields: &mut A) -> Result<T, A::Error> {
    match fields.next_element()? {
        Some(value) => Ok(value),
        None => Err(A::Error::custom("a field is missing")),
    }
}

/// Reads an int, and returns what `known` returns for it.
///
/// If `known` returns `None`, the decoder does not advance, so that the error holds the place and the number.
#[inline]
pub fn known_number<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    known: impl FnOnce(i32) -> Option<T>,
) -> Result<T, D::Error> {
    deserializer.deserialize_i32(NumberVisitor(known))
}

/// Reads an int by the function within.
struct NumberVisitor<F>(F);

impl<T, F: FnOnce(i32) -> Option<T>> Visitor<'_> for NumberVisitor<F> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the number of a variant")
    }

    #[inline]
    fn visit_i32<E: Error>(self, number: i32) -> Result<T, E> {
        (self.0)(number).ok_or_else(unknown_variant)
    }

    // Self-describing encodings choose their own types for numbers.
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        i32::try_from(number).ok().and_then(self.0).ok_or_else(unknown_variant)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        i32::try_from(number).ok().and_then(self.0).ok_or_else(unknown_variant)
    }
}

/// Returns the error for a number without a variant.
#[inline]
pub fn unknown_variant<E: Error>() -> E {
    E::unknown_variant("another number", &[])
}

/// Returns the error for a default arm that holds the number of another arm.
#[inline]
pub fn listed_number<E: serde::ser::Error>() -> E {
    E::custom("the default arm holds a number that another arm has")
}

/// Returns whether no number occurs twice.
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

/// Expands to the pattern `_`, in a place that repeats with `$tokens`.
#[macro_export]
#[doc(hidden)]
macro_rules! __any {
    ($($tokens:tt)*) => {
        _
    };
}

/// Expands to a value, in a place that repeats with `$tokens`.
#[macro_export]
#[doc(hidden)]
macro_rules! __value {
    ($value:expr, $($tokens:tt)*) => {
        $value
    };
}
