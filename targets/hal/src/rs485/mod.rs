//! RS-485: half duplex, and several devices by address on one bus.
//!
//! [`HalfDuplex`] switches the driver of the transceiver by a pin. That is enough for two peers on one pair of wires.
//!
//! With several devices, each has an [`Address`]. A [`Device`] is the transport of a device, for its one
//! [`Link`](oncilla::Link). A [`Bus`] is the master's end: [`Bus::device`] is a transport to one device, so the master has a
//! link, and with it a client, for each device that it calls. A device only replies. What it
//! would send by itself, such as a log, a hello after its start or a reply that is too late, is dropped: it would disturb the
//! others.
//!
//! # On the wire
//!
//! Before each frame of a zero-delimited framing ([`Cobs`](oncilla::framing::Cobs) or
//! [`Serial`](oncilla::framing::Serial)) stands a header of five bytes between zeros, so a message takes seven bytes more:
//! the receiver's address, the sender's, and the 21 low bits of the CRC-32 of both, 7 bits in each byte with the highest bit
//! set. The header is for the next frame only. A peer without addresses drops it as a damaged frame.
//!
//! A frame reaches a device that it was not meant for only if the header was changed to another valid one, which 1 of
//! 2 million random headers of five bytes is, and if the frame itself was not damaged.
//!
//! # Example
//! ```
//! use oncilla::{Client, Link, Table, framing::Cobs};
//! use oncilla_hal::rs485::{Address, Bus, Device, HalfDuplex};
//! # use oncilla_hal::{Receive, Transmit};
//! # use embedded_hal::digital::OutputPin;
//! # oncilla::program! { pub mod pump = 0x2000_0001, version 1 { fn start(speed: u32) -> bool = 1; } }
//! # const CALL: usize = Cobs::buffer(pump::CALL_MAX);
//! # const REPLY: usize = Cobs::buffer(pump::REPLY_MAX);
//!
//! /// The firmware of a device. `address` comes from its switches.
//! fn serve<S>(port: impl Receive + Transmit, pin: impl OutputPin, clock: impl oncilla::Clock, address: Address, table: &Table<S>, state: &mut S) {
//!     let device = Device::<Cobs, _, _>::new(HalfDuplex::new(port, pin), clock, address);
//!     let mut link = Link::with_buffers(device, [0; CALL], [0; REPLY]);
//!     loop {
//!         let _ = link.serve(table, state);
//!     }
//! }
//!
//! /// The master calls two devices.
//! fn call(port: impl Receive + Transmit, pin: impl OutputPin, clock: impl oncilla::Clock) -> Option<bool> {
//!     let bus = Bus::new(HalfDuplex::new(port, pin), clock);
//!     let link = |address| Some(Link::with_buffers(bus.device::<Cobs>(Address::new(address)?), [0; REPLY], [0; CALL]));
//!     let (mut left, mut right) = (Client::new(link(1)?, 1), Client::new(link(2)?, 1));
//!     let started = pump::Client::new(&mut left).start(1_500).ok()?;
//!     Some(started && pump::Client::new(&mut right).start(1_500).ok()?)
//! }
//! ```

mod address;
mod bus;
mod direction;
mod wire;

pub use address::Address;
pub use bus::{Bus, Device, Member};
pub use direction::{DirectionError, HalfDuplex};
