//! XDR: encodings, refusals and their places, and largest sizes.

#[path = "../support/alike.rs"]
mod alike;
#[macro_use]
#[path = "../support/every_type.rs"]
mod every_type;
#[path = "../support/types.rs"]
mod types;

mod chars;
mod depth;
mod encoding;
mod enums;
mod garbage;
mod lists;
mod max_size;
mod names;
mod offsets;
mod packing;
mod properties;
mod random_trees;
mod strict;
mod structs;
mod trees;
mod unions;

use core::fmt::Debug;

use oncilla::xdr::{DecodeError, EncodeError, Fault, decode, encode};
use serde::{Deserialize, Serialize};

/// Returns the encoding of a value.
fn encoded<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut room = vec![0xee; 1 << 17];
    let length = encode(value, &mut room)?;
    room.truncate(length);
    Ok(room)
}

/// Checks that `value` encodes as `bytes`.
fn encodes<T: Serialize + Debug + ?Sized>(value: &T, bytes: &[u8]) {
    assert_eq!(encoded(value).as_deref(), Ok(bytes), "{value:?}");
}

/// Checks that `value` encodes as `bytes`, and decodes from them.
fn both<'de, T: Serialize + Deserialize<'de> + PartialEq + Debug>(value: T, bytes: &'de [u8]) {
    encodes(&value, bytes);
    assert_eq!(decode::<T>(bytes), Ok(value));
}

/// Checks that decoding a `T` from `bytes` fails with this fault at this byte.
fn refused<'de, T: Deserialize<'de> + Debug>(bytes: &'de [u8], fault: Fault, offset: usize) {
    let name = core::any::type_name::<T>();
    let refused = decode::<T>(bytes).map(|value| format!("{value:?}"));
    let word = bytes.get(offset..).and_then(|rest| rest.first_chunk()).copied().map(u32::from_be_bytes);
    let value = word.filter(|_| has_number(fault));
    assert_eq!(refused, Err(DecodeError { fault, offset, value }), "{bytes:02x?} as {name}");
}

/// Returns whether an error with this fault holds the received number.
fn has_number(fault: Fault) -> bool {
    matches!(fault, Fault::Bool | Fault::Range | Fault::Length | Fault::Bound | Fault::Variant)
}

/// Checks that encoding a value fails with this fault.
fn not_encoded<T: Serialize + Debug + ?Sized>(value: &T, fault: Fault) {
    assert_eq!(encoded(value), Err(EncodeError::Refused(fault)), "{value:?}");
}
