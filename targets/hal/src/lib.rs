//! Serial ports of embedded HALs as transports of [`oncilla`], with deadlines in both directions.
//!
//! A UART that implements `Read`, `ReadReady` and `Write` of embedded-io 0.7 needs nothing of this crate: pass it to
//! [`oncilla::Stream`]. Many do not, and some implement these traits wrongly. The chapter "UARTs of HALs" of the guide
//! states what each HAL needs.
//!
//! Three steps make a transport:
//!
//! 1. A **port** moves bytes and never waits: [`Receive`] and [`Transmit`]. The adapters of this crate make ports.
//! 2. A **clock**: [`Counter`] makes one of a timer.
//! 3. [`Line`] is the transport. It waits for the port until a deadline, also when the peer takes no bytes.
//!
//! | the HAL has | port |
//! |---|---|
//! | the serial traits of embedded-hal-nb 1 | `Nb`, feature `nb` |
//! | the serial traits of embedded-hal 0.2 | `Nb02`, feature `embedded-hal-02` |
//! | embedded-io 0.7 with `ReadReady` and `WriteReady` | [`Ready`] |
//! | embedded-io 0.7 with `ReadReady`, and a `Write` that blocks | [`ReadsReady`] |
//! | embedded-io 0.6 | `Io06`, feature `embedded-io-06`, inside one of the two above |
//! | a `Read` without `ReadReady` that ends by a time-out | [`TimesOut`] |
//! | functions for single bytes, or registers | [`Bytes`] |
//! | an interrupt handler | [`Ring`] |
//! | memory that two cores see | [`Shared`] |
//! | USB, by usb-device and usbd-serial | `Cdc`, feature `usb` |
//! | different things for the two directions | [`Halves`] |
//!
//! # Example
//! Five lines make a UART with the traits of embedded-hal-nb a transport for calls with time-outs:
//!
//! ```
//! # #[cfg(feature = "nb")] mod firmware {
//! use oncilla::{Client, Link, framing::Cobs};
//! use oncilla_hal::{Counter, Line, Nb};
//! # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
//! # fn example<U: embedded_hal_nb::serial::Read + embedded_hal_nb::serial::Write>(uart: U, timer: impl FnMut() -> u32) {
//! let clock = Counter::new(1_000_000, timer);
//! let line = Line::<Cobs, _, _>::new(Nb(uart), clock);
//! let (rx, tx) = ([0; Cobs::buffer(clock::REPLY_MAX)], [0; Cobs::buffer(clock::CALL_MAX)]);
//! let mut client = Client::new(Link::with_buffers(line, rx, tx), 1);
//! let now = clock::Client::new(&mut client).now();
//! # }
//! # }
//! ```
//!
//! A server that has no clock waits for ever. It takes the port as a stream: `Stream::<Cobs, _>::new(Blocking::new(Nb(uart)), Forever)`.
//!
//! The module `conformance` (feature `conformance`) tests a UART in loopback and reports what it does wrong.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `conformance` | no | the module `conformance`: a test of any UART in loopback, in firmware |
//! | `embedded-hal-02` | no | `Nb02` |
//! | `embedded-io-06` | no | `Io06` |
//! | `nb` | no | `Nb` |
//! | `rs485` | no | the module `rs485`: half-duplex lines, and several devices by address on one |
//! | `spi` | no | the module `spi`: SPI with a ready line, both ends |
//! | `usb` | no | `Cdc` |
#![no_std]
#![forbid(unsafe_code)]

mod blocking;
mod bytes;
#[cfg(feature = "conformance")]
pub mod conformance;
mod counter;
mod error;
mod halves;
#[cfg(feature = "embedded-io-06")]
mod io06;
mod line;
#[cfg(feature = "nb")]
mod nb;
#[cfg(feature = "embedded-hal-02")]
mod nb02;
mod port;
mod ready;
mod ring;
#[cfg(feature = "rs485")]
pub mod rs485;
// It has counts of 32 bits on every core, which processors of 16 bits cannot access at once.
#[cfg(not(target_pointer_width = "16"))]
mod shared;
#[cfg(feature = "spi")]
pub mod spi;
mod times_out;
#[cfg(feature = "usb")]
mod usb;

pub use blocking::Blocking;
pub use bytes::Bytes;
pub use counter::Counter;
pub use error::PortError;
pub use halves::Halves;
#[cfg(feature = "embedded-io-06")]
pub use io06::{Error06, Io06};
pub use line::Line;
#[cfg(feature = "nb")]
pub use nb::Nb;
#[cfg(feature = "embedded-hal-02")]
pub use nb02::Nb02;
pub use port::{Receive, Transmit};
pub use ready::{ReadsReady, Ready};
pub use ring::{Overrun, Ring, Sending};
#[cfg(not(target_pointer_width = "16"))]
pub use shared::{End, Shared};
pub use times_out::TimesOut;
#[cfg(feature = "usb")]
pub use usb::Cdc;
