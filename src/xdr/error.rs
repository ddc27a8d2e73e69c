//! What can be wrong with a value or with its bytes.

use core::fmt;

/// What is wrong; [`DecodeError`] adds where.
///
/// One byte, so that a `Result` of it travels in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end inside a value.
    End,
    /// A padding byte is not zero (RFC 4506 §3).
    Padding,
    /// A bool is neither 0 nor 1 (RFC 4506 §4.4).
    Bool,
    /// A number does not fit the type it is for, such as 300 for a `u8` or an `i8`.
    Range,
    /// A length is larger than the bytes that are left, or a sequence has not the length it announced.
    Length,
    /// More elements or bytes than the type's bound allows.
    Bound,
    /// Text is not UTF-8.
    Text,
    /// No variant has this number (RFC 4506 §4.3, §4.15).
    Variant,
    /// Values are nested deeper than the decoder allows.
    Depth,
    /// A tuple mixes `u8` with other types.
    Mixed,
    /// Bytes are left over after the last value.
    LeftOver,
    /// The type has no form in this encoding.
    Unsupported,
    /// The type's own implementation refused the value.
    Value,
}

impl Fault {
    fn text(self) -> &'static str {
        match self {
            Self::End => "the bytes end inside a value",
            Self::Padding => "a padding byte is not zero",
            Self::Bool => "a bool is neither 0 nor 1",
            Self::Range => "a number does not fit its type",
            Self::Length => "a length disagrees with the bytes or elements that are there",
            Self::Bound => "more elements than the type's bound allows",
            Self::Text => "text is not UTF-8",
            Self::Variant => "no variant has this number",
            Self::Depth => "values are nested too deep",
            Self::Mixed => "a tuple mixes u8 with other types; use a struct",
            Self::LeftOver => "bytes are left over after the last value; do both ends use the same interface?",
            Self::Unsupported => "the type has no form in this encoding",
            Self::Value => "the type refused the value",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

impl core::error::Error for Fault {}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Value
    }
}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Value
    }

    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self::Range
    }

    fn invalid_length(_: usize, _: &dyn serde::de::Expected) -> Self {
        Self::Bound
    }

    fn invalid_type(unexpected: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        match unexpected {
            // What a tree refuses one level more with; nothing else does. serde has no kind for it.
            serde::de::Unexpected::Other(_) => Self::Depth,
            _ => Self::Value,
        }
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::Variant
    }
}

/// A value could not be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The room is too small; nothing of use was written.
    NoRoom {
        /// Bytes that the whole value needs.
        needed: usize,
        /// Bytes that were lent.
        available: usize,
    },
    /// The value has no form in this encoding.
    Refused(Fault),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom { needed, available } => {
                write!(
                    formatter,
                    "the value needs {needed} bytes but the buffer has room for {available}; lend a larger buffer"
                )
            }
            Self::Refused(fault) => write!(formatter, "the value cannot be encoded: {fault}"),
        }
    }
}

impl core::error::Error for EncodeError {}

/// Bytes are not the value that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// What is wrong.
    pub fault: Fault,
    /// Where: the first byte of the item that is wrong, in bytes from the start of what was decoded.
    ///
    /// | [`Fault`] | item |
    /// |---|---|
    /// | `End` | the number, the bytes or the padding that are not whole |
    /// | `Padding` | the padding |
    /// | `Bool`, `Range` | the number |
    /// | `Length` | the length word |
    /// | `Bound` | the length word; in a list or a tree, the bool that is followed by one element too many |
    /// | `Text` | the text, which begins with its length word |
    /// | `Variant` | the number of the enum, the union or the status of a reply |
    /// | `Depth` | the value that is one level too deep; in a tree, the word before it, which leads to it |
    /// | `Mixed` | the element that is not like the first |
    /// | `LeftOver` | what is left over |
    /// | `Unsupported` | the value |
    /// | `Value` | what follows the part that the type's own implementation read before it refused |
    ///
    /// In postcard it is the byte up to which was read.
    pub offset: usize,
    /// The number that came, which is at [`offset`](Self::offset): of [`Fault::Bool`], [`Fault::Range`],
    /// [`Fault::Length`], [`Fault::Bound`] and [`Fault::Variant`]. A negative number has 2³² added; of a number of
    /// 8 bytes it is the upper half. `None` with other faults, with an item of fewer than four bytes, in the header of a
    /// reply, and in postcard.
    pub value: Option<u32>,
}

impl DecodeError {
    /// A fault of the item that `rest` begins with, the last of `length` bytes.
    #[inline]
    pub(crate) fn at(fault: Fault, length: usize, rest: &[u8]) -> Self {
        let offset = length.saturating_sub(rest.len());
        let value = match fault {
            Fault::Bool | Fault::Range | Fault::Length | Fault::Bound | Fault::Variant => rest.first_chunk(),
            _ => None,
        };
        Self { fault, offset, value: value.map(|word| u32::from_be_bytes(*word)) }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, offset, value } = *self;
        match (fault, value) {
            (_, None) => write!(formatter, "{fault} (at byte {offset})"),
            // Most enums and narrow numbers are signed; the others have no numbers as large.
            (Fault::Variant | Fault::Range, Some(value)) => {
                write!(formatter, "{fault}: {} (at byte {offset})", value.cast_signed())
            }
            (_, Some(value)) => write!(formatter, "{fault}: {value} (at byte {offset})"),
        }
    }
}

impl core::error::Error for DecodeError {}
