//! `MAX_SIZE` is exactly the size of the largest value: a smaller one would break buffers, a larger one waste memory.

use oncilla::xdr::{Array, MaxSize, opaque_max_size};
use serde::Serialize;

use crate::encoded;
use crate::types::*;

/// Checks `MAX_SIZE` of a type by a value of the largest size.
fn largest<T: Serialize + MaxSize>(value: T) {
    let name = core::any::type_name::<T>();
    assert_eq!(encoded(&value).map(|bytes| bytes.len()), Ok(T::MAX_SIZE), "{name}");
    assert_eq!(T::MAX_SIZE % 4, 0, "{name}");
}

fn full<T: Clone, const N: usize>(element: T) -> heapless::Vec<T, N> {
    (0..N).map(|_| element.clone()).collect()
}

fn text<const N: usize>() -> heapless::String<N> {
    (0..N).map(|_| 'x').collect()
}

#[test]
fn numbers() {
    largest(true);
    largest(u8::MAX);
    largest(i8::MIN);
    largest(u16::MAX);
    largest(i16::MIN);
    largest(u32::MAX);
    largest(i32::MIN);
    largest(u64::MAX);
    largest(i64::MIN);
    largest(f32::NAN);
    largest(f64::NAN);
    largest(());
}

#[test]
fn bytes_and_text() {
    largest([0u8; 0]);
    largest([0u8; 1]);
    largest([0u8; 4]);
    largest([0u8; 5]);
    largest(Array([0u8; 65]));
    largest(full::<u8, 0>(0));
    largest(full::<u8, 1>(0));
    largest(full::<u8, 8>(0));
    largest(full::<u8, 9>(0));
    largest(text::<0>());
    largest(text::<3>());
    largest(text::<64>());
    for bound in 0..20 {
        assert_eq!(encoded(vec![0u8; bound].as_slice()).unwrap().len(), opaque_max_size(bound));
    }
}

#[test]
fn sequences_and_tuples() {
    largest([0u16; 3]);
    largest([0u64; 3]);
    largest([[0u8; 3]; 5]);
    largest(Array([0u16; 33]));
    largest(Array([[0u8; 3]; 33]));
    largest(full::<u16, 3>(0));
    largest(full::<[u8; 3], 3>([0; 3]));
    largest(full::<heapless::Vec<u8, 5>, 3>(full(0)));
    largest(full::<Option<u8>, 3>(Some(0)));
    largest((0u8,));
    largest((0u8, 0u8));
    largest((0u8, 0u8, 0u8, 0u8, 0u8));
    largest((0u16, 0u64));
    largest(([0u8; 3], [0u8; 5]));
    largest((0, 0, 0));
    largest((0, 0, 0, 0));
    largest((0, 0, 0, 0, 0, 0));
    largest((0, 0, 0, 0, 0, 0, 0));
    largest((0, 0, 0, 0, 0, 0, 0, 0u64));
    largest([&0u8, &1, &2, &3, &4]);
}

#[test]
fn options_and_unions() {
    largest(Some(0u8));
    largest(Some([0u8; 3]));
    largest(Some(Some(0u64)));
    largest(Ok::<u64, u8>(0));
    largest(Err::<u8, u64>(0));
    largest(Err::<(), [u8; 9]>([0; 9]));
    largest(Color::Red);
    largest(Outcome::Value(0));
    largest(Packet::Blob(&[0; 9]));
    largest(full::<Outcome, 3>(Outcome::Value(0)));
}

#[test]
fn structs() {
    largest(Sample { small: 0, packed: [0; 3], signed: 0, half: 0 });
    largest(Empty {});
    largest(full::<Sample, 2>(Sample { small: 0, packed: [0; 3], signed: 0, half: 0 }));
}

/// A type with a hand-written `MaxSize` that knows that elements are packed.
#[derive(Clone, Serialize)]
struct Packed(u8);

impl MaxSize for Packed {
    const MAX_SIZE: usize = u8::MAX_SIZE;
    const ELEMENT_SIZE: usize = u8::ELEMENT_SIZE;
}

/// A type with the default `ELEMENT_SIZE`, which is too large, but safe.
#[derive(Clone, Serialize)]
struct Careless(u8);

impl MaxSize for Careless {
    const MAX_SIZE: usize = u8::MAX_SIZE;
}

#[test]
fn newtypes_of_a_byte() {
    largest(Packed(0));
    largest(full::<Packed, 5>(Packed(0)));
    largest([const { Packed(0) }; 6]);
    assert_eq!(encoded(&[const { Careless(0) }; 6]).unwrap().len(), 8);
    assert_eq!(<[Careless; 6]>::MAX_SIZE, 24);
}
