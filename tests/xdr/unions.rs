//! `xdr_union!`, and the unions that serde derives.

use oncilla::xdr::{Fault, MaxSize};

use crate::types::*;
use crate::{both, encoded, not_encoded, refused};

#[test]
fn arms_with_and_without_a_value() {
    both(FileType::Text, &[0; 4]);
    both(FileType::Data("x"), b"\0\0\0\x01\0\0\0\x01x\0\0\0");
    both(Outcome::Value(u64::MAX), &[&[0; 4][..], &[0xff; 8]].concat());
    both(Outcome::Busy, &[0xff, 0xff, 0xff, 0xf0]);
    refused::<FileType<'_>>(&[0, 0, 0, 0, 0, 0, 0, 0], Fault::LeftOver, 4);
    refused::<Outcome>(&[0; 8], Fault::End, 4);
}

#[test]
fn default_arms_take_every_other_number() {
    for number in [1, -1, 15, 16, -15, i32::MIN, i32::MAX] {
        both(Outcome::Failed(number), &number.to_be_bytes());
        let bytes = [number.to_be_bytes(), [0; 4]].concat();
        if number != 1 {
            both(Packet::Other(number, heapless::Vec::new()), &bytes);
        }
    }
}

#[test]
fn default_arms_do_not_take_listed_numbers() {
    // They would decode as another arm.
    not_encoded(&Outcome::Failed(0), Fault::Value);
    not_encoded(&Outcome::Failed(-16), Fault::Value);
    not_encoded(&Packet::Other(7, heapless::Vec::new()), Fault::Value);
}

#[test]
fn borrowed_bodies_keep_their_bounds() {
    both(Packet::Blob(&[1; 9]), b"\0\0\0\x07\0\0\0\x09\x01\x01\x01\x01\x01\x01\x01\x01\x01\0\0\0");
    not_encoded(&Packet::Blob(&[1; 10]), Fault::Value);
    refused::<Packet<'_>>(&[&[0, 0, 0, 7, 0, 0, 0, 10][..], &[0; 12]].concat(), Fault::Bound, 4);
    let long = "x".repeat(256);
    not_encoded(&FileType::Exec(&long), Fault::Value);
}

oncilla::xdr_union! {
    #[derive(Debug, PartialEq)]
    enum Defaulted<'a> {
        /// An arm has attributes.
        Zero(()) = 0,
        /// So has each further arm.
        Negative([u8; 2]) = -1,
        /// So has the default arm.
        _ => Rest(&'a str [..4]),
    }
}

#[test]
fn default_bodies_may_borrow() {
    both(Defaulted::Rest(1, "abcd"), b"\0\0\0\x01\0\0\0\x04abcd");
    both(Defaulted::Zero(()), &[0; 4]);
    both(Defaulted::Negative([1, 2]), &[0xff, 0xff, 0xff, 0xff, 1, 2, 0, 0]);
    not_encoded(&Defaulted::Rest(1, "abcde"), Fault::Value);
    refused::<Defaulted<'_>>(b"\0\0\0\x01\0\0\0\x05abcde\0\0\0", Fault::Bound, 4);
}

#[test]
fn sizes_are_those_of_the_largest_arm() {
    assert_eq!(FileType::MAX_SIZE, 4 + 4 + 256);
    assert_eq!(Outcome::MAX_SIZE, 4 + 8);
    assert_eq!(Packet::MAX_SIZE, 4 + 4 + 12);
    assert_eq!(Defaulted::MAX_SIZE, 4 + 8);
    assert_eq!(encoded(&Packet::Blob(&[0; 9])).unwrap().len(), Packet::MAX_SIZE);
    assert_eq!(encoded(&Packet::Other(3, heapless::Vec::from([1, 2, 3]))).unwrap().len(), Packet::MAX_SIZE);
}

#[test]
fn derived_unions_count_from_zero() {
    both(Shape::Nothing, &[0; 4]);
    both(Shape::Byte(9), &[0, 0, 0, 1, 0, 0, 0, 9]);
    both(Shape::Point(-1, 9), &[0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 9]);
    both(Shape::Rectangle { width: 1, height: 2 }, &[0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2]);
}

#[test]
fn unions_are_words_in_sequences() {
    both([Outcome::Failed(1), Outcome::Busy], &[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xf0]);
    both(heapless::Vec::<_, 2>::from([Shape::Nothing]), &[0, 0, 0, 1, 0, 0, 0, 0]);
    both(Some(FileType::Text), &[0, 0, 0, 1, 0, 0, 0, 0]);
    both(Ok::<_, Outcome>(Outcome::Busy), &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xf0]);
}

oncilla::xdr_union! {
    #[derive(Debug, PartialEq)]
    enum Natural<'a>: u32 {
        None = 0,
        _ in [1, 0x8000_0000] => Named(&'a str [..4]),
        _ in [2, 3] => Void,
        Last = 0xffff_fffe,
        _ => Rest(u64),
    }
}

oncilla::xdr_union! {
    #[derive(Debug, PartialEq)]
    enum Wide: i64 {
        Low(u8) = i64::MIN,
        _ => Other,
    }
}

oncilla::xdr_union! {
    #[derive(Debug, PartialEq)]
    enum Wider: u64 {
        _ in [0, u64::MAX] => Edge(bool),
    }
}

#[test]
fn discriminants_have_the_stated_type() {
    both(Natural::Rest(u32::MAX, 7), &[&[0xff; 4][..], &7u64.to_be_bytes()].concat());
    both(Natural::Last, &[0xff, 0xff, 0xff, 0xfe]);
    both(Wide::Low(3), &[&i64::MIN.to_be_bytes()[..], &[0, 0, 0, 3]].concat());
    both(Wide::Other(-1), &[0xff; 8]);
    both(Wider::Edge(u64::MAX, true), &[&[0xff; 8][..], &[0, 0, 0, 1]].concat());
    refused::<Wider>(&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], Fault::Variant, 0);
    refused::<Wide>(&[0; 4], Fault::End, 0);
    assert_eq!((Natural::MAX_SIZE, Wide::MAX_SIZE, Wider::MAX_SIZE), (4 + 8, 8 + 4, 8 + 4));
}

#[test]
fn several_numbers_may_share_an_arm() {
    both(Natural::Named(1, "a"), b"\0\0\0\x01\0\0\0\x01a\0\0\0");
    both(Natural::Named(0x8000_0000, "a"), b"\x80\0\0\0\0\0\0\x01a\0\0\0");
    both(Natural::Void(3), &[0, 0, 0, 3]);
    // They would decode as another arm, or not at all.
    not_encoded(&Natural::Named(2, "a"), Fault::Value);
    not_encoded(&Natural::Void(4), Fault::Value);
    not_encoded(&Natural::Rest(3, 7), Fault::Value);
    not_encoded(&Wider::Edge(1, true), Fault::Value);
    not_encoded(&Natural::Named(1, "abcde"), Fault::Value);
}
