//! Each type on the heap has the bytes, and the bounds, of its counterpart by value.

use oncilla::xdr::{Array, Fault, MaxSize};

use crate::on_heap::{ByValue, Color, Heap, by_value, heap};
use crate::{encoded, refused, same};

#[test]
fn the_bytes_are_those_of_types_by_value() {
    same(&heap(), &by_value(), &mut Vec::new());
    let (mut heap, mut value) = (heap(), by_value());
    (heap.result, heap.boxed, heap.optional) = (Err(Color::Blue), None, None);
    (value.result, value.boxed, value.optional) = (Err(Color::Blue), None, None);
    same(&heap, &value, &mut Vec::new());
}

#[test]
fn cut_anywhere_both_report_the_same() {
    let bytes = encoded(&heap());
    for length in 0..bytes.len() {
        let heap = oncilla::xdr::decode::<Heap>(&bytes[..length]).map(|_| ());
        assert_eq!(heap, oncilla::xdr::decode::<ByValue>(&bytes[..length]).map(|_| ()), "{length} bytes");
    }
}

#[test]
fn any_byte_changed_both_agree() {
    let bytes = encoded(&heap());
    for at in 0..bytes.len() {
        for to in [0, 1, 2, 8, 0x7f, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = to;
            let heap = oncilla::xdr::decode::<Heap>(&changed).map(|value| encoded(&value));
            let value = oncilla::xdr::decode::<ByValue>(&changed).map(|value| encoded(&value));
            // The places may differ: vectors on the heap compare their length with the bound before they read elements.
            assert_eq!(heap.ok(), value.ok(), "byte {at} is {to}");
        }
    }
}

#[test]
fn the_largest_sizes_are_those_of_types_by_value_but_for_boxes() {
    assert_eq!(Heap::MAX_SIZE, usize::MAX);
    oncilla::xdr_struct! {
        struct Bounded { text: String [..9], names: Vec<String> [..3] [..5], long: Array<Vec<u8>, 33> [..2] }
    }
    assert_eq!(Bounded::MAX_SIZE, 16 + (4 + 3 * 12) + 33 * 8);
}

oncilla::xdr_struct! { #[derive(Debug, PartialEq)] struct Text { text: String [..4] } }
oncilla::xdr_struct! { #[derive(Debug, PartialEq)] struct Names { names: Vec<String> [..2] [..4] } }
oncilla::xdr_struct! { #[derive(Debug, PartialEq)] struct Bytes { first: u32, bytes: Vec<u8> [..] } }

#[test]
fn a_value_over_its_bound_is_refused_both_ways() {
    refused::<Text>(b"\0\0\0\x05fives\0\0\0", Fault::Bound, 0);
    refused::<Names>(b"\0\0\0\x01\0\0\0\x05fives\0\0\0", Fault::Bound, 4);
    refused::<Names>(b"\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0", Fault::Bound, 0);
    let mut room = [0; 64];
    let refusal = Err(oncilla::xdr::EncodeError::Refused(Fault::Value));
    assert_eq!(oncilla::xdr::encode(&Text { text: "fives".into() }, &mut room), refusal);
    assert_eq!(oncilla::xdr::encode(&Names { names: vec!["fives".into()] }, &mut room), refusal);
}

#[test]
fn lengths_above_the_bytes_that_are_left_are_refused() {
    refused::<Bytes>(b"\0\0\0\x01\xff\xff\xff\xff", Fault::Length, 4);
    refused::<Bytes>(b"\0\0\0\x01\0\0\0\x02a\0\0\x01", Fault::Padding, 10);
    refused::<Text>(b"\0\0\0\x01\xff\0\0\0", Fault::Text, 0);
}

#[test]
fn padding_of_every_length_is_checked_last() {
    refused::<Text>(b"\0\0\0\x01a\x01\0\0", Fault::Padding, 5);
    refused::<Text>(b"\0\0\0\x01a\0\0\x80", Fault::Padding, 5);
    refused::<Text>(b"\0\0\0\x02ab\x01\0", Fault::Padding, 6);
    refused::<Text>(b"\0\0\0\x03abc\x01", Fault::Padding, 7);
    refused::<Text>(b"\0\0\0\x03abc", Fault::End, 7);
    refused::<Text>(b"\0\0\0\x01\xff\x01\0\0", Fault::Text, 0);
    refused::<Text>(b"\0\0\0\x05fives\x01\0\0", Fault::Bound, 0);
    refused::<Text>(b"\0\0\0\x05\xffives\0\0\0", Fault::Text, 0);
    for text in ["", "a", "ab", "abc", "abcd"] {
        let mut room = [0; 8];
        let used = oncilla::xdr::encode(text, &mut room).unwrap();
        assert_eq!(oncilla::xdr::decode(&room[..used]), Ok(Text { text: text.into() }));
    }
}
