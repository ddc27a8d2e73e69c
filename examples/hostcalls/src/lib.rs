//! A sensor that calls its host: for the time, for its configuration file, to have lines noted down. And the host calls
//! the sensor, on the same line, which also carries what the sensor prints for people.
//!
//! Here is what both ends share, and what the sensor does wherever it runs. The firmware is
//! `targets/boards/lm3s6965evb/firmware/src/bin/hostcalls.rs`, the host's program `examples/hostcalls.rs`.
#![cfg_attr(not(feature = "host"), no_std)]
#![forbid(unsafe_code)]

mod config;
#[cfg(feature = "host")]
pub mod end;
mod line;
mod sensor;

pub use config::Config;
pub use line::Line;
pub use sensor::{Sensor, TABLE, run};

/// Bytes of a name, of a file or of a sensor.
pub const NAME_MAX: usize = 16;

/// Bytes of a file that one call reads.
pub const PIECE_MAX: usize = 64;

oncilla::xdr_enum! {
    /// Why a file cannot be read.
    pub enum FileError {
        /// The host has no such file.
        NotFound = 1,
    }
}

oncilla::xdr_struct! {
    /// A part of a file.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Piece<'a> {
        /// Its bytes; none behind the end of the file.
        pub bytes: &'a [u8] [..PIECE_MAX],
    }
}

oncilla::xdr_struct! {
    /// What the sensor measured last.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Sample<'a> {
        /// What the configuration calls the sensor.
        pub name: &'a str [..NAME_MAX],
        /// How many measurements there were since the start.
        pub number: u32,
        /// Thousandths of a degree Celsius.
        pub millidegrees: i32,
        /// When it was, by the host's clock: milliseconds since 1970.
        pub at: u64,
    }
}

oncilla::program! {
    /// What the host does for the sensor.
    pub mod host = 0x2000_0057, version 1 {
        /// Milliseconds since 1970.
        fn time() -> u64 = 1, idempotent;
        /// A part of a file, from `offset` on.
        fn read(file: &str [..NAME_MAX], offset: u32) -> Result<Piece<'_>, FileError> = 2, idempotent;
        /// Notes a line down; tells how many there are. A call that is sent again is noted once.
        fn note(line: &str [..Line::MAX]) -> u32 = 3;
    }
}

oncilla::program! {
    /// What the sensor does for the host.
    pub mod device = 0x2000_0054, version 1 {
        /// The last measurement.
        fn sample() -> Sample<'_> = 1, idempotent;
        /// Lets the sensor read its configuration again, soon: a procedure of an `Endpoint` does not call the other end itself.
        fn reload() = 2, idempotent;
    }
}

/// Bytes of the largest message either way.
pub const MESSAGE_MAX: usize = max(max(host::CALL_MAX, host::REPLY_MAX), max(device::CALL_MAX, device::REPLY_MAX));

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
