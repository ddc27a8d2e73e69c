//! Values in boxes, for recursive types and for large values that are rare.

use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::codec::bound::{Any, Counted, End};
use crate::xdr::heap::BOXED;

// There is no bound by number: a box holds one value, of any size.
#[diagnostic::do_not_recommend]
impl<'de, T: Serialize + Deserialize<'de>> Counted<'de, Any<End>> for Box<T> {
    const SIZE: usize = usize::MAX;

    #[inline]
    fn count(&self) -> usize {
        1
    }

    #[inline]
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self, serializer)
    }

    #[inline]
    fn take<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(BOXED, Boxed(PhantomData)).map(Box::new)
    }
}

/// Reads the value for a box. Its `Value` is the type that is charged.
struct Boxed<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Boxed<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value in a box")
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}
