//! A limit of nesting for one type.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::MaxSize;

/// A value with its own limit of nesting: `LEVELS` instead of [`MAX_DEPTH`](super::MAX_DEPTH).
///
/// It is for recursive types written by hand, such as a type that contains `Option<Box<Self>>`. The encoding is that of
/// `T`. Levels are counted from the start of this value; the limit of the values around it does not change.
///
/// Decoding a deeper value fails with [`Fault::Depth`](super::Fault::Depth). The stack must hold `LEVELS` calls of the
/// type's `deserialize`: a peer can cause all of them.
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

/// The field count by which the deserializer recognizes a [`Deep`] value.
///
/// The levels of the value are added to it.
/// No other type has as many fields. A comparison of names would cost every union some instructions.
pub(crate) const FIELDS: usize = usize::MAX - u8::MAX as usize;

impl<T: Serialize, const LEVELS: u8> Serialize for Deep<T, LEVELS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Reads the value within a [`Deep`].
struct DeepVisitor<T, const LEVELS: u8>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const LEVELS: u8> Visitor<'de> for DeepVisitor<T, LEVELS> {
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
        deserializer.deserialize_tuple_struct("Deep", FIELDS + LEVELS as usize, DeepVisitor(PhantomData))
    }
}

#[diagnostic::do_not_recommend]
impl<T: MaxSize, const LEVELS: u8> MaxSize for Deep<T, LEVELS> {
    const MAX_SIZE: usize = T::MAX_SIZE;
}
