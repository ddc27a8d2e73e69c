//! The memory that decoding takes: at most 16 bytes for each byte of the input, and 16 KiB.

use allocation_counter::{AllocationInfo, measure};
use oncilla::xdr::{DecodeError, Fault, VecList, decode};
use serde::Deserialize;

use crate::on_heap::{Branch, Heap, Term, Tree};

oncilla::xdr_struct! {
    /// Much memory for few bytes.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Wide { pub text: heapless::String<1000> }
}

oncilla::xdr_struct! { pub struct Wides { pub wides: Vec<Wide> [..] } }
oncilla::xdr_struct! { pub struct Strings { pub strings: Vec<String> [..] [..] } }
oncilla::xdr_struct! { pub struct Rows { pub rows: Vec<Vec<u64>> [..] [..] } }
oncilla::xdr_struct! { pub struct Numbers { pub numbers: Vec<u32> [..] } }
oncilla::xdr_struct! { pub struct Bytes { pub bytes: Vec<u8> [..] } }
oncilla::xdr_struct! { pub struct Nothings { pub nothings: Vec<()> [..] } }
oncilla::xdr_struct! { pub struct WideList { pub wides: VecList<Wide> [..] } }
oncilla::xdr_struct! { pub struct Boxes { pub boxes: Vec<Option<Box<Wide>>> [..] [..] } }
oncilla::xdr_struct! { pub struct Unstated { pub boxes: Vec<Option<Box<Wide>>> [..] } }
oncilla::xdr_struct! { pub struct Lists { pub lists: VecList<Strings> [..] } }

/// Decodes a `T`. Returns the outcome and the most memory in use at one time.
fn peak<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> (Result<(), DecodeError>, u64) {
    let mut outcome = None;
    let AllocationInfo { bytes_max, .. } = measure(|| outcome = Some(decode::<T>(bytes).map(drop)));
    (outcome.unwrap(), bytes_max)
}

/// Checks the limit for one input and one type.
fn check<'b, T: Deserialize<'b>>(bytes: &'b [u8]) {
    let (outcome, peak) = peak::<T>(bytes);
    // Boxes without stated bounds are charged when they are there: one of them may be too many.
    let most = 16 * bytes.len() as u64 + 16 * 1024 + size_of::<Wide>() as u64;
    let name = core::any::type_name::<T>();
    assert!(peak <= most, "{peak} bytes for {} of a {name}, {outcome:?}", bytes.len());
}

/// Checks the limit for every type.
fn check_all(bytes: &[u8]) {
    check::<Wides>(bytes);
    check::<Strings>(bytes);
    check::<Rows>(bytes);
    check::<Numbers>(bytes);
    check::<Bytes>(bytes);
    check::<Nothings>(bytes);
    check::<WideList>(bytes);
    check::<Boxes>(bytes);
    check::<Lists>(bytes);
    check::<Unstated>(bytes);
    check::<Branch>(bytes);
    check::<Tree>(bytes);
    check::<Term>(bytes);
    check::<Heap>(bytes);
}

#[test]
fn one_word_again_and_again() {
    for word in (0..20).chain([30_000, 99_999, 100_000, 400_000, u32::MAX / 2, u32::MAX]) {
        for words in [0, 1, 2, 5, 100, 1000, 100_000] {
            check_all(&word.to_be_bytes().repeat(words));
        }
    }
}

#[test]
fn random_words() {
    // A generator of Lehmer's: small numbers most of the time, which are plausible lengths.
    let mut state = 1_u64;
    for _ in 0..2000 {
        let mut bytes = Vec::new();
        for _ in 0..500 {
            state = state * 48_271 % 0x7fff_ffff;
            let word = if state.is_multiple_of(5) { state as u32 % 300 } else { state as u32 % 4 };
            bytes.extend(word.to_be_bytes());
        }
        check_all(&bytes);
    }
}

#[test]
fn elements_that_take_too_much_are_refused_before_memory_is_taken() {
    let mut bytes = 100_000_u32.to_be_bytes().to_vec();
    bytes.resize(400_004, 0);
    let (outcome, peak) = peak::<Wides>(&bytes);
    assert_eq!(outcome, Err(DecodeError { fault: Fault::Memory, offset: 0, value: None }));
    assert_eq!(peak, 0);
    let boxes = [b"\0\x01\x86\xa0".as_slice(), &b"\0\0\0\x01\0\0\0\0".repeat(100_000)].concat();
    for outcome in [self::peak::<Boxes>(&boxes).0, self::peak::<Unstated>(&boxes).0] {
        assert!(matches!(outcome, Err(DecodeError { fault: Fault::Memory, .. })), "{outcome:?}");
    }
    let (outcome, _) = self::peak::<WideList>(&b"\0\0\0\x01\0\0\0\0".repeat(100_000));
    assert!(matches!(outcome, Err(DecodeError { fault: Fault::Memory, .. })), "{outcome:?}");
}

#[test]
fn a_false_length_takes_nothing() {
    assert_eq!(peak::<Numbers>(&u32::MAX.to_be_bytes()).1, 0);
    assert_eq!(peak::<Bytes>(b"\0\0\0\x05abc\0").1, 0);
}

#[test]
fn a_vector_is_allocated_once() {
    let numbers = crate::encoded(&Numbers { numbers: (0..10_000).collect() });
    let info = measure(|| drop(decode::<Numbers>(&numbers)));
    assert_eq!((info.count_total, info.bytes_total), (1, 40_000));
    let bytes = crate::encoded(&Bytes { bytes: vec![7; 10_001] });
    let info = measure(|| drop(decode::<Bytes>(&bytes)));
    assert_eq!((info.count_total, info.bytes_total), (1, 10_001));
    let strings = crate::encoded(&Strings { strings: vec!["text".to_owned(); 100] });
    let info = measure(|| drop(decode::<Strings>(&strings)));
    assert_eq!((info.count_total, info.bytes_total), (101, 100 * size_of::<String>() as u64 + 400));
}
