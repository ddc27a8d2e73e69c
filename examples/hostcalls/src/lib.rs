//! A sensor that calls its host: for the time, for its configuration file, and to store notes. The host calls the
//! sensor on the same line, which also carries text that the sensor prints.
//!
//! This crate has the interfaces, and the sensor's program for firmware and hosts. The firmware is
//! `targets/boards/lm3s6965evb/firmware/src/bin/hostcalls.rs`, the host's program is `examples/hostcalls.rs`.
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

/// The largest name of a file or a sensor, in bytes.
pub const NAME_MAX: usize = 16;

/// The largest part of a file that one call reads, in bytes.
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
        /// The bytes. Empty at the end of the file.
        pub bytes: &'a [u8] [..PIECE_MAX],
    }
}

oncilla::xdr_struct! {
    /// The last measurement of the sensor.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Sample<'a> {
        /// The name of the sensor, from its configuration.
        pub name: &'a str [..NAME_MAX],
        /// The number of measurements since the start.
        pub number: u32,
        /// The temperature in thousandths of a degree Celsius.
        pub millidegrees: i32,
        /// The time of the measurement by the host's clock, in milliseconds since 1970.
        pub at: u64,
    }
}

oncilla::program! {
    /// Served by the host for the sensor.
    pub mod host = 0x2000_0057, version 1 {
        /// Returns the time in milliseconds since 1970.
        fn time() -> u64 = 1, idempotent;
        /// Returns a part of a file, from `offset` on.
        fn read(file: &str [..NAME_MAX], offset: u32) -> Result<Piece<'_>, FileError> = 2, idempotent;
        /// Stores a line, and returns the number of lines. A retransmitted call stores it once.
        fn note(line: &str [..Line::MAX]) -> u32 = 3;
    }
}

oncilla::program! {
    /// Served by the sensor for the host.
    pub mod device = 0x2000_0054, version 1 {
        /// Returns the last measurement.
        fn sample() -> Sample<'_> = 1, idempotent;
        /// Makes the sensor read its configuration again soon. A procedure of an `Endpoint` cannot call the peer
        /// itself.
        fn reload() = 2, idempotent;
    }
}

/// The size of the largest message in bytes.
pub const MESSAGE_MAX: usize = max(max(host::CALL_MAX, host::REPLY_MAX), max(device::CALL_MAX, device::REPLY_MAX));

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
