//! Numbers that are too small do not compile, in `cargo check` as well as in `cargo build`.
//!
//! An assertion in a constant of a generic function is evaluated only when code is generated. Type inference happens
//! before: `new` has a type parameter that is inferred from the one implementation of a trait for a number. A number that is too
//! small has two, so the parameter cannot be inferred (E0283), and rustc shows both. A number that is itself a generic
//! parameter has one, and is left to the assertion.

/// A number as a type.
pub struct Number<const N: usize>;

/// It is all right.
pub enum ItIsEnough {}

/// It is 0.
pub enum ACacheNeedsOneSlotAtLeast {}

/// It is below 32, the bytes of the largest refusal.
pub enum ASlotNeeds32BytesAtLeast {}

/// Numbers of slots.
pub trait Slots<Verdict> {}

impl<const N: usize> Slots<ItIsEnough> for Number<N> {}
impl Slots<ACacheNeedsOneSlotAtLeast> for Number<0> {}

/// Numbers of bytes in each slot.
pub trait Bytes<Verdict> {}

impl<const N: usize> Bytes<ItIsEnough> for Number<N> {}

macro_rules! too_few {
    ($($number:literal)*) => {
        $(impl Bytes<ASlotNeeds32BytesAtLeast> for Number<$number> {})*
    };
}

too_few!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
