//! One value in two types that have the same bytes.

use oncilla::xdr;
use serde::{Deserialize, Serialize};

/// The bytes of a value.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut room = vec![0; 400_000];
    let used = xdr::encode(value, &mut room).unwrap();
    room.truncate(used);
    room
}

/// The value as one of the other type, which it must have the same bytes as.
pub fn same<T: Deserialize<'static> + Serialize>(value: &impl Serialize) -> T {
    // The test ends soon, and so does what is kept for the values that borrow.
    let bytes: &'static [u8] = encode(value).leak();
    let other = xdr::decode(bytes).expect("the other type takes the bytes");
    assert!(encode(&other) == bytes, "the other type makes other bytes");
    other
}
