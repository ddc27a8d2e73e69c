//! SPI with a ready line: calls in both directions between a controller and a peripheral.
//!
//! The controller drives the bus: only it can begin an exchange. The peripheral drives the ready line, which is high while
//! it can take part in one. [`Controller`] and [`Peripheral`] are the two transports. Messages are datagrams
//! ([`Datagram`](oncilla::framing::Datagram)): one that is damaged is lost, and the client sends its call again. With a
//! replay cache, a server executes it once.
//!
//! No line is waited for longer than a deadline. A peripheral that restarts, that is not there, or whose line stands high or
//! low costs a time-out, and the next exchange after it is ready succeeds: no state of one end is needed to understand the
//! other.
//!
//! # On the wire
//!
//! An exchange is what happens while the peripheral is selected. Both ends begin with a header of eight bytes, at the same
//! time: what the sender does, a zero, a length of 16 bits, and the CRC-32 of these four bytes. All numbers are big-endian.
//!
//! | byte | from the controller | from the peripheral |
//! |---|---|---|
//! | 0 | it only looks | it has no message |
//! | 1 | it sends a message of this length | it has a message of this length |
//! | 2 | it takes the message of this length | |
//! | 3 | it drops the message of this length, for which it has no room | |
//!
//! Then comes the message, in one direction, and the CRC-32 of the length and the message. The peripheral sends its message
//! in every exchange until the controller has taken or dropped it. Without a header from the peripheral, the exchange failed
//! and the controller repeats it.
//!
//! After an exchange the peripheral lowers the line until it is ready for the next one. The controller waits for that, or for
//! [`Controller::set_turn`]. A peripheral without a message is asked again after [`Controller::set_poll`].
//!
//! # Example
//! ```
//! use embedded_hal::{digital::InputPin, spi::SpiDevice};
//! use oncilla::{Client, Clock, Link, Table, framing::Datagram};
//! use oncilla_hal::spi::{Controller, Peripheral, Unit};
//! # oncilla::program! { pub mod pump = 0x2000_0001, version 1 { fn start(speed: u32) -> bool = 1; } }
//! # const CALL: usize = Datagram::buffer(pump::CALL_MAX);
//! # const REPLY: usize = Datagram::buffer(pump::REPLY_MAX);
//!
//! /// The firmware of the peripheral.
//! fn serve<S>(unit: impl Unit, clock: impl Clock, table: &Table<S>, state: &mut S) {
//!     let mut link = Link::with_buffers(Peripheral::new(unit, clock), [0; CALL], [0; REPLY]);
//!     loop {
//!         let _ = link.serve(table, state);
//!     }
//! }
//!
//! /// The controller calls it.
//! fn call(device: impl SpiDevice, ready: impl InputPin, clock: impl Clock) -> Option<bool> {
//!     let link = Link::with_buffers(Controller::new(device, ready, clock), [0; REPLY], [0; CALL]);
//!     let mut client = Client::new(link, 1);
//!     pump::Client::new(&mut client).start(1_500).ok()
//! }
//! ```

mod controller;
mod frame;
mod peripheral;

use core::fmt::{self, Debug, Display, Formatter};

pub use controller::Controller;
pub use peripheral::{Peripheral, Unit, exchange_max};

/// The error of a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpiError<E, P> {
    /// The bus failed.
    Bus(E),
    /// The ready line cannot be read.
    Pin(P),
}

impl<E: Debug, P: Debug> Display for SpiError<E, P> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => write!(f, "the SPI bus failed: {error:?}; see the documentation of the HAL"),
            Self::Pin(error) => write!(f, "the ready line cannot be read: {error:?}; see the documentation of the HAL"),
        }
    }
}

impl<E: Debug, P: Debug> core::error::Error for SpiError<E, P> {}
