//! The place of an error, for every fault: the first byte of the wrong item, and the received number.

use oncilla::xdr::{DecodeError, Decoder, Fault, List, decode};

use crate::types::*;

/// Returns the error of decoding a `T` after a first, correct word.
fn error<'de, T: serde::Deserialize<'de>>(bytes: &'de [u8]) -> Option<(Fault, usize, Option<u32>)> {
    let mut decoder = Decoder::new(bytes);
    assert_eq!(decoder.value(), Ok(9u32));
    let refused = decoder.value::<T>().and_then(|_| decoder.finish());
    refused.err().map(|DecodeError { fault, offset, value }| (fault, offset, value))
}

#[test]
fn an_error_has_the_place_of_the_wrong_item() {
    let with = |rest: &[u8]| [&[0, 0, 0, 9], rest].concat();
    let received = |fault, offset, value| Some((fault, offset, Some(value)));
    let alone = |fault, offset| Some((fault, offset, None));
    assert_eq!(error::<u32>(&with(&[0; 3])), alone(Fault::End, 4));
    assert_eq!(error::<&[u8]>(&with(b"\0\0\0\x02ab\0")), alone(Fault::End, 10));
    assert_eq!(error::<&[u8]>(&with(b"\0\0\0\x02ab\0\x01")), alone(Fault::Padding, 10));
    assert_eq!(error::<[u8; 2]>(&with(b"ab\0\x01")), alone(Fault::Padding, 6));
    assert_eq!(error::<bool>(&with(&[0, 0, 0, 2])), received(Fault::Bool, 4, 2));
    assert_eq!(error::<Option<u32>>(&with(&[0, 0, 0, 2])), received(Fault::Bool, 4, 2));
    assert_eq!(error::<u8>(&with(&[0, 0, 1, 44])), received(Fault::Range, 4, 300));
    assert_eq!(error::<&[u8]>(&with(&[0, 0, 0, 5, 1])), received(Fault::Length, 4, 5));
    assert_eq!(error::<heapless::Vec<u32, 2>>(&with(&[255; 4])), received(Fault::Length, 4, u32::MAX));
    assert_eq!(error::<heapless::Vec<u8, 1>>(&with(b"\0\0\0\x02ab\0\0")), received(Fault::Bound, 4, 2));
    assert_eq!(error::<heapless::String<1>>(&with(b"\0\0\0\x02ab\0\0")), received(Fault::Bound, 4, 2));
    assert_eq!(error::<Packet<'_>>(&with(b"\0\0\0\x07\0\0\0\x0aabcdefghij\0\0")), received(Fault::Bound, 8, 10));
    assert_eq!(
        error::<List<u32, 1>>(&with(b"\0\0\0\x01\0\0\0\x07\0\0\0\x01\0\0\0\x08")),
        received(Fault::Bound, 12, 1)
    );
    assert_eq!(error::<&str>(&with(b"\0\0\0\x02a\xff\0\0")), alone(Fault::Text, 4));
    assert_eq!(error::<Color>(&with(&[0, 0, 0, 4])), received(Fault::Variant, 4, 4));
    assert_eq!(error::<Shape>(&with(&[0, 0, 0, 4])), received(Fault::Variant, 4, 4));
    assert_eq!(error::<FileType<'_>>(&with(&[0, 0, 0, 3])), received(Fault::Variant, 4, 3));
    assert_eq!(error::<Option<Box<Node>>>(&with(&[[0, 0, 0, 0], [0, 0, 0, 1]].concat())), alone(Fault::LeftOver, 8));
    assert_eq!(error::<(u32, u8)>(&with(&[0; 8])), alone(Fault::Mixed, 8));
    assert_eq!(error::<u32>(&with(&[0; 5])), alone(Fault::LeftOver, 8));
    assert_eq!(error::<char>(&with(&[0; 4])), alone(Fault::Unsupported, 4));
}

/// The value may begin with a bool, a length or a number.
#[test]
fn an_error_of_depth_has_the_place_of_the_value_that_is_too_deep() {
    let deep = |bytes: &[u8]| match Decoder::with_depth(bytes, 0).value::<Option<u32>>() {
        Err(DecodeError { fault: Fault::Depth, offset, value: None }) => offset,
        other => panic!("{other:?}"),
    };
    assert_eq!(deep(&[0, 0, 0, 1, 0, 0, 0, 1]), 0);
    let sequence = Decoder::with_depth(&[0; 4], 0).value::<heapless::Vec<u32, 1>>();
    assert_eq!(sequence.map_err(|error| (error.fault, error.offset)), Err((Fault::Depth, 0)));
    let number = Decoder::with_depth(&[0; 4], 0).value::<Shape>();
    assert_eq!(number.map_err(|error| (error.fault, error.offset)), Err((Fault::Depth, 0)));
}

#[test]
fn the_bound_is_checked_before_the_padding() {
    let error = decode::<heapless::String<1>>(b"\0\0\0\x02ab\0\x01");
    assert_eq!(error, Err(DecodeError { fault: Fault::Bound, offset: 0, value: Some(2) }));
    let error = decode::<heapless::Vec<u8, 1>>(b"\0\0\0\x02ab\0\x01");
    assert_eq!(error, Err(DecodeError { fault: Fault::Bound, offset: 0, value: Some(2) }));
}
