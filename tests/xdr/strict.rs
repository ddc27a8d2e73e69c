//! Refusals on decoding: each fault, and the byte at which it is reported.
//!
//! The byte is the first of the wrong item: a number, a length word or padding. If the input ends too early, it is the
//! first byte of the incomplete word, opaque data or padding.

use core::num::{NonZeroI32, NonZeroU8};

use oncilla::xdr::{Array, Decoder, Fault, decode};

use crate::refused;
use crate::types::*;

type Ints<const N: usize> = heapless::Vec<u32, N>;
type Bytes<const N: usize> = heapless::Vec<u8, N>;

#[test]
fn incomplete_words() {
    for length in 0..4 {
        let bytes = &[0; 4][..length];
        refused::<bool>(bytes, Fault::End, 0);
        refused::<u8>(bytes, Fault::End, 0);
        refused::<i32>(bytes, Fault::End, 0);
        refused::<f32>(bytes, Fault::End, 0);
        refused::<Option<u8>>(bytes, Fault::End, 0);
        refused::<Shape>(bytes, Fault::End, 0);
        refused::<Color>(bytes, Fault::End, 0);
        refused::<Outcome>(bytes, Fault::End, 0);
        refused::<&[u8]>(bytes, Fault::End, 0);
        refused::<&str>(bytes, Fault::End, 0);
        refused::<Ints<3>>(bytes, Fault::End, 0);
    }
    for length in 0..8 {
        refused::<i64>(&[0; 8][..length], Fault::End, 0);
        refused::<f64>(&[0; 8][..length], Fault::End, 0);
    }
    refused::<(u32, u32)>(&[0; 7], Fault::End, 4);
    refused::<Some32>(&[0, 0, 0, 1, 0, 0, 0], Fault::End, 4);
}

type Some32 = Option<u32>;

#[test]
fn bools() {
    for word in [2, 256, 0x0100_0000, u32::MAX] {
        let bytes = word.to_be_bytes();
        refused::<bool>(&bytes, Fault::Bool, 0);
        refused::<Option<()>>(&bytes, Fault::Bool, 0);
    }
    refused::<(u32, Option<u32>)>(&[0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0], Fault::Bool, 4);
}

#[test]
fn numbers_too_large_for_their_type() {
    let edges = |word: i64| u32::try_from(word & 0xffff_ffff).unwrap().to_be_bytes();
    for word in [300, 256, -129, i64::from(i32::MIN)] {
        refused::<u8>(&edges(word), Fault::Range, 0);
        refused::<Option<u8>>(&[&[0, 0, 0, 1], &edges(word)[..]].concat(), Fault::Range, 4);
        refused::<Shape>(&[&[0, 0, 0, 1], &edges(word)[..]].concat(), Fault::Range, 4);
    }
    for word in [-129, 256, i64::from(i32::MAX), i64::from(i32::MIN)] {
        refused::<i8>(&edges(word), Fault::Range, 0);
    }
    for word in [65_536, -32_769] {
        refused::<u16>(&edges(word), Fault::Range, 0);
    }
    for word in [65_536, -32_769] {
        refused::<i16>(&edges(word), Fault::Range, 0);
    }
    refused::<NonZeroU8>(&[0; 4], Fault::Range, 0);
    refused::<NonZeroI32>(&[0; 4], Fault::Range, 0);
}

/// C sends a `char` or a `short` as a signed or an unsigned number, depending on the machine.
#[test]
fn narrow_numbers_may_be_signed_or_unsigned() {
    let decoded = |word: i32| {
        let bytes = word.to_be_bytes();
        (decode::<i8>(&bytes).ok(), decode::<u8>(&bytes).ok(), decode::<i16>(&bytes).ok(), decode::<u16>(&bytes).ok())
    };
    assert_eq!(decoded(-1), (Some(-1), Some(255), Some(-1), Some(65_535)));
    assert_eq!(decoded(-128), (Some(-128), Some(128), Some(-128), Some(65_408)));
    assert_eq!(decoded(128), (Some(-128), Some(128), Some(128), Some(128)));
    assert_eq!(decoded(255), (Some(-1), Some(255), Some(255), Some(255)));
    assert_eq!(decoded(-32_768), (None, None, Some(i16::MIN), Some(32_768)));
    assert_eq!(decoded(65_535), (None, None, Some(-1), Some(65_535)));
    assert_eq!(decoded(65_536), (None, None, None, None));
}

#[test]
fn padding_that_is_not_zero() {
    for (length, place) in [(1, 5), (1, 6), (1, 7), (2, 6), (2, 7), (3, 7)] {
        let mut bytes = [0, 0, 0, length, 0, 0, 0, 0];
        bytes[place] = 1;
        let padding = 4 + usize::from(length);
        refused::<&[u8]>(&bytes, Fault::Padding, padding);
        refused::<Bytes<4>>(&bytes, Fault::Padding, padding);
        refused::<&str>(&bytes, Fault::Padding, padding);
        refused::<heapless::String<4>>(&bytes, Fault::Padding, padding);
    }
    for place in [5, 6, 7] {
        let mut bytes = [0; 8];
        bytes[place] = 0x80;
        refused::<[u8; 5]>(&bytes, Fault::Padding, 5);
        refused::<Array<u8, 5>>(&bytes, Fault::Padding, 5);
        refused::<(u8, u8, u8, u8, u8)>(&bytes, Fault::Padding, 5);
    }
}

#[test]
fn padding_that_is_missing() {
    for length in 5..8 {
        refused::<[u8; 5]>(&[0; 8][..length], Fault::End, 5);
        refused::<&[u8]>(&[0, 0, 0, 1, 0, 0, 0][..length], Fault::End, 5);
        refused::<Bytes<1>>(&[0, 0, 0, 1, 0, 0, 0][..length], Fault::End, 5);
        refused::<&str>(&[0, 0, 0, 1, 0, 0, 0][..length], Fault::End, 5);
    }
    refused::<[u8; 5]>(&[0; 3], Fault::End, 3);
}

#[test]
fn false_lengths() {
    for length in [5, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff_u32] {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&length.to_be_bytes());
        refused::<&[u8]>(&bytes, Fault::Length, 0);
        refused::<&str>(&bytes, Fault::Length, 0);
        refused::<Bytes<256>>(&bytes, Fault::Length, 0);
        refused::<heapless::String<256>>(&bytes, Fault::Length, 0);
        refused::<Ints<256>>(&bytes, Fault::Length, 0);
        // Elements without bytes: only its own count would end such a list.
        refused::<heapless::Vec<(), 256>>(&bytes, Fault::Length, 0);
        refused::<Vec<()>>(&bytes, Fault::Length, 0);
        refused::<Vec<Empty>>(&bytes, Fault::Length, 0);
    }
    // The length does not exceed the bytes, but the elements need more.
    refused::<Ints<4>>(&[0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2], Fault::End, 12);
    refused::<heapless::Vec<&str, 4>>(&[0, 0, 0, 2, 0, 0, 0, 0], Fault::End, 8);
}

#[test]
fn a_list_of_unit_values_may_be_as_long_as_the_bytes_after_it() {
    let bytes = [0, 0, 0, 4, 0, 0, 0, 9];
    let list = heapless::Vec::<(), 4>::from([(); 4]);
    assert_eq!(decode(&bytes), Ok((list, 9u32)));
    refused::<(heapless::Vec<(), 3>, u32)>(&bytes, Fault::Bound, 0);
}

#[test]
fn more_than_the_bound() {
    let two = [0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 8];
    assert_eq!(decode(&two), Ok(Ints::<2>::from([7, 8])));
    refused::<Ints<1>>(&two, Fault::Bound, 0);
    refused::<Ints<0>>(&two, Fault::Bound, 0);
    let bytes = *b"\0\0\0\x04abcd";
    assert_eq!(decode(&bytes), Ok(Bytes::<4>::from(*b"abcd")));
    refused::<Bytes<3>>(&bytes, Fault::Bound, 0);
    refused::<Bytes<1>>(&bytes, Fault::Bound, 0);
    assert_eq!(decode::<heapless::String<4>>(&bytes).as_deref(), Ok("abcd"));
    refused::<heapless::String<3>>(&bytes, Fault::Bound, 0);
    refused::<heapless::String<0>>(&bytes, Fault::Bound, 0);
}

#[test]
fn text_that_is_not_utf_8() {
    // A lone continuation byte, a character cut off, an overlong form, a surrogate.
    for text in [*b"\x80abc", *b"ab\xe2\x82", *b"\xc0\x80ab", *b"\xed\xa0\x80a"] {
        let bytes = [b"\0\0\0\x04", &text[..]].concat();
        refused::<&str>(&bytes, Fault::Text, 0);
        refused::<heapless::String<4>>(&bytes, Fault::Text, 0);
        refused::<String>(&bytes, Fault::Text, 0);
        assert_eq!(decode::<&[u8]>(&bytes), Ok(&text[..]));
    }
}

#[test]
fn variants_that_do_not_exist() {
    let (four, two, one) = ([0, 0, 0, 4], [0, 0, 0, 2], [0, 0, 0, 1]);
    refused::<Shape>(&four, Fault::Variant, 0);
    refused::<Shape>(&[0xff; 4], Fault::Variant, 0);
    refused::<Result<(), ()>>(&two, Fault::Variant, 0);
    refused::<Color>(&one, Fault::Variant, 0);
    refused::<Level>(&one, Fault::Variant, 0);
    refused::<FileType<'_>>(&[0, 0, 0, 3], Fault::Variant, 0);
    refused::<FileType<'_>>(&[0xff; 4], Fault::Variant, 0);
    refused::<(u32, Shape)>(&[[0; 4], four].concat(), Fault::Variant, 4);
}

#[test]
fn tuples_that_mix_bytes_with_other_types() {
    refused::<(u8, u32)>(&[0; 8], Fault::Mixed, 1);
    refused::<(u32, u8)>(&[0; 8], Fault::Mixed, 4);
    refused::<(u8, u8, u16)>(&[0; 8], Fault::Mixed, 2);
    refused::<(Octet, u32)>(&[0; 8], Fault::Mixed, 1);
    refused::<(&str, u8)>(&[0; 8], Fault::Mixed, 4);
    refused::<(u8, Option<u8>)>(&[0; 8], Fault::Mixed, 1);
    // `bool` and `i8` have one byte in memory, but are words in XDR.
    assert_eq!(decode(&[0, 0, 0, 1, 0, 0, 0, 1]), Ok((true, 1i8)));
}

#[test]
fn bytes_left_over() {
    refused::<u32>(&[0; 5], Fault::LeftOver, 4);
    refused::<()>(&[0], Fault::LeftOver, 0);
    refused::<[u8; 3]>(&[0; 8], Fault::LeftOver, 4);
    refused::<&str>(b"\0\0\0\x01a\0\0\0\0\0\0\0", Fault::LeftOver, 8);
    refused::<Option<u32>>(&[0; 8], Fault::LeftOver, 4);
    refused::<Empty>(&[0; 4], Fault::LeftOver, 0);

    let mut decoder = Decoder::new(&[0, 0, 0, 7, 0, 0, 0, 8]);
    assert_eq!(decoder.value::<u32>(), Ok(7));
    assert_eq!(decoder.finish().map_err(|error| error.offset), Err(4));
}

#[test]
fn offsets_count_from_the_start_of_the_input() {
    let sample = |small: u8| [&[0, 0, 0, small], &[1, 2, 3, 0, 0, 0, 0, 4, 0, 0, 0, 5][..]].concat();
    let good = [&[0, 0, 0, 2][..], &sample(1), &sample(2)].concat();
    assert_eq!(decode::<heapless::Vec<Sample, 2>>(&good).map(|samples| samples[1].small), Ok(2));
    let mut bad = good.clone();
    bad[27] = 1; // The padding of `packed` in the second.
    refused::<heapless::Vec<Sample, 2>>(&bad, Fault::Padding, 27);
    let mut bad = good;
    bad[27 + 3] = 1; // `signed` of the second is over 255.
    refused::<heapless::Vec<Sample, 2>>(&bad, Fault::Range, 28);
}

#[test]
fn types_without_an_xdr_form() {
    refused::<char>(&[0; 4], Fault::Unsupported, 0);
    refused::<i128>(&[0; 16], Fault::Value, 0);
    refused::<std::collections::BTreeMap<u32, u32>>(&[0; 4], Fault::Unsupported, 0);
    refused::<serde::de::IgnoredAny>(&[0; 4], Fault::Unsupported, 0);
}

/// A type that accepts only even numbers, and reports its own error.
#[derive(Debug)]
struct Even;

impl<'de> serde::Deserialize<'de> for Even {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? % 2 {
            0 => Ok(Self),
            _ => Err(serde::de::Error::custom("odd")),
        }
    }
}

/// A type that reads only the first element of a sequence.
#[derive(Debug, PartialEq)]
struct First(u32);

impl<'de> serde::Deserialize<'de> for First {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfSequence;

        impl<'de> serde::de::Visitor<'de> for OfSequence {
            type Value = First;

            fn expecting(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                formatter.write_str("a sequence")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut elements: A) -> Result<First, A::Error> {
                Ok(First(elements.next_element()?.unwrap_or_default()))
            }
        }

        deserializer.deserialize_seq(OfSequence)
    }
}

#[test]
fn elements_that_the_type_does_not_read() {
    assert_eq!(decode(&[0, 0, 0, 1, 0, 0, 0, 7]), Ok(First(7)));
    assert_eq!(decode(&[0; 4]), Ok(First(0)));
    refused::<First>(&[0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 8], Fault::Bound, 0);
}

#[test]
fn values_that_the_type_itself_refuses() {
    assert!(decode::<Even>(&[0, 0, 0, 2]).is_ok());
    refused::<Even>(&[0, 0, 0, 1], Fault::Value, 4);
}
