//! Rejects sizes that are too small, in `cargo check` as well as in `cargo build`.
//!
//! An assertion in a constant of a generic function is evaluated only when code is generated. Type inference happens
//! before: `new` has a type parameter that is inferred from the implementations of a trait for the number. A valid
//! number has one implementation. A number that is too small has two, so the parameter cannot be inferred (E0283), and
//! rustc shows both. A number that is itself a generic parameter has one; the assertion checks it.

/// A number as a type.
pub struct Number<const N: usize>;

/// The number is valid.
pub enum ItIsEnough {}

/// The number is 0.
pub enum ACacheNeedsOneSlotAtLeast {}

/// The number is below 32, the bytes of the largest refusal.
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
