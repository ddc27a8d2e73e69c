//! The procedures that the board serves and the host calls.
#![no_std]

oncilla::xdr_enum! {
    /// Why a channel cannot be used.
    pub enum Fault {
        /// The board has fewer channels.
        NoSuchChannel = 1,
    }
}

oncilla::program! {
    /// Measures temperatures.
    pub mod thermometer = 0x2000_0001, version 1 {
        /// Returns the name of the board.
        fn model() -> &str [..32] = 1;
        /// Returns the temperature of a channel, in thousandths of a degree Celsius.
        fn read(channel: u32) -> Result<i32, Fault> = 2;
        /// Sets the number that is added to each reading of a channel, in thousandths of a degree.
        fn calibrate(channel: u32, offset: i32) -> Result<(), Fault> = 3;
    }
}
