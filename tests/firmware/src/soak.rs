//! What firmware and host call each other for in the soak. Both ends have this file.

use oncilla::framing::crc32;

/// Bytes of data that a call carries.
pub const DATA_MAX: usize = 100;

/// Calls of the host in one round, at most: what the firmware counts.
pub const ROUND_MAX: usize = 2048;

/// Counts that one call tells.
pub const PAGE: usize = 64;

oncilla::xdr_struct! {
    /// What came of the firmware's own calls, those before resets included. One that a reset ended is only begun.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Own {
        /// Those that were begun.
        pub begun: u32,
        /// Those that gave what they should.
        pub right: u32,
        /// Those that timed out.
        pub timed_out: u32,
        /// Those that gave anything else. None should.
        pub wrong: u32,
        /// Whether one is under way now.
        pub under_way: bool,
    }
}

oncilla::program! {
    /// What the firmware does for its host.
    pub mod work = 0x2000_0055, version 1 {
        /// Done once for each number; gives a digest of both.
        fn once(number: u32, data: &[u8] [..DATA_MAX]) -> u32 = 1;
        /// The same, but may be done more often.
        fn often(number: u32, data: &[u8] [..DATA_MAX]) -> u32 = 2, idempotent;
        /// Done once; gives the data back.
        fn echo(number: u32, data: &[u8] [..DATA_MAX]) -> &[u8] [..DATA_MAX] = 3;
        /// Done once; gives nothing.
        fn push(number: u32, digest: u32) = 4, oneway;
        /// Begins a round: from now on nothing has been done.
        fn begin() = 5, idempotent;
        /// How often each of [`PAGE`] numbers from `first` on was done in this round, resets or not.
        fn done(first: u32) -> &[u8] [..PAGE] = 6, idempotent;
        /// Lets the firmware call its host, or not.
        fn let_call(may: bool) = 7, idempotent;
        /// What came of those calls.
        fn own() -> Own = 8, idempotent;
        /// From now on, nothing has come of any.
        fn forget() = 9, idempotent;
    }
}

oncilla::program! {
    /// What the host does for its firmware.
    pub mod errand = 0x2000_0056, version 1 {
        /// Done once for each number; gives a digest.
        fn run(number: u32, data: &[u8] [..DATA_MAX]) -> u32 = 1;
    }
}

/// Bytes of the largest message.
pub const SIZE: usize = max(max(work::CALL_MAX, work::REPLY_MAX), max(errand::CALL_MAX, errand::REPLY_MAX));

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// What a call should give.
#[must_use]
pub fn digest(number: u32, data: &[u8]) -> u32 {
    number.rotate_left(7) ^ crc32(data)
}
