//! Payloads in postcard. Feature `postcard`.

use crate::types::invert;
use crate::{Integers, Packed, Record, Suite, mix, record, weigh};

oncilla::program! {
    /// Some of SUITE_TYPES, with arguments and results in postcard.
    pub mod compact = 0x2000_0066, version 1, payload Postcard {
        /// Every bit turned.
        fn invert(value: Integers) -> Integers = 1, idempotent;
        /// The record of a number.
        fn make_record(seed: u32) -> Record<'_> = 2, idempotent;
        /// What is in a record.
        fn weigh(value: Record<'_>) -> u32 = 3, idempotent;
        /// All arguments, put together by [`mix`].
        fn many(tiny: i8, broad: u64, flag: bool, text: &str [..8], small: i16, bytes: Packed) -> u64 = 4, idempotent;
    }
}

impl compact::Service for Suite {
    fn invert(&mut self, value: Integers) -> Integers {
        invert(&value)
    }

    fn make_record(&mut self, seed: u32) -> Record<'_> {
        record(seed)
    }

    fn weigh(&mut self, value: Record<'_>) -> u32 {
        weigh(&value)
    }

    fn many(&mut self, tiny: i8, broad: u64, flag: bool, text: &str, small: i16, bytes: Packed) -> u64 {
        mix(tiny, broad, flag, text, small, bytes)
    }
}
