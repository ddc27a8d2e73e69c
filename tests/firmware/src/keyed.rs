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
        /// Returns how often each of [`PAGE`] numbers was executed, also before a reset. `first` is the place of the
        /// first one among those that are counted.
        fn done(first: u32) -> &[u8] [..PAGE] = 4, idempotent;
        /// Sets all counts to 0. From now on they are those of the numbers from 0 on.
        fn begin() = 5, idempotent;
        /// Returns the number of the key of this call.
        fn who() -> u32 = 6, idempotent;
        /// The firmware prints [`PRINTED`] after it has replied.
        fn print() = 7;
        /// Sets all counts to 0. From now on they are those of the numbers from `first` on.
        fn expect(first: u32) = 8, idempotent;
        /// Returns how many calls were executed since then that had other numbers, or other data than [`payload`].
        fn stray() -> u32 = 9, idempotent;
        /// Executed once for each number; the firmware logs `log` under the key after it has replied.
        fn note(number: u32, log: u32) = 10;
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

/// Returns the data of the call with this number, of which a call carries the first ones.
pub fn payload(number: u32) -> impl Iterator<Item = u8> {
    let mixed = number.wrapping_mul(0x9e37_79b9);
    (0..DATA_MAX as u32).map(move |place| (mixed.rotate_left(place) ^ place) as u8)
}
