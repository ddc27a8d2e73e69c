//! Errors of encoding and decoding.

use core::fmt;

/// The kind of an encoding or decoding error. [`DecodeError`] adds the place.
///
/// It has one byte, so that a `Result` with it fits a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end inside a value.
    End,
    /// A padding byte is not zero (RFC 4506 §3).
    Padding,
    /// A bool is neither 0 nor 1 (RFC 4506 §4.4).
    Bool,
    /// A number does not fit its type, such as 300 for a `u8`.
    Range,
    /// A length exceeds the bytes that are left, or a sequence announced another length.
    Length,
    /// There are more elements or bytes than the bound of the type allows.
    Bound,
    /// Text is not UTF-8.
    Text,
    /// No variant has this number (RFC 4506 §4.3, §4.15).
    Variant,
    /// Values are nested deeper than the decoder allows.
    Depth,
    /// A tuple mixes `u8` with other types.
    Mixed,
    /// Bytes are left over after the last value. Usually the two peers use different interfaces.
    LeftOver,
    /// The type has no form in this encoding.
    Unsupported,
    /// The type's own implementation of serde's traits refused the value.
    Value,
    /// The value would take more memory than the decoder allows, or none is left.
    ///
    /// A decoder takes at most 16 bytes of the heap for each byte of its input, and 16 KiB more.
    #[cfg(feature = "alloc")]
    Memory,
}

impl Fault {
    /// Returns the text that `Display` writes.
    fn text(self) -> &'static str {
        match self {
            Self::End => "the bytes end inside a value",
            Self::Padding => "a padding byte is not zero",
            Self::Bool => "a bool is neither 0 nor 1",
            Self::Range => "a number does not fit its type",
            Self::Length => "a length does not match the bytes or elements that follow",
            Self::Bound => "more elements or bytes than the type's bound allows",
            Self::Text => "text is not UTF-8",
            Self::Variant => "no variant has this number",
            Self::Depth => "values are nested deeper than the limit",
            Self::Mixed => "a tuple mixes u8 with other types; use a struct",
            Self::LeftOver => "bytes are left over after the last value; do both peers use the same interface?",
            Self::Unsupported => "the type has no form in this encoding",
            Self::Value => "the type refused the value",
            #[cfg(feature = "alloc")]
            Self::Memory => "the value takes more memory than 16 times its bytes, or none is left",
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
            #[cfg(feature = "alloc")]
            serde::de::Unexpected::Other(super::heap::OUT_OF_MEMORY) => Self::Memory,
            #[cfg(feature = "alloc")]
            serde::de::Unexpected::Other(super::heap::NOT_TEXT) => Self::Text,
            // Only a tree with too many levels reports `Other`; serde has no error for depth.
            serde::de::Unexpected::Other(_) => Self::Depth,
            _ => Self::Value,
        }
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::Variant
    }
}

/// The reason why a value was not encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The buffer is too small. Its contents are unspecified.
    NoRoom {
        /// The bytes that the whole value needs.
        needed: usize,
        /// The bytes of the buffer, or those left in it after earlier values.
        available: usize,
    },
    /// The value has no form in this encoding, or exceeds a bound.
    Refused(Fault),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom { needed, available } => {
                let missing = needed.saturating_sub(*available);
                write!(
                    formatter,
                    "the next value needs {needed} bytes, but {available} are left in the buffer; \
                     it must be at least {missing} bytes larger"
                )
            }
            Self::Refused(fault) => write!(formatter, "the value cannot be encoded: {fault}"),
        }
    }
}

impl core::error::Error for EncodeError {}

/// The reason why bytes were not decoded, and the place in them.
///
/// ```
/// use oncilla::xdr::{self, DecodeError, Fault};
/// let error = xdr::decode::<(u32, bool)>(&[0, 0, 0, 1, 0, 0, 0, 2]).unwrap_err();
/// assert_eq!(error, DecodeError { fault: Fault::Bool, offset: 4, value: Some(2) });
/// assert_eq!(error.to_string(), "a bool is neither 0 nor 1: 2 (at byte 4)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// What is wrong.
    pub fault: Fault,
    /// The first byte of the wrong item, counted from the start of the decoded bytes.
    ///
    /// | [`Fault`] | item |
    /// |---|---|
    /// | `End` | the number, the bytes or the padding that the input ends in |
    /// | `Padding` | the padding |
    /// | `Bool`, `Range` | the number |
    /// | `Length` | the length word |
    /// | `Bound` | the length word; in a list or a tree, the bool before the element that is too many |
    /// | `Text` | the length word of the text |
    /// | `Variant` | the number of the enum, the union or the status of a reply |
    /// | `Depth` | the value that is one level too deep; in a tree, the word before that value |
    /// | `Mixed` | the first element of another kind |
    /// | `LeftOver` | the bytes left over |
    /// | `Unsupported` | the value |
    /// | `Value` | the bytes after the part that the type read before it refused |
    ///
    /// In postcard, the offset is the number of bytes read before the error.
    pub offset: usize,
    /// The number received at [`offset`](Self::offset), as an unsigned word.
    ///
    /// It is set for [`Fault::Bool`], [`Fault::Range`], [`Fault::Length`], [`Fault::Bound`] and [`Fault::Variant`]. A
    /// negative number appears with 2³² added. For a number of 8 bytes it is the upper half.
    ///
    /// `None` for other faults, for an item of fewer than four bytes, in the header of a reply, and in postcard.
    pub value: Option<u32>,
}

impl DecodeError {
    /// Creates the error for an item at the start of `rest`.
    ///
    /// `rest` is the last part of the input, which has `length` bytes.
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
            // Most enums and narrow numbers are signed, and the unsigned ones stay far below 2³¹.
            (Fault::Variant | Fault::Range, Some(value)) => {
                write!(formatter, "{fault}: {} (at byte {offset})", value.cast_signed())
            }
            (_, Some(value)) => write!(formatter, "{fault}: {value} (at byte {offset})"),
        }
    }
}

impl core::error::Error for DecodeError {}
