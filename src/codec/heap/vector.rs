//! Vectors on the heap: one block for bytes, one element after another for other types.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::Serializer;

use super::{Charge, reserved};
use crate::codec::bound::{Any, At, Counted, Put, Taken, max_size_within, over_bound};
use crate::xdr::heap::{DOUBLE_WORDS, VECTOR, WORDS, out_of_memory};

// Twice, because the size of a vector without a bound must not depend on that of its elements: a recursive type would
// have no largest size.
macro_rules! vectors {
    ($([$($parameter:tt)*] $bounds:ty: $max:expr, $size:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'de, T: Counted<'de, R>, R, $($parameter)*> Counted<'de, $bounds> for Vec<T> {
            const SIZE: usize = $size;

            #[inline]
            fn count(&self) -> usize {
                self.len()
            }

            #[inline]
            fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::codec::encoding::check(self.len(), $max)?;
                match T::as_bytes(self) {
                    Some(bytes) => serializer.serialize_bytes(bytes),
                    None => serializer.collect_seq(self.iter().map(Put::<T, R>::new)),
                }
            }

            #[inline]
            fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let elements = Elements::<T, R> { bound: $max, element: PhantomData };
                match T::BLOCK {
                    1 => deserializer.deserialize_byte_buf(elements),
                    4 => deserializer.deserialize_newtype_struct(WORDS, elements),
                    8 => deserializer.deserialize_newtype_struct(DOUBLE_WORDS, elements),
                    _ => deserializer.deserialize_newtype_struct(VECTOR, elements),
                }
            }
        }
    )*};
}

vectors! {
    [const N: usize] At<N, R>: N, max_size_within(T::SIZE, N);
    [] Any<R>: usize::MAX, usize::MAX;
}

/// Reads at most `bound` elements.
struct Elements<T, R> {
    bound: usize,
    element: PhantomData<(T, R)>,
}

impl<'de, T: Counted<'de, R>, R> Visitor<'de> for Elements<T, R> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "at most {} elements", self.bound)
    }

    /// Reads a block.
    #[inline]
    fn visit_bytes<E: Error>(self, block: &[u8]) -> Result<Vec<T>, E> {
        let count = block.len() / T::BLOCK.max(1);
        if count > self.bound {
            return Err(over_bound(count));
        }
        let mut elements = reserved(count)?;
        T::append(&mut elements, block);
        Ok(elements)
    }

    /// Reads the elements from the decoder of XDR, which has compared their number with the bytes that are left.
    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
        let count = sequence.size_hint().unwrap_or(0);
        if count > self.bound {
            return Err(over_bound(count));
        }
        sequence.next_element_seed(Charge(count.saturating_mul(size_of::<T>())))?;
        let mut elements = reserved(count)?;
        while let Some(element) = sequence.next_element::<Taken<T, R>>()? {
            elements.push(element.value);
        }
        Ok(elements)
    }

    /// Reads the elements in another encoding.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(Unchecked(self))
    }
}

/// Reads the elements from a decoder that may believe any length.
struct Unchecked<T, R>(Elements<T, R>);

impl<'de, T: Counted<'de, R>, R> Visitor<'de> for Unchecked<T, R> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
        // At first no more than this, whatever the length is. The vector grows as elements arrive.
        const BYTES: usize = 4096;
        // Elements without a size may have no bytes either, so that nothing else would limit their number.
        const SIZELESS: usize = 1 << 16;
        let bound = if size_of::<T>() == 0 { self.0.bound.min(SIZELESS) } else { self.0.bound };
        // postcard hints at nothing when fewer bytes are left than elements.
        let count = sequence.size_hint().unwrap_or(0);
        let mut elements = reserved(count.min(bound).min(BYTES / size_of::<T>().max(1)))?;
        while let Some(element) = sequence.next_element::<Taken<T, R>>()? {
            if elements.len() >= bound {
                return Err(over_bound(count));
            }
            elements.try_reserve(1).map_err(|_| out_of_memory())?;
            elements.push(element.value);
        }
        Ok(elements)
    }
}
