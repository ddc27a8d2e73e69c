//! What is called on the links, and what was executed.

use oncilla::Table;

oncilla::program! {
    pub mod counted = 0x2000_0058, version 1 {
        /// Executed once for each number; returns a number that follows from both.
        fn once(number: u32, data: &[u8] [..20]) -> u32 = 1;
    }
}

pub static TABLE: Table<Ledger> = oncilla::table![counted::program()];

/// The numbers of calls are less than this.
pub const NUMBERS: usize = 16;

/// How often each call was executed.
#[derive(Default)]
pub struct Ledger(pub [u8; NUMBERS]);

/// The data of the call with this number.
pub fn data(number: u32) -> [u8; 11] {
    core::array::from_fn(|place| (number.wrapping_mul(37) + place as u32) as u8)
}

pub fn result(number: u32) -> u32 {
    number.rotate_left(9) ^ 0x5a5a_1234
}

impl counted::Service for Ledger {
    fn once(&mut self, number: u32, data: &[u8]) -> u32 {
        assert_eq!(data, self::data(number), "the data of call {number}");
        self.0[number as usize] += 1;
        result(number)
    }
}
