//! The bytes of the short form: each message has exactly one encoding, and other bytes are refused.

use oncilla::ProcedureId;
use proptest::prelude::*;

use crate::*;

/// Returns a procedure of a program in the range for users.
fn users(version: u32, procedure: u32) -> ProcedureId {
    ProcedureId { program: 0x2000_0042, version, procedure }
}

#[test]
fn the_bytes_of_calls() {
    for (id, bytes) in [
        (users(1, 0), &[0x00, 0x12, 0x34, 0x42][..]),
        (users(1, 31), &[0x1f, 0x12, 0x34, 0x42]),
        (users(1, 32), &[0x40, 0x12, 0x34, 0x42, 1, 32]),
        (users(0, 0), &[0x20, 0x12, 0x34, 0x42, 0]),
        (users(2, 31), &[0x3f, 0x12, 0x34, 0x42, 2]),
        (users(127, 1), &[0x21, 0x12, 0x34, 0x42, 0x7f]),
        (users(128, 1), &[0x21, 0x12, 0x34, 0x42, 0x81, 0]),
        (users(2, 16_384), &[0x40, 0x12, 0x34, 0x42, 2, 0x81, 0x80, 0]),
    ] {
        assert_eq!(short(&call(0x1234, id, &[])).as_deref(), Some(bytes), "{id:?}");
    }
    // A program of another range has bit 29 set after the inversion, and takes five bytes.
    let portmapper = ProcedureId { program: 100_000, version: 2, procedure: 0 };
    let bytes = [0x20, 0, 1, 0x82, 0x80, 0x86, 0x8d, 0x20, 2];
    assert_eq!(short(&call(1, portmapper, &[])).as_deref(), Some(&bytes[..]));
    let largest = ProcedureId { program: u32::MAX, version: u32::MAX, procedure: u32::MAX };
    let most = short(&call(0xffff, largest, &[])).unwrap();
    assert_eq!(most.len(), 18);
}

/// Returns a number in `bytes` bytes, also if it could be shorter.
fn padded(number: u32, bytes: usize) -> Vec<u8> {
    let digits = (0..bytes).rev().map(|place| (u64::from(number) >> (7 * place)) as u8 & 0x7f | 0x80);
    let mut digits: Vec<u8> = digits.collect();
    *digits.last_mut().unwrap() &= 0x7f;
    digits
}

#[test]
fn numbers_have_one_encoding() {
    for (number, length) in
        [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (1 << 21, 4), (1 << 28, 5), (u32::MAX, 5)]
    {
        let program = |length| [&[0, 0, 7][..], &padded(number, length)].concat();
        assert!(full(&program(length)).is_some(), "{number} in {length} bytes");
        for longer in length + 1..=7 {
            assert_eq!(full(&program(longer)), None, "{number} in {longer} bytes");
        }
    }
}

#[test]
fn numbers_over_32_bits_are_refused() {
    for first in 0x90..=0xffu8 {
        assert_eq!(full(&[0, 0, 7, first, 0xff, 0xff, 0xff, 0x7f]), None, "{first:02x}");
        assert_eq!(full(&[0, 0, 7, 0x81, 0x80, 0x80, 0x80, 0x80, first & 0x7f]), None, "{first:02x}");
    }
    assert!(full(&[0, 0, 7, 0x8f, 0xff, 0xff, 0xff, 0x7f]).is_some());
}

#[test]
fn encodings_that_could_be_shorter_are_refused() {
    // Version 1 is omitted, and so is a procedure that fits the first byte.
    for bytes in [
        &[0x20, 0, 7, 0x42, 1][..],
        &[0x3f, 0, 7, 0x42, 1],
        &[0x40, 0, 7, 0x42, 1, 0],
        &[0x40, 0, 7, 0x42, 1, 31],
        &[0x40, 0, 7, 0x42, 2, 31],
        // Bits that have no meaning.
        &[0x41, 0, 7, 0x42, 1, 32],
        &[0x61, 0, 7],
    ] {
        assert_eq!(full(bytes), None, "{bytes:02x?}");
    }
    assert!(full(&[0x40, 0, 7, 0x42, 1, 32]).is_some());
}

#[test]
fn hellos_logs_and_unknown_kinds_are_neither_call_nor_reply() {
    for first in 0x61..=0xff {
        for length in 0..20 {
            let message = [&[first][..], &vec![1; length]].concat();
            assert_eq!(full(&message), None, "{first:02x}");
        }
    }
}

/// Generates a first byte, mostly of a known kind, and numbers after it.
fn likely() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![0..0x60u8, Just(0x40), Just(0x60), any::<u8>()];
    let digit = prop_oneof![0..128u8, 0..3u8, 0x7e..0x84u8, any::<u8>()];
    (first, any::<u16>(), proptest::collection::vec(digit, 0..20))
        .prop_map(|(first, xid, digits)| [&[first], &xid.to_be_bytes()[..], &digits].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn accepted_bytes_are_the_encoding_of_their_message(message in prop_oneof![likely(), bytes(40)]) {
        if let Some(full) = full(&message) {
            prop_assert_eq!(short(&full), Some(message));
        }
    }
}
