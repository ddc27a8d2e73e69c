//! Memory that is charged to the decoder of XDR before, or as, it is taken.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};

use crate::xdr::heap::CHARGE;

/// Charges bytes of the heap. There is nothing to read for it.
///
/// It is for the sequences of XDR's decoder only: another decoder would take it for an element.
pub(super) struct Charge(pub usize);

impl<'de> DeserializeSeed<'de> for Charge {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_tuple_struct(CHARGE, self.0, Nothing)
    }
}

struct Nothing;

impl Visitor<'_> for Nothing {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("nothing")
    }

    #[inline]
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}
