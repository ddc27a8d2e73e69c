//! A limit of nesting that a type states for itself.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::MaxSize;

/// A value that may be nested `LEVELS` deep, instead of [`MAX_DEPTH`](super::MAX_DEPTH): for recursive types that are
/// written by hand, such as one with `Option<Box<Self>>` in it.
///
/// The encoding is that of `T`. The levels are counted anew from where the value begins, and what stands around it
/// keeps the limit that it has. Decoding a value that is nested deeper fails with [`Fault::Depth`](super::Fault::Depth).
/// The stack must hold `LEVELS` calls of the type's own `deserialize`; a peer decides whether they are used.
///
/// ```
/// use oncilla::xdr::{self, Deep};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Node { next: Option<Box<Node>> }
///
/// let list = (0..40).fold(Node { next: None }, |next, _| Node { next: Some(Box::new(next)) });
/// let mut room = [0; 164];
/// xdr::encode(&list, &mut room)?;
/// assert!(xdr::decode::<Node>(&room).is_err());
/// assert_eq!(xdr::decode::<Deep<Node, 40>>(&room), Ok(Deep(list)));
/// # Ok::<(), xdr::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deep<T, const LEVELS: u8>(pub T);

/// What [`Decoder`](super::Decoder) knows the value by: it is one of so many fields and of the levels besides, and
/// nothing else has as many. A comparison of names would cost every union some instructions.
pub(super) const FIELDS: usize = usize::MAX - u8::MAX as usize;

impl<T: Serialize, const LEVELS: u8> Serialize for Deep<T, LEVELS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

struct One<T, const LEVELS: u8>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const LEVELS: u8> Visitor<'de> for One<T, LEVELS> {
    type Value = Deep<T, LEVELS>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a value nested at most {LEVELS} levels deep")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        crate::xdr::field(&mut fields).map(Deep)
    }
}

impl<'de, T: Deserialize<'de>, const LEVELS: u8> Deserialize<'de> for Deep<T, LEVELS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct("Deep", FIELDS + LEVELS as usize, One(PhantomData))
    }
}

#[diagnostic::do_not_recommend]
impl<T: MaxSize, const LEVELS: u8> MaxSize for Deep<T, LEVELS> {
    const MAX_SIZE: usize = T::MAX_SIZE;
}
