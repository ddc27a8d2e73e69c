//! The portable test suite: one service with every type and every call style, which boards, tasks of an RTOS and
//! programs serve, and the checks that a host runs against any of them over any carrier.
//!
//! The interface is `suite.x`; C peers run `rpcgen -N` on the same file, and may serve it or call it.
//!
//! **A board with a serial line** is its driver and one line:
//!
//! ```ignore
//! static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::new());
//! serve_line(uart, clock, boot_number, memory)
//! ```
//!
//! **Whoever serves in another way**, on Ethernet or in a task, serves [`TABLE`] with a [`Suite`], from buffers of
//! [`CALL_MAX`] and [`REPLY_MAX`] bytes before framing, and tells the suite what that way of serving can do
//! ([`Suite::new`]).
//!
//! **A host** runs the checks of `checks` (feature of this name). It is told which parts a board has to have; a part that
//! is missing by accident is a failure and not left out in silence.
//!
//! A board with little memory leaves out parts by leaving out features; without any it serves SUITE alone. On a Cortex-M3,
//! start-up code, UART driver and clock included:
//!
//! | features | flash | buffers ([`Memory`]) | checks on a line |
//! |---|---|---|---|
//! | none | 5.6 kB | 246 bytes | 35 |
//! | `types` | + 8.6 kB | 358 | + 18 |
//! | `bulk` | + 0.4 kB | 2 174 | + 5 |
//! | `replay` | + 1.4 kB | | + 3 |
//! | `callbacks` | + 4.6 kB | | + 3 |
//! | `text` | + 0.5 kB | | + 1 |
//! | `full`: all of these | 21.0 kB | 2 174 | 65 |
//! | `postcard`, which brings `types` | + 6.6 kB over that | 420 alone | + 3 |
//!
//! `full` links without a panic also where overflows are checked. `postcard` does not: the crate of that name has additions
//! that such a build takes for panics.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(any(feature = "checks", test))]
extern crate std;

mod bulk;
mod callbacks;
#[cfg(feature = "checks")]
pub mod checks;
mod host;
mod line;
mod memory;
mod parts;
#[cfg(feature = "postcard")]
mod postcard;
mod record;
mod suite;
mod text;
mod types;

include!(concat!(env!("OUT_DIR"), "/suite.rs"));

pub use host::{HOST_TABLE, Host};
pub use line::{Board, board, run, serve, serve_line};
pub use memory::{CALL_MAX, Memory, REPLY_MAX};
pub use parts::{Parts, UnknownPart};
#[cfg(feature = "postcard")]
pub use postcard::compact;
#[cfg(feature = "types")]
pub use record::{record, weigh};
pub use suite::{Suite, TABLE};
#[cfg(feature = "types")]
pub use types::mix;
