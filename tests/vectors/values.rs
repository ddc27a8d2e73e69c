//! XDR values, encoded and decoded.

use core::fmt::Debug;

use oncilla::xdr::{Array, EncodeError, decode, encode};
use serde::{Deserialize, Serialize};

use crate::types::*;
use crate::vectors::Vectors;

/// Checks that `value` encodes as `bytes` in a buffer of exactly that size, and not in a smaller one.
fn encodes<T: Serialize + Debug>(value: &T, bytes: &[u8]) {
    let mut room = vec![0xee; bytes.len()];
    assert_eq!(encode(value, &mut room), Ok(bytes.len()), "{value:?}");
    assert_eq!(room, bytes, "{value:?}");
    if let Some(available) = bytes.len().checked_sub(1) {
        let no_room = EncodeError::NoRoom { needed: bytes.len(), available };
        assert_eq!(encode(value, &mut room[..available]), Err(no_room), "{value:?}");
    }
}

/// Checks that `value` encodes as `bytes`, and decodes from them.
fn both<T: Serialize + Deserialize<'static> + PartialEq + Debug>(value: T, bytes: &'static [u8]) {
    encodes(&value, bytes);
    assert_eq!(decode::<T>(bytes), Ok(value));
}

fn vectors() -> Vectors {
    Vectors::parse(include_str!("xdr.txt"))
}

#[test]
fn every_row_of_the_table() {
    let mut v = vectors();
    basic(&mut v);
    opaque(&mut v);
    arrays(&mut v);
    structs(&mut v);
    unions(&mut v);
    v.finish();
}

fn basic(v: &mut Vectors) {
    both(false, v.take("bool false"));
    both(true, v.take("bool true"));
    both(0i32, v.take("int zero"));
    both(-1i32, v.take("int minus one"));
    both(i32::MIN, v.take("int lowest"));
    both(i32::MAX, v.take("int highest"));
    both(i8::MIN, v.take("int from i8"));
    both(i16::MIN, v.take("int from i16"));
    both(u32::MAX, v.take("unsigned int highest"));
    both(u8::MAX, v.take("unsigned int from u8"));
    both(u16::MAX, v.take("unsigned int from u16"));
    both(i64::MIN, v.take("hyper lowest"));
    both(-2i64, v.take("hyper minus two"));
    both(0x0123_4567_89ab_cdef_u64, v.take("unsigned hyper"));
    both(1f32, v.take("float one"));
    both(f32::INFINITY, v.take("float infinity"));
    both(core::f64::consts::PI, v.take("double pi"));
    both(f64::from_bits(1), v.take("double smallest"));
    both((), v.take("void"));
    both(Color::Red, v.take("enum red"));
    both(Level::Minus, v.take("enum minus seven"));
    both(Level::Lowest, v.take("enum lowest"));
    // Minus zero equals zero, and NaN does not equal itself, so the bits are compared.
    let (bytes, zero) = (v.take("float minus zero"), -0f32);
    encodes(&zero, bytes);
    assert_eq!(decode::<f32>(bytes).map(f32::to_bits), Ok(zero.to_bits()));
    let (bytes, nan) = (v.take("float not a number"), f32::from_bits(0x7fc0_1234));
    encodes(&nan, bytes);
    assert_eq!(decode::<f32>(bytes).map(f32::to_bits), Ok(nan.to_bits()));
    let (bytes, nan) = (v.take("double not a number"), f64::from_bits(0xfff8_0000_0000_abcd));
    encodes(&nan, bytes);
    assert_eq!(decode::<f64>(bytes).map(f64::to_bits), Ok(nan.to_bits()));
}

fn opaque(v: &mut Vectors) {
    both::<[u8; 0]>([], v.take("fixed opaque 0"));
    both([0xaau8], v.take("fixed opaque 1"));
    both([0xaau8, 0xbb], v.take("fixed opaque 2"));
    both([0xaau8, 0xbb, 0xcc], v.take("fixed opaque 3"));
    both([0xaau8, 0xbb, 0xcc, 0xdd], v.take("fixed opaque 4"));
    both([0xaau8, 0xbb, 0xcc, 0xdd, 0xee], v.take("fixed opaque 5"));
    both(Array([0x11u8; 33]), v.take("fixed opaque 33"));

    let bytes = v.take("variable opaque empty");
    both::<&[u8]>(&[], bytes);
    both(heapless::Vec::<u8, 4>::new(), bytes);
    let bytes = v.take("variable opaque 5");
    both::<&[u8]>(&[1, 2, 3, 4, 5], bytes);
    both(heapless::Vec::<u8, 5>::from([1, 2, 3, 4, 5]), bytes);
    let bytes = v.take("variable opaque 8");
    both::<&[u8]>(&[0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8], bytes);
    let octets = heapless::Vec::<Octet, 3>::from([Octet(7), Octet(8), Octet(9)]);
    both(octets, v.take("variable opaque newtype"));

    let bytes = v.take("string empty");
    both("", bytes);
    both(heapless::String::<0>::new(), bytes);
    let bytes = v.take("string hello");
    both("hello", bytes);
    both(heapless::String::<5>::try_from("hello").unwrap(), bytes);
    both("é€!A", v.take("string utf-8"));
}

fn arrays(v: &mut Vectors) {
    let bytes = v.take("fixed array of u16");
    both([1u16, 65535], bytes);
    both((1u16, 65535u16), bytes);
    both(Array([1u16, 65535]), bytes);
    both(["a", ""], v.take("fixed array of strings"));
    both([[1u8, 2, 3], [4, 5, 6]], v.take("fixed array of opaque"));
    both((-2i32, "x", true), v.take("tuple of different types"));

    let bytes = v.take("variable array of int");
    both(heapless::Vec::<i32, 3>::from([0, -1, i32::MAX]), bytes);
    encodes(&[0, -1, i32::MAX].as_slice(), bytes);
    both(heapless::Vec::<i32, 3>::new(), v.take("variable array empty"));
    both(heapless::Vec::<&[u8], 2>::from([&[1u8] as &[u8], &[]]), v.take("variable array of opaque"));
    both(heapless::Vec::<[u8; 2], 2>::from([[10, 11], [12, 13]]), v.take("variable array of fixed opaque"));
}

fn structs(v: &mut Vectors) {
    let sample = Sample { small: 1, packed: [2, 3, 4], signed: -1, half: 256 };
    both(sample, v.take("struct with small fields"));
    both(Empty {}, v.take("struct empty"));
    both(Pair(9, 65536), v.take("tuple struct"));
    both(None::<u32>, v.take("optional none"));
    both(Some(42u32), v.take("optional some"));
    both(Some(7u8), v.take("optional byte"));
    both(Some(None::<u32>), v.take("optional optional"));
    let list = Node { item: "b".into(), next: None };
    both(Some(Box::new(Node { item: "a".into(), next: Some(Box::new(list)) })), v.take("optional list"));
    let file = File { filename: "sillyprog", kind: FileType::Exec("lisp"), owner: "john", data: b"(quit)" };
    both(file, v.take("file"));
}

fn unions(v: &mut Vectors) {
    both(Shape::Nothing, v.take("union void"));
    both(Shape::Byte(255), v.take("union byte"));
    both(Shape::Point(-1, 3), v.take("union two values"));
    both(Shape::Rectangle { width: 640, height: 480 }, v.take("union named values"));
    both(Ok::<i32, Color>(21_540), v.take("result ok"));
    both(Err::<i32, Color>(Color::Blue), v.take("result error"));
    both(Outcome::Value(99), v.take("union own number with value"));
    both(Outcome::Busy, v.take("union own number void"));
    both(Outcome::Failed(99), v.take("union default void"));
    let other = Packet::Other(i32::MIN, heapless::Vec::from([5, u16::MAX]));
    both(other, v.take("union default with value"));
    both(Packet::Blob(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), v.take("union borrowed"));
}
