//! What the macros of this crate expand to calls of. Not for use by hand.

use core::marker::PhantomData;

use serde::Serialize;
use serde::de::{Deserialize, Error, SeqAccess};

use crate::caller::{CallError, Caller};
use crate::codec::{Codec, Reader};
use crate::message::ProcedureId;
use crate::table::Failure;
use crate::xdr::Part;

pub use crate::xdr::TreeTaken as Taken;
pub use crate::xdr::bound::{Block, argument, decoding, encoding, max_size_within, receiving, results, sending};

/// The next argument of a call.
#[inline]
pub fn take_argument<'de, C: Codec, T: Deserialize<'de>>(arguments: &mut Reader<'de>) -> Result<T, Failure> {
    arguments.take::<C, T>().map_err(|_| Failure::GarbageArguments)
}

/// Asks that there are no more arguments.
#[inline]
pub fn end_of_arguments(arguments: Reader<'_>) -> Result<(), Failure> {
    arguments.finish().map_err(|_| Failure::GarbageArguments)
}

/// Encodes results. There is room for all that the interface allows, so more than that is the
/// procedure's mistake.
#[inline]
pub fn put_results<C: Codec, T: Serialize + ?Sized>(value: &T, room: &mut [u8]) -> Result<usize, Failure> {
    C::encode(value, room).map_err(|_| Failure::SystemError)
}

/// Calls procedure 0.
pub fn call_null<C: Caller>(caller: &mut C, program: u32, version: u32) -> Result<(), CallError<C::Error>> {
    let id = ProcedureId { program, version, procedure: 0 };
    caller.call(id, |_| Ok(()), |results| Reader::new(results).finish())
}

/// The next field of a struct or union.
#[inline]
pub fn field<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(fields: &mut A) -> Result<T, A::Error> {
    match fields.next_element()? {
        Some(value) => Ok(value),
        None => Err(A::Error::custom("a field is missing")),
    }
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

/// The number that came has no variant.
#[inline]
pub fn unknown_variant<E: Error>() -> E {
    E::unknown_variant("another number", &[])
}

/// A default arm holds a number that a variant of its own has.
#[inline]
pub fn listed_number<E: serde::ser::Error>() -> E {
    E::custom("the default arm holds a number that another arm has")
}

/// Whether no number stands twice.
#[must_use]
pub const fn all_different(numbers: &[i128]) -> bool {
    let mut i = 0;
    while i < numbers.len() {
        let mut j = i + 1;
        while j < numbers.len() {
            if numbers[i] == numbers[j] {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

/// The largest of some sizes.
#[must_use]
pub const fn largest(sizes: &[usize]) -> usize {
    let mut largest = 0;
    let mut i = 0;
    while i < sizes.len() {
        if sizes[i] > largest {
            largest = sizes[i];
        }
        i += 1;
    }
    largest
}

/// The largest size of a type, by itself or within a bound.
#[macro_export]
#[doc(hidden)]
macro_rules! __max_size {
    ($type:ty) => {
        <$type as $crate::xdr::MaxSize>::MAX_SIZE
    };
    ($type:ty, $bound:expr) => {
        $crate::__private::max_size_within::<$type>($bound)
    };
}

/// What is serialised for a value: itself, or as a block if it has a bound.
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

/// Refuses a value over its bound, if it has one.
#[macro_export]
#[doc(hidden)]
macro_rules! __check_bound {
    ($side:ident, $value:expr) => {};
    ($side:ident, $value:expr, $bound:expr) => {
        $crate::__private::$side::check($value, $bound)?
    };
}

/// The pattern that matches anything, in a place that repeats with `$tokens`.
#[macro_export]
#[doc(hidden)]
macro_rules! __any {
    ($($tokens:tt)*) => {
        _
    };
}

/// A value, in a place that repeats with `$tokens`.
#[macro_export]
#[doc(hidden)]
macro_rules! __value {
    ($value:expr, $($tokens:tt)*) => {
        $value
    };
}
