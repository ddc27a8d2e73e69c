//! The interface of firmware with keys, the keys, and what each of them may call.

use oncilla::framing::crc32;
use oncilla::keys::{Key, KeyId};
use oncilla::{Right, Rights};

/// Bytes of data that a call carries.
pub const DATA_MAX: usize = 100;

/// Numbers that the firmware counts.
pub const NUMBERS: usize = 1024;

/// Counts in one reply.
pub const PAGE: usize = 64;

/// The key with all rights.
pub const OWNER: KeyId = KeyId(11);
/// The key that may only look.
pub const GUEST: KeyId = KeyId(12);

/// Both keys, as the firmware has them in flash.
pub static KEYS: [Key; 2] = [Key::new(OWNER, *b"sixteen bytes !!"), Key::new(GUEST, *b"and sixteen more")];

/// A wrong key: it has the number of the first key and other secret bytes.
pub static WRONG: Key = Key::new(OWNER, *b"sixteen bytes !?");

/// What the firmware prints under the key after each call of `print`.
pub const PRINTED: &str = "printed under the key\r\n";

/// What the firmware prints in the clear when it starts.
pub const STARTED: &str = "started\r\n";

oncilla::program! {
    /// A device that counts how often each numbered call was executed.
    pub mod guarded = 0x2000_0057, version 1 {
        /// Executed once for each number; returns a digest of both.
        fn once(number: u32, data: &[u8] [..DATA_MAX]) -> u32 = 1;
        /// Executed once for each number; it is one-way.
        fn push(number: u32) = 2, oneway;
        /// Returns the data.
        fn echo(data: &[u8] [..DATA_MAX]) -> &[u8] [..DATA_MAX] = 3, idempotent;
        /// Returns how often each of [`PAGE`] numbers from `first` on was executed, also before a reset.
        fn done(first: u32) -> &[u8] [..PAGE] = 4, idempotent;
        /// Sets all these numbers to 0.
        fn begin() = 5, idempotent;
        /// Returns the number of the key of this call.
        fn who() -> u32 = 6, idempotent;
        /// The firmware prints [`PRINTED`] after it has replied.
        fn print() = 7;
    }
}

/// The rights of each key, in flash. The guest may call NULL, `echo` and `who`.
pub static RIGHTS: Rights =
    Rights::new(&[Right::all(OWNER, guarded::PROGRAM), Right::only(GUEST, guarded::PROGRAM, &[0, 3, 6])]);

/// Returns the result of `once`.
#[must_use]
pub fn digest(number: u32, data: &[u8]) -> u32 {
    number.rotate_left(7) ^ crc32(data)
}
