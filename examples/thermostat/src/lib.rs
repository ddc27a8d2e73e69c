//! A thermostat: one interface, written once, for the firmware that serves it and for the hosts that call it.
#![no_std]
#![forbid(unsafe_code)]

mod device;

pub use device::Device;

oncilla::xdr_enum! {
    /// Why a channel does not do what it should.
    pub enum Fault {
        /// The device has fewer channels.
        NoSuchChannel = 1,
        /// The channel's sensor does not answer.
        Broken = 2,
    }
}

oncilla::xdr_struct! {
    /// One measurement.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Reading<'a> {
        /// Where the sensor is.
        pub place: &'a str [..16],
        /// Thousandths of a degree Celsius.
        pub millidegrees: i32,
    }
}

oncilla::program! {
    /// Measures and keeps temperatures.
    pub mod thermostat = 0x2000_0042, version 1 {
        /// Reads one channel.
        fn read(channel: u32) -> Result<Reading<'_>, Fault> = 1;
        /// Says where a channel's sensor is.
        fn rename(channel: u32, place: &str [..16]) -> Result<(), Fault> = 2;
        /// Raises or lowers the temperature that a channel is kept at, and returns it, in thousandths of a degree.
        fn adjust(channel: u32, by: i32) -> Result<i32, Fault> = 3;
        /// Shows a picture on the display, and returns its CRC-32.
        fn show(picture: &[u8] [..64]) -> u32 = 4;
        /// What the device is.
        fn model() -> &str [..32] = 5;
    }
}
