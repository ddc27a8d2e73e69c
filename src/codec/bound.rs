//! Bounds that an interface states beside a type without its own bound: `data: &[u8] [..64]`.

use core::marker::PhantomData;

use crate::message::Failure;
use crate::xdr::{DecodeError, EncodeError, Fault, MaxSize, UNIT, padding};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The stated bounds of a type, `[..N]` or `[..]`, followed by those of its elements.
pub trait Bound {
    /// The largest number of elements.
    const MAX: usize;

    /// The bounds that are stated for the elements.
    type Rest;
}

/// The bound `[..N]`.
pub struct At<const N: usize, R>(PhantomData<R>);

/// The bound `[..]`: any number, within the limit of the message.
pub struct Any<R>(PhantomData<R>);

/// The end of the stated bounds.
pub struct End;

impl<const N: usize, R> Bound for At<N, R> {
    const MAX: usize = N;
    type Rest = R;
}

impl<R> Bound for Any<R> {
    const MAX: usize = usize::MAX;
    type Rest = R;
}

/// A type without a largest size, for which bounds can be stated.
pub trait Counted<'de, B>: Sized {
    /// The largest size within the bounds, in bytes.
    const SIZE: usize;

    /// The bytes of an element, if a vector of them is decoded as one block; otherwise 0.
    #[cfg(feature = "alloc")]
    const BLOCK: usize = 0;

    /// Returns the number of elements.
    fn count(&self) -> usize;

    /// Returns values as bytes, if they are `u8`.
    #[cfg(feature = "alloc")]
    #[inline]
    fn as_bytes(_: &[Self]) -> Option<&[u8]> {
        None
    }

    /// Appends a block to a vector.
    #[cfg(feature = "alloc")]
    #[inline]
    fn append(_: &mut alloc::vec::Vec<Self>, _: &[u8]) {}

    /// Serializes the value.
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Deserializes a value. Data on the heap are refused above their bounds before memory is taken.
    fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A value to serialize within the bounds `B`.
pub struct Put<'v, T, B> {
    value: &'v T,
    bounds: PhantomData<B>,
}

impl<'v, T, B> Put<'v, T, B> {
    /// Refers to a value.
    #[inline]
    pub const fn new(value: &'v T) -> Self {
        Self { value, bounds: PhantomData }
    }
}

impl<'de, T: Counted<'de, B>, B> Serialize for Put<'_, T, B> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.put(serializer)
    }
}

/// A value that was deserialized within the bounds `B`.
pub struct Taken<T, B> {
    /// The value.
    pub value: T,
    bounds: PhantomData<B>,
}

impl<'de, T: Counted<'de, B>, B> Deserialize<'de> for Taken<T, B> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::take(deserializer).map(|value| Self { value, bounds: PhantomData })
    }
}

/// A type with its own largest size, as an element: no bound is stated for it.
#[diagnostic::do_not_recommend]
impl<'de, T: MaxSize + Serialize + Deserialize<'de>> Counted<'de, End> for T {
    const SIZE: usize = T::ELEMENT_SIZE;

    #[cfg(feature = "alloc")]
    const BLOCK: usize = T::BLOCK;

    #[inline]
    fn count(&self) -> usize {
        1
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn as_bytes(values: &[Self]) -> Option<&[u8]> {
        T::as_bytes(values)
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn append(values: &mut alloc::vec::Vec<Self>, bytes: &[u8]) {
        T::append(values, bytes);
    }

    #[inline]
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    #[inline]
    fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[cfg(feature = "alloc")]
        if T::HOLDS_BOXES {
            return super::heap::take_boxes(deserializer);
        }
        T::deserialize(deserializer)
    }
}

#[diagnostic::do_not_recommend]
impl<'de, 'v, T: MaxSize, B: Bound<Rest = End>> Counted<'de, B> for &'v [T]
where
    &'v [T]: Serialize + Deserialize<'de>,
{
    const SIZE: usize = max_size_within(T::ELEMENT_SIZE, B::MAX);

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    /// Serializes one block, if the elements are bytes.
    #[inline]
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match T::as_bytes(self) {
            Some(bytes) => serializer.serialize_bytes(bytes),
            None => self.serialize(serializer),
        }
    }

    #[inline]
    fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

#[diagnostic::do_not_recommend]
impl<'de, 'v, B: Bound<Rest = End>> Counted<'de, B> for &'v str
where
    &'v str: Deserialize<'de>,
{
    const SIZE: usize = max_size_within(1, B::MAX);

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.as_bytes())
    }

    #[inline]
    fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

/// Returns the error for a value with more elements than its bound, of which `count` are there.
#[inline]
pub(super) fn over_bound<E: serde::de::Error>(count: usize) -> E {
    E::invalid_length(count, &"at most the bound of the interface")
}

/// Returns the largest size of at most `bound` elements, in bytes; `usize::MAX` if there is none.
///
/// The size includes the length word and the padding.
#[must_use]
pub const fn max_size_within(element_size: usize, bound: usize) -> usize {
    let elements = element_size.saturating_mul(bound);
    elements.saturating_add(padding(elements)).saturating_add(UNIT)
}

/// Returns the sum of some sizes; `usize::MAX` if it is larger.
#[must_use]
pub const fn sum(sizes: &[usize]) -> usize {
    let mut sum = 0_usize;
    let mut i = 0;
    while i < sizes.len() {
        sum = sum.saturating_add(sizes[i]);
        i += 1;
    }
    sum
}

/// Declares a check of the bound for each place where a value passes.
///
/// The checks differ only in their error.
macro_rules! checks {
    ($($(#[$attribute:meta])* $place:ident$(<$parameter:ident: $trait:path>)? -> $error:ty = $over:expr;)*) => {$(
        $(#[$attribute])*
        pub mod $place {
            #[allow(unused_imports)]
            use super::*;

            /// Refuses a value with more elements than its bound.
            #[inline]
            pub fn check$(<$parameter: $trait>)?(count: usize, bound: usize) -> Result<(), $error> {
                if count > bound { Err($over(count)) } else { Ok(()) }
            }
        }
    )*};
}

checks! {
    /// The check for a value within a struct or union that is encoded.
    encoding<E: serde::ser::Error> -> E = |_| E::custom("the value exceeds the bound of the interface");
    /// The check for a value within a struct or union that is decoded.
    decoding<E: serde::de::Error> -> E = over_bound;
    /// The check for an argument that a server receives.
    argument -> Failure = |_| Failure::GarbageArguments;
    /// The check for results that a server sends.
    results -> Failure = |_| Failure::SystemError;
    /// The check for an argument that a client sends.
    sending -> EncodeError = |_| EncodeError::Refused(Fault::Bound);
    /// The check for results that a client receives.
    receiving -> DecodeError = |count| {
        // The results begin with their length word.
        DecodeError { fault: Fault::Bound, offset: 0, value: u32::try_from(count).ok() }
    };
}
