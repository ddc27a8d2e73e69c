//! Functions that the expansion of `xdr_node!` calls. Not for use by hand.

use core::marker::PhantomData;

use serde::ser::SerializeTupleStruct;

use super::Part;

/// Serializes a part of a node.
///
/// `nodes` comes first, so that rustc infers the type of the arena from it.
///
/// # Errors
/// The errors of the serializer.
#[inline]
pub fn put_part<T, P: Part<T>, S: SerializeTupleStruct>(nodes: &[T], part: &P, parts: &mut S) -> Result<(), S::Error> {
    part.put(parts, nodes)
}

/// A search for one link, by its number, among the parts of a node.
pub struct LinkNumber<T> {
    number: usize,
    left: usize,
    held: PhantomData<T>,
}

impl<T> LinkNumber<T> {
    /// Starts a search for link `number`, counted from 0.
    #[inline]
    #[must_use]
    pub const fn new(number: usize) -> Self {
        Self { number, left: number, held: PhantomData }
    }

    /// Searches the next part, and returns the index that the link holds.
    #[inline]
    pub fn find(&mut self, part: &impl Part<T>) -> Option<usize> {
        part.link(self.left).map_err(|count| self.left = self.left.saturating_sub(count)).ok()
    }

    /// Returns the number of links in the node, after a search without success.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> usize {
        self.number.saturating_sub(self.left)
    }
}

/// Expands to the largest size of a part of a node.
#[macro_export]
#[doc(hidden)]
macro_rules! __part_max_size {
    ($type:ty) => {
        <$type as $crate::xdr::MaxSize>::MAX_SIZE
    };
    ($type:ty $([..$bound:expr])+) => {
        $crate::__max_size!($type $([..$bound])+)
    };
}

/// Expands to the value that is serialized for a part of a node.
///
/// It is the part itself, or a block if the part has a stated bound.
#[macro_export]
#[doc(hidden)]
macro_rules! __encoded {
    ($value:expr, $type:ty) => {
        $value
    };
    ($value:expr, $type:ty $([..$bound:expr])+) => {
        &$crate::__private::Put::<$type, $crate::__bounds!($([..$bound])+)>::new($value)
    };
}
