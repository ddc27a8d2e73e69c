//! Text on the heap.

use alloc::string::String;
use core::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

use super::reserved;
use crate::codec::bound::{Bound, Counted, End, max_size_within, over_bound};
use crate::xdr::heap::{TEXT, not_text};

#[diagnostic::do_not_recommend]
impl<'de, B: Bound<Rest = End>> Counted<'de, B> for String {
    const SIZE: usize = max_size_within(1, B::MAX);

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::codec::encoding::check(self.len(), B::MAX)?;
        serializer.serialize_bytes(self.as_bytes())
    }

    #[inline]
    fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(TEXT, Text { bound: B::MAX })
    }
}

/// Copies text of at most `bound` bytes.
struct Text {
    bound: usize,
}

impl<'de> Visitor<'de> for Text {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "text of at most {} bytes", self.bound)
    }

    /// Reads from the decoder of XDR, which has not checked that the bytes are text.
    #[inline]
    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<String, E> {
        if bytes.len() > self.bound {
            // As for borrowed text, whose bytes are checked before its length.
            let is_text = core::str::from_utf8(bytes).is_ok();
            return Err(if is_text { over_bound(bytes.len()) } else { not_text() });
        }
        // `String` would reserve by a function of the standard library that is not inlined.
        let mut copy = reserved(bytes.len())?;
        copy.extend_from_slice(bytes);
        String::from_utf8(copy).map_err(|_| not_text())
    }

    /// Reads from another encoding.
    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }

    /// Reads text of another encoding.
    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        self.visit_bytes(text.as_bytes())
    }
}
