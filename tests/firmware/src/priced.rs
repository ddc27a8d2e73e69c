//! A server on a serial line whose size is measured without keys and with them.

use oncilla::Table;
#[cfg(feature = "keys")]
use oncilla::framing::Cobs;
use oncilla::framing::Serial;

oncilla::program! {
    /// The interface of the servers that are measured.
    pub mod priced = 0x2000_0058, version 1 {
        /// Returns the sum, which wraps around.
        fn add(a: i32, b: i32) -> i32 = 1;
        /// Returns the data.
        fn echo(data: &[u8] [..64]) -> &[u8] [..64] = 2;
    }
}

/// The state, which is none.
pub struct Nothing;

impl priced::Service for Nothing {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
}

/// The table.
pub static TABLE: Table<Nothing> = oncilla::table![priced::program()];

/// Bytes of the receive and of the transmit buffer without keys.
pub const PLAIN: [usize; 2] = [Serial::buffer(priced::CALL_MAX), Serial::buffer(TABLE.reply_max())];

/// Bytes of the receive and of the transmit buffer with keys.
#[cfg(feature = "keys")]
pub const KEYED: [usize; 2] = [
    Cobs::buffer(oncilla::keys::sealed_call(priced::CALL_MAX)),
    Cobs::buffer(oncilla::keys::sealed_reply(TABLE.reply_max())),
];

/// The end of the link: one key, and the light suite.
#[cfg(feature = "keys")]
#[must_use]
pub fn accepts(boot: u32) -> oncilla::keys::Accepts<&'static oncilla::keys::Key> {
    use oncilla::keys::{Accepts, Key, KeyId, Side};
    static KEY: Key = Key::new(KeyId(7), *b"sixteen bytes !!");
    let [a, b, c, d] = boot.to_be_bytes();
    Accepts::new(Side::Device, &KEY, [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], boot)
}
