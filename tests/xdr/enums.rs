//! `xdr_enum!`: enums with the interface's own numbers.

use core::fmt;

use oncilla::xdr::{Fault, MaxSize};

use crate::types::*;
use crate::{both, refused};

#[test]
fn a_variant_encodes_as_its_number() {
    both(Color::Red, &[0, 0, 0, 2]);
    both(Color::Yellow, &[0, 0, 0, 3]);
    both(Color::Blue, &[0, 0, 0, 5]);
    both(Level::Highest, &[0x7f, 0xff, 0xff, 0xff]);
    both(Level::Lowest, &[0x80, 0, 0, 0]);
    both(Level::Minus, &[0xff, 0xff, 0xff, 0xf9]);
    both(Level::Zero, &[0; 4]);
}

#[test]
fn unlisted_numbers_are_refused() {
    for number in [0, 1, 4, 6, -2, i32::MIN, i32::MAX] {
        refused::<Color>(&number.to_be_bytes(), Fault::Variant, 0);
        assert_eq!(Color::from_number(number), None);
    }
}

#[test]
fn from_number_reverses_number() {
    for level in [Level::Highest, Level::Lowest, Level::Minus, Level::Zero] {
        assert_eq!(Level::from_number(level.number()), Some(level));
    }
    assert_eq!(Level::Minus.number(), -7);
}

#[test]
fn elements_are_words() {
    both([Color::Red, Color::Blue], &[0, 0, 0, 2, 0, 0, 0, 5]);
    assert_eq!((Color::MAX_SIZE, Color::ELEMENT_SIZE), (4, 4));
    assert_eq!(<[Color; 3]>::MAX_SIZE, 12);
}

oncilla::xdr_enum! {
    /// The macro keeps attributes, and accepts expressions.
    #[derive(PartialOrd, Ord, Hash)]
    pub(crate) enum Flags {
        /// The first.
        First = 1 << 3,
        Second = Flags::First as i32 + 1,
    }
}

#[test]
fn numbers_may_be_expressions() {
    both(Flags::Second, &[0, 0, 0, 9]);
    assert!(Flags::First < Flags::Second);
}

/// The caller of a procedure can therefore write `??`.
#[test]
fn an_enum_implements_error() {
    fn fails() -> Result<(), Box<dyn core::error::Error>> {
        Ok(Ok::<_, fmt::Error>(Err(Level::Minus))??)
    }
    assert_eq!(fails().unwrap_err().to_string(), "Minus (-7)");
}
