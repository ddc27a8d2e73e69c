//! Transports on any stack with the blocking traits of [`embedded_nal`], such as that of a modem.
//!
//! The traits do not define how long an operation takes: a stack returns a result at once, or reports that it would
//! block. The transport then calls [`idle`](Clock::idle) of the [`Clock`] and tries again. So `idle` must return when
//! something may have arrived. If the stack does not run by itself, `idle` must run it.
//!
//! ```
//! use core::time::Duration;
//! use oncilla::{Client, Clock, Link};
//! use oncilla_ethernet::nal::Tcp;
//!
//! # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
//! # fn example<S: embedded_nal::TcpClientStack, C: Clock>(
//! #     stack: S, mut timer: C, host: core::net::SocketAddr, rx: &mut [u8], tx: &mut [u8],
//! # ) -> Option<u64> {
//! let deadline = timer.now().after(Duration::from_secs(10));
//! let socket = Tcp::connect(stack, host, timer, deadline).ok()?;
//! let mut client = Client::new(Link::new(socket, rx, tx), 0x5eed_0000);
//! let now = clock::Client::new(&mut client).now().ok()?;
//! # Some(now)
//! # }
//! ```

mod tcp;
mod udp;

use core::fmt;

pub use embedded_nal;
use embedded_nal::nb;
use oncilla::{Clock, Time};

pub use tcp::{Listener, Tcp};
pub use udp::{Datagrams, Udp};

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectError<E> {
    /// The stack reported an error.
    Stack(E),
    /// There was no connection until the deadline.
    TimedOut,
}

impl<E: fmt::Debug> fmt::Display for ConnectError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The traits require only `Debug` of errors.
            Self::Stack(error) => write!(formatter, "the network stack failed: {error:?}"),
            Self::TimedOut => formatter.write_str("there was no connection until the deadline"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for ConnectError<E> {}

/// Repeats an operation until it no longer would block. Returns `None` when `deadline` has passed.
fn ask<T, E>(
    clock: &mut impl Clock,
    deadline: Time,
    mut ask: impl FnMut() -> nb::Result<T, E>,
) -> Result<Option<T>, E> {
    loop {
        match ask() {
            Ok(answer) => return Ok(Some(answer)),
            Err(nb::Error::Other(error)) => return Err(error),
            Err(nb::Error::WouldBlock) => {}
        }
        if clock.now() >= deadline {
            return Ok(None);
        }
        clock.idle(deadline);
    }
}
