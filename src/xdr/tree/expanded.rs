//! What `xdr_node!` expands to calls of. Not for use by hand.

use core::marker::PhantomData;

use serde::ser::SerializeTupleStruct;

use super::Part;

/// Writes a part of a node. The nodes come first: they show rustc what the arena holds.
///
/// # Errors
/// The serialiser's.
#[inline]
pub fn put_part<T, P: Part<T>, S: SerializeTupleStruct>(nodes: &[T], part: &P, parts: &mut S) -> Result<(), S::Error> {
    part.put(parts, nodes)
}

/// Looks for the link of one number among the parts of a node, which stand one after another.
pub struct LinkNumber<T> {
    number: usize,
    left: usize,
    held: PhantomData<T>,
}

impl<T> LinkNumber<T> {
    /// Begins with the first part.
    #[inline]
    #[must_use]
    pub const fn new(number: usize) -> Self {
        Self { number, left: number, held: PhantomData }
    }

    /// Looks in the next part.
    #[inline]
    pub fn find(&mut self, part: &impl Part<T>) -> Option<usize> {
        part.link(self.left).map_err(|count| self.left = self.left.saturating_sub(count)).ok()
    }

    /// How many there are, when it was not found.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> usize {
        self.number.saturating_sub(self.left)
    }
}

/// The largest size of a part of a node, which alone need not travel.
#[macro_export]
#[doc(hidden)]
macro_rules! __part_max_size {
    ($type:ty) => {
        <$type as $crate::xdr::MaxSize>::MAX_SIZE
    };
    ($type:ty, $bound:expr) => {
        $crate::__max_size!($type, $bound)
    };
}

/// What is serialised for a part of a node: itself, or as a block if it has a bound.
#[macro_export]
#[doc(hidden)]
macro_rules! __encoded {
    ($value:expr) => {
        $value
    };
    ($value:expr, $bound:expr) => {
        &$crate::__private::Block($value)
    };
}
