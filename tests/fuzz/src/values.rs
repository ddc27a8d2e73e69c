//! Values of every type.

use core::any::type_name;

use oncilla::{Codec, Postcard, xdr as format};
use serde::{Deserialize, Serialize};

use crate::alike::alike;
use crate::every_type;

/// XDR: bytes that are accepted are those that the value encodes to.
pub fn xdr(data: &[u8]) {
    every_type!(canonical(data));
}

fn canonical<'de, T: Serialize + Deserialize<'de>>(bytes: &'de [u8]) {
    match format::decode::<T>(bytes) {
        Ok(value) => {
            let mut room = vec![0xee; bytes.len()];
            assert_eq!(format::encode(&value, &mut room), Ok(bytes.len()), "{}", type_name::<T>());
            assert!(alike(&room, bytes), "{}: {room:?} for {bytes:?}", type_name::<T>());
        }
        Err(error) => assert!(error.offset <= bytes.len(), "{error:?} of {}", type_name::<T>()),
    }
}

/// postcard, which has several forms of a number: a value that was decoded encodes, no longer than it
/// came, and decodes to the same.
pub fn postcard(data: &[u8]) {
    every_type!(stable(data, &mut vec![0xee; data.len()]));
}

fn stable<'de, T: Serialize + Deserialize<'de>>(bytes: &'de [u8], once: &'de mut [u8]) {
    let mut rest = bytes;
    let Ok(value) = Postcard::decode::<T>(&mut rest) else { return };
    let taken = bytes.len() - rest.len();
    let length = Postcard::encode(&value, &mut once[..taken]).expect("a value that was decoded");
    let once = &once[..length];
    let decoded = Postcard::decode::<T>(&mut &*once).expect("what was encoded");
    let mut again = vec![0xee; length];
    assert_eq!(Postcard::encode(&decoded, &mut again), Ok(length), "{}", type_name::<T>());
    assert_eq!(once, again, "{}", type_name::<T>());
}
