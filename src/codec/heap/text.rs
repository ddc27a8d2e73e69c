//! Text on the heap.

use alloc::string::String;
use core::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

use crate::codec::bound::{Bound, Counted, End, max_size_within, over_bound};
use crate::xdr::heap::out_of_memory;

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
        deserializer.deserialize_str(Text { bound: B::MAX })
    }
}

/// Copies text of at most `bound` bytes.
struct Text {
    bound: usize,
}

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "text of at most {} bytes", self.bound)
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        if text.len() > self.bound {
            return Err(over_bound(text.len()));
        }
        let mut copy = String::new();
        copy.try_reserve_exact(text.len()).map_err(|_| out_of_memory())?;
        copy.push_str(text);
        Ok(copy)
    }
}
