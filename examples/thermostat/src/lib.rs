//! A thermostat: one interface for the firmware that serves it and for the hosts that call it.
#![no_std]
#![forbid(unsafe_code)]

mod device;

pub use device::Device;

oncilla::xdr_enum! {
    /// Why a channel cannot be read or set.
    pub enum Fault {
        /// The device has no channel with this number.
        NoSuchChannel = 1,
        /// The sensor of the channel does not answer.
        Broken = 2,
    }
}

oncilla::xdr_struct! {
    /// One measurement.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Reading<'a> {
        /// The place of the sensor.
        pub place: &'a str [..16],
        /// The temperature in thousandths of a degree Celsius.
        pub millidegrees: i32,
    }
}

oncilla::program! {
    /// Measures and controls temperatures.
    pub mod thermostat = 0x2000_0042, version 1 {
        /// Reads one channel.
        fn read(channel: u32) -> Result<Reading<'_>, Fault> = 1;
        /// Sets the place of a channel's sensor.
        fn rename(channel: u32, place: &str [..16]) -> Result<(), Fault> = 2;
        /// Changes the target temperature of a channel, and returns it. In thousandths of a degree Celsius.
        fn adjust(channel: u32, by: i32) -> Result<i32, Fault> = 3;
        /// Shows a picture on the display, and returns its CRC-32.
        fn show(picture: &[u8] [..64]) -> u32 = 4;
        /// Returns the name of the device's model.
        fn model() -> &str [..32] = 5;
    }
}
