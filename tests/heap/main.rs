//! Data on the heap: every type both ways, limits of messages, and memory that hostile bytes can take.

// Not by `required-features`: the manifest of the Python package's source distribution would name a test that is not there.
#![cfg(feature = "alloc")]

#[path = "../support/on_heap.rs"]
mod on_heap;

mod calls;
mod encoding;
#[cfg(feature = "postcard")]
mod in_postcard;
mod lists;
mod memory;
mod recursive;

use core::fmt::Debug;

use oncilla::xdr::{DecodeError, Fault, decode, encode};
use serde::{Deserialize, Serialize};

/// Returns the encoding of a value.
fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
    let mut room = vec![0xee; 8 << 20];
    let length = encode(value, &mut room).unwrap();
    room.truncate(length);
    room
}

/// Checks that a value and its encoding by value are the same bytes, and that both decode.
fn same<'b, H, V>(heap: &H, value: &V, bytes: &'b mut Vec<u8>)
where
    H: Serialize + Deserialize<'b> + PartialEq + Debug,
    V: Serialize + Deserialize<'b> + PartialEq + Debug,
{
    *bytes = encoded(heap);
    assert_eq!(*bytes, encoded(value));
    assert_eq!(decode::<H>(bytes).as_ref(), Ok(heap));
    assert_eq!(decode::<V>(bytes).as_ref(), Ok(value));
}

/// Checks that decoding a `T` fails with this fault at this byte.
fn refused<'b, T: Deserialize<'b> + Debug>(bytes: &'b [u8], fault: Fault, offset: usize) {
    match decode::<T>(bytes) {
        Err(DecodeError { fault: found, offset: at, .. }) => assert_eq!((found, at), (fault, offset)),
        Ok(value) => panic!("{value:?} instead of {fault:?}"),
    }
}
