//! The check value against published values and against its definition, whatever computes it.

use std::cell::Cell;

use oncilla::framing::{Cobs, CobsWith, Crc32, LargeTable, Serial, SerialWith, crc32};
use proptest::prelude::*;

use crate::cases;
use crate::frames::{Sized, receive, seal, seal_marked};

#[test]
fn known_values() {
    assert_eq!(crc32(b""), 0);
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(crc32(b"The quick brown fox jumps over the lazy dog"), 0x414f_a339);
    assert_eq!(crc32(&[0; 4]), 0x2144_df1c);
    assert_eq!(crc32(&[0xff; 32]), 0xff6c_ab0b);
}

thread_local! {
    static COMPUTED: Cell<usize> = const { Cell::new(0) };
}

/// Computes the CRC bit by bit, as the polynomial defines it. Counts the bytes.
struct Bits;

impl Crc32 for Bits {
    fn update(mut register: u32, bytes: &[u8]) -> u32 {
        COMPUTED.set(COMPUTED.get() + bytes.len());
        for byte in bytes {
            register ^= u32::from(*byte);
            for _ in 0..8 {
                register = if register & 1 == 1 { register >> 1 ^ 0xedb8_8320 } else { register >> 1 };
            }
        }
        register
    }
}

fn by_definition(bytes: &[u8]) -> u32 {
    !Bits::update(!0, bytes)
}

/// Checks that two framings send the same, and find the same in whole, cut and damaged frames.
fn alike<A: Sized, B: Sized>() {
    for (name, message) in cases() {
        let mark = message.len() as u32;
        let frame = seal::<A>(&message);
        assert_eq!(seal::<B>(&message), frame, "{name}");
        assert_eq!(seal_marked::<B>(mark, &message), seal_marked::<A>(mark, &message), "{name}");
        let mut damaged = frame.clone();
        damaged[1 + message.len() / 2] ^= 0x10;
        let stream = [frame, damaged, seal::<A>(b"next")].concat();
        // Of 60 bytes, some messages are too long: their CRC is computed in pieces.
        for buffer in [60, 2 * A::buffer(1000)] {
            for piece in [1, 7, usize::MAX] {
                let expected = receive::<A>(buffer, stream.chunks(piece));
                assert_eq!(receive::<B>(buffer, stream.chunks(piece)), expected, "{name}, {buffer}, {piece}");
            }
        }
    }
}

#[test]
fn a_large_table_makes_no_difference() {
    alike::<Cobs, CobsWith<LargeTable>>();
    alike::<Serial, SerialWith<LargeTable>>();
}

#[test]
fn another_crc_makes_no_difference_and_is_used_both_ways() {
    alike::<Cobs, CobsWith<Bits>>();
    alike::<Serial, SerialWith<Bits>>();
    let computed = |work: &dyn Fn()| {
        let before = COMPUTED.get();
        work();
        COMPUTED.get() - before
    };
    let message = [7; 40];
    assert_eq!(computed(&|| drop(seal::<CobsWith<Bits>>(&message))), 40);
    let frame = seal::<Cobs>(&message);
    assert_eq!(computed(&|| drop(receive::<CobsWith<Bits>>(100, [&frame[..]]))), 44);
    // Each byte once, however the message is cut.
    let frame = seal::<Cobs>(&[7; 1000]);
    assert_eq!(computed(&|| drop(receive::<CobsWith<Bits>>(100, frame.chunks(9)))), 1004);
}

#[test]
fn a_wrong_crc_understands_nobody() {
    struct Wrong;
    impl Crc32 for Wrong {
        fn update(register: u32, bytes: &[u8]) -> u32 {
            Bits::update(register, bytes) ^ 1
        }
    }
    assert_eq!(receive::<CobsWith<Wrong>>(100, [&seal::<Cobs>(b"hello")[..]]), []);
    assert_eq!(receive::<Cobs>(100, [&seal::<CobsWith<Wrong>>(b"hello")[..]]), []);
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(crc32(&bytes), by_definition(&bytes));
    }
}
