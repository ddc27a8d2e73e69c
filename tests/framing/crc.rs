//! The check value against published values and against its definition.

use oncilla::framing::crc32;
use proptest::prelude::*;

#[test]
fn known_values() {
    assert_eq!(crc32(b""), 0);
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(crc32(b"The quick brown fox jumps over the lazy dog"), 0x414f_a339);
    assert_eq!(crc32(&[0; 4]), 0x2144_df1c);
    assert_eq!(crc32(&[0xff; 32]), 0xff6c_ab0b);
}

/// Computes the CRC bit by bit, as the polynomial defines it.
fn by_definition(bytes: &[u8]) -> u32 {
    let mut register = u32::MAX;
    for byte in bytes {
        register ^= u32::from(*byte);
        for _ in 0..8 {
            register = if register & 1 == 1 { register >> 1 ^ 0xedb8_8320 } else { register >> 1 };
        }
    }
    !register
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(crc32(&bytes), by_definition(&bytes));
    }
}
