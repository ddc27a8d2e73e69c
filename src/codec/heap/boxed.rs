//! Values in boxes, for recursive types and for large values that are rare.

use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::Serializer;

use super::Charge;
use crate::codec::bound::{Bound, Counted};
use crate::xdr::MaxSize;
use crate::xdr::heap::{BOXED, HOLDS_BOXES};

// A box passes the bounds to its value. `Box<Node> [..]` is a value of any size.
#[diagnostic::do_not_recommend]
impl<'de, T: Counted<'de, B>, B: Bound> Counted<'de, B> for Box<T> {
    const SIZE: usize = T::SIZE;

    #[inline]
    fn count(&self) -> usize {
        T::count(self)
    }

    #[inline]
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::put(self, serializer)
    }

    #[inline]
    fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(BOXED, Boxed::<T, B>(PhantomData)).map(Box::new)
    }
}

/// Reads the value for a box. Its `Value` is the type that is charged.
struct Boxed<T, B>(PhantomData<(T, B)>);

impl<'de, T: Counted<'de, B>, B> Visitor<'de> for Boxed<T, B> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value in a box")
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::take(deserializer)
    }
}

/// Deserializes a value without stated bounds that may hold boxes, and charges them.
///
/// serde allocates these boxes, so they are charged after that. Each value has as many as its type states.
#[inline]
pub(in crate::codec) fn take_boxes<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: MaxSize + Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_newtype_struct(HOLDS_BOXES, Holder(PhantomData))
}

/// Reads a value, and charges its boxes to the decoder of XDR.
struct Holder<T>(PhantomData<T>);

impl<'de, T: MaxSize + Deserialize<'de>> Visitor<'de> for Holder<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value with boxes")
    }

    /// Reads from the decoder of XDR, which has the charge as a second field.
    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<T, A::Error> {
        let value: T = crate::xdr::field(&mut fields)?;
        fields.next_element_seed(Charge(value.boxed()))?;
        Ok(value)
    }

    /// Reads from another encoding.
    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}
