//! What the macros of this crate expand to calls of. Not for use by hand.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::SerializeTupleStruct;

use crate::caller::{CallError, Caller};
use crate::codec::Reader;
use crate::message::ProcedureId;
use crate::table::{Failure, Procedure};
use crate::xdr::Part;

pub use crate::answer::NOT_RUN;
pub use crate::replay::{Identity, Recalled};
pub use crate::xdr::TreeTaken as Taken;
pub use crate::xdr::bound::{Block, argument, decoding, encoding, max_size_within, receiving, results, sending};
pub use crate::xdr::value::{Value, Within};

/// What a procedure can be said to be: the methods are the words. Its name stands in the error about another word.
pub struct IdempotentOrOneway<S: 'static>(pub Procedure<S>);

impl<S> IdempotentOrOneway<S> {
    /// [`Procedure::idempotent`].
    #[must_use]
    pub const fn idempotent(self) -> Procedure<S> {
        self.0.idempotent()
    }

    /// The procedure as it is: its [`Run`](crate::Run) returns [`NO_REPLY`](crate::NO_REPLY).
    #[must_use]
    pub const fn oneway(self) -> Procedure<S> {
        self.0
    }
}

/// Is empty. Its name stands in the error about a procedure that is called as a method of the client is.
pub mod names_other_than_new_and_null {}

/// Results that a one-way procedure can have; no type is one.
#[diagnostic::on_unimplemented(
    message = "a one-way procedure has no results, and so not `{Self}`",
    label = "remove the results or `oneway`"
)]
pub trait ResultsOfOneway {
    /// For errors.
    const ALLOWED: ();
}

/// Asks that there are no more arguments.
#[inline]
pub fn end_of_arguments(arguments: Reader<'_>) -> Result<(), Failure> {
    arguments.finish().map_err(|_| Failure::GarbageArguments)
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

/// Reads an int that stands for something. The decoder takes it only then, so that an error tells its place and it.
#[inline]
pub fn known_number<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    known: impl FnOnce(i32) -> Option<T>,
) -> Result<T, D::Error> {
    deserializer.deserialize_i32(Known(known))
}

struct Known<F>(F);

impl<T, F: FnOnce(i32) -> Option<T>> Visitor<'_> for Known<F> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the number of a variant")
    }

    #[inline]
    fn visit_i32<E: Error>(self, number: i32) -> Result<T, E> {
        (self.0)(number).ok_or_else(unknown_variant)
    }

    // Encodings that describe themselves have their own types for numbers.
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        i32::try_from(number).ok().and_then(self.0).ok_or_else(unknown_variant)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        i32::try_from(number).ok().and_then(self.0).ok_or_else(unknown_variant)
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
        <$type as $crate::__private::Value<'_>>::SIZE
    };
    ($type:ty, $bound:expr) => {
        $crate::__private::max_size_within(<$type as $crate::__private::Within<'_>>::SIZE, $bound)
    };
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

/// A function of a type that travels, by itself or within a bound. The type is the user's word, at which rustc shows
/// what it lacks.
#[macro_export]
#[doc(hidden)]
macro_rules! __travel {
    ([$($function:tt)*] $type:ty) => {
        <$type as $crate::__private::Value<'_>>::$($function)*
    };
    ([$($function:tt)*] $type:ty, $bound:expr) => {
        <$type as $crate::__private::Within<'_>>::$($function)*
    };
}

/// Refuses a value over its bound, if it has one.
#[macro_export]
#[doc(hidden)]
macro_rules! __check_bound {
    ($side:ident, $value:expr, $type:ty) => {};
    ($side:ident, $value:expr, $type:ty, $bound:expr) => {
        $crate::__private::$side::check(<$type as $crate::__private::Within<'_>>::count($value), $bound)?
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
