//! Arbitrary bytes: decoding never panics, and accepts only bytes that the value encodes to.

use core::any::type_name;

use oncilla::xdr::decode;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde::{Deserialize, Serialize};

use crate::alike::alike;
use crate::encoded;
use crate::types::*;

/// Checks that accepted bytes are the encoding of the decoded value.
fn canonical<'de, T: Serialize + Deserialize<'de>>(bytes: &'de [u8]) {
    if let Ok(value) = decode::<T>(bytes) {
        let ours = encoded(&value).expect("a value that was decoded");
        assert!(alike(&ours, bytes), "{}: {ours:?} for {bytes:?}", type_name::<T>());
    }
}

/// Checks that an error is at a byte that exists, and that decoding again returns the same error.
fn located<'de, T: Deserialize<'de>>(bytes: &'de [u8]) {
    if let Err(error) = decode::<T>(bytes) {
        assert!(error.offset <= bytes.len(), "{error:?} in {} bytes", bytes.len());
        assert_eq!(decode::<T>(bytes).err(), Some(error));
    }
}

/// Generates words that occur in XDR, so that not every input is refused at its first word.
fn words() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => 0..4u32,
        2 => 0..12u32,
        1 => any::<u32>(),
        1 => Just(u32::MAX),
        2 => "[a-z]{4}".prop_map(|text| u32::from_be_bytes(text.into_bytes().try_into().unwrap())),
        1 => (any::<u8>()).prop_map(|byte| u32::from_be_bytes([byte, 0, 0, 0])),
    ];
    (proptest::collection::vec(word, 0..12), 0..4usize).prop_map(|(words, cut)| {
        let mut bytes: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
        // Mostly whole words.
        bytes.truncate(bytes.len() - if cut == 3 { cut.min(bytes.len()) } else { 0 });
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn likely_words(bytes in words()) {
        every_type!(canonical(&bytes));
        every_type!(located(&bytes));
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        every_type!(canonical(&bytes));
        every_type!(located(&bytes));
    }
}

/// Checks that some generated words are accepted; otherwise the test above would prove nothing.
#[test]
fn some_likely_words_are_accepted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut accepted = [0; 5];
    for _ in 0..2000 {
        let bytes = words().new_tree(&mut runner).unwrap().current();
        accepted[0] += usize::from(decode::<Option<&str>>(&bytes).is_ok());
        accepted[1] += usize::from(decode::<heapless::Vec<i32, 4>>(&bytes).is_ok());
        accepted[2] += usize::from(decode::<Shape>(&bytes).is_ok());
        accepted[3] += usize::from(decode::<Packet<'_>>(&bytes).is_ok());
        accepted[4] += usize::from(decode::<Sample>(&bytes).is_ok());
    }
    assert!(accepted.iter().all(|&count| count > 0), "{accepted:?}");
}
