//! Values without an encoding, and buffers that are too small.

use std::collections::BTreeMap;

use oncilla::xdr::{EncodeError, Encoder, Fault, encode};
use serde::ser::{Serialize, SerializeSeq, SerializeTuple, Serializer};

use crate::types::*;
use crate::{encodes, not_encoded};

/// A sequence that may announce a wrong number of elements.
#[derive(Debug)]
struct Announced<T> {
    announced: Option<usize>,
    given: Vec<T>,
}

impl<T: Serialize> Serialize for Announced<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut elements = serializer.serialize_seq(self.announced)?;
        self.given.iter().try_for_each(|element| elements.serialize_element(element))?;
        elements.end()
    }
}

/// A tuple that may announce a wrong number of elements.
#[derive(Debug)]
struct AnnouncedTuple(usize, Vec<u32>);

impl Serialize for AnnouncedTuple {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut elements = serializer.serialize_tuple(self.0)?;
        self.1.iter().try_for_each(|element| elements.serialize_element(element))?;
        elements.end()
    }
}

/// A sequence of unknown length: the odd bytes of a vector.
#[derive(Debug)]
struct Odd(Vec<u8>);

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().filter(|byte| *byte % 2 == 1))
    }
}

#[test]
fn sequences_must_have_their_announced_length() {
    encodes(&Announced { announced: Some(2), given: vec![1u32, 2] }, &[0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
    not_encoded(&Announced { announced: Some(1), given: vec![1u32, 2] }, Fault::Length);
    not_encoded(&Announced { announced: Some(3), given: vec![1u32, 2] }, Fault::Length);
    encodes(&Announced { announced: Some(2), given: vec![1u8, 2] }, &[0, 0, 0, 2, 1, 2, 0, 0]);
    not_encoded(&Announced { announced: Some(1), given: vec![1u8, 2] }, Fault::Length);
    not_encoded(&Announced { announced: Some(3), given: vec![1u8, 2] }, Fault::Length);
    encodes(&AnnouncedTuple(1, vec![7]), &[0, 0, 0, 7]);
    not_encoded(&AnnouncedTuple(2, vec![7]), Fault::Length);
    not_encoded(&AnnouncedTuple(0, vec![7]), Fault::Length);
}

#[test]
fn sequences_of_unknown_length_are_refused() {
    not_encoded(&Announced { announced: None, given: vec![1u32] }, Fault::Unsupported);
    not_encoded(&Odd(vec![1, 2, 3]), Fault::Unsupported);
}

#[test]
fn types_without_an_xdr_form() {
    not_encoded(&'x', Fault::Unsupported);
    not_encoded(&BTreeMap::from([(1, 2)]), Fault::Unsupported);
    not_encoded(&Some('x'), Fault::Unsupported);
    not_encoded(&['x'; 2], Fault::Unsupported);
    assert!(matches!(crate::encoded(&1i128), Err(EncodeError::Refused(_))));
    assert!(matches!(crate::encoded(&format_args!("text that is not formatted yet")), Err(EncodeError::Refused(_))));
}

#[test]
fn tuples_that_mix_bytes_with_other_types() {
    not_encoded(&(1u8, 2u32), Fault::Mixed);
    not_encoded(&(1u32, 2u8), Fault::Mixed);
    not_encoded(&(1u8, 2u8, 3u16), Fault::Mixed);
    not_encoded(&(Octet(1), 2u32), Fault::Mixed);
    not_encoded(&("", 2u8), Fault::Mixed);
    not_encoded(&(1u8, Some(2u8)), Fault::Mixed);
    encodes(&(true, 1i8), &[0, 0, 0, 1, 0, 0, 0, 1]);
}

#[test]
fn no_room_reports_the_bytes_needed() {
    fn check(value: &impl Serialize, needed: usize) {
        for available in 0..needed {
            let mut room = vec![0xee; available + 8];
            let (lent, beyond) = room.split_at_mut(available);
            assert_eq!(encode(value, lent), Err(EncodeError::NoRoom { needed, available }));
            assert!(beyond.iter().all(|&byte| byte == 0xee));
        }
        for more in 0..8 {
            assert_eq!(encode(value, &mut vec![0xee; needed + more]), Ok(needed));
        }
    }
    check(&7u32, 4);
    check(&i64::MIN, 8);
    check(&[1u8, 2, 3, 4, 5], 8);
    check(&[1u8, 2, 3, 4, 5].as_slice(), 12);
    check(&"hello", 12);
    check(&[1u16, 2, 3].as_slice(), 16);
    check(&Some(Some(3u8)), 12);
    check(&Shape::Point(1, 2), 12);
    check(&("ab", [1u32; 3], Some("c")), 32);
    let file = File { filename: "sillyprog", kind: FileType::Exec("lisp"), owner: "john", data: b"(quit)" };
    check(&file, 48);
}

#[test]
fn nothing_is_written_after_a_value_without_room() {
    // The string does not fit; the word after it would.
    let mut room = [0xee; 8];
    let needed = EncodeError::NoRoom { needed: 16, available: 8 };
    assert_eq!(encode(&("hello", 1u32), &mut room), Err(needed));
    assert_eq!(room[4..], [0xee; 4]);
}

#[test]
fn an_encoder_appends() {
    let mut room = [0xee; 12];
    let mut encoder = Encoder::new(&mut room);
    encoder.value(&1u32).unwrap();
    encoder.value("ab").unwrap();
    assert_eq!(encoder.finish(), Ok(12));
    assert_eq!(room, *b"\0\0\0\x01\0\0\0\x02ab\0\0");

    let mut encoder = Encoder::new(&mut room);
    for _ in 0..4 {
        encoder.value(&1u32).unwrap();
    }
    assert_eq!(encoder.finish(), Err(EncodeError::NoRoom { needed: 16, available: 12 }));

    let mut encoder = Encoder::new(&mut room);
    assert_eq!(encoder.value(&'x'), Err(Fault::Unsupported));
}

#[test]
fn a_refusal_is_reported_before_lack_of_room() {
    assert_eq!(encode(&(1u32, 'x'), &mut []), Err(EncodeError::Refused(Fault::Unsupported)));
}
