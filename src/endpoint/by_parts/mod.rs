//! Servers, clients and endpoints whose parts somebody else keeps: for the C library, whose objects have parts at places
//! that do not depend on their framing.

mod answer;
mod exchange;

use crate::framing::{Framing, Serial};
use crate::link::{Buffers, Incoming, Link, LinkError, Span, Time, Transport};
use crate::message::{Form, Origin};
use crate::server::Served;

pub use answer::{Found, Programs, answer};
pub use exchange::{Exchange, exchange};

/// Makes a link on a serial line, with a boot number unless it is 0.
#[inline]
pub fn serial_link<T: Transport<Framing = Serial>, B: Buffers>(
    transport: T,
    rx: B::Rx,
    tx: B::Tx,
    boot: u32,
) -> Link<T, B> {
    let framing = if boot == 0 { Serial::default() } else { Serial::introduced(boot) };
    Link::of(transport, framing, rx, tx)
}

/// Where a received message is.
pub type Place = Span;

/// Waits until `deadline` for one message, and answers it by `answer`. Calls `forget` when the peer has restarted.
///
/// # Errors
/// Those of [`Link::serve_next`].
#[inline]
pub fn serve_next<T: Transport, B: Buffers>(
    link: &mut Link<T, B>,
    deadline: Time,
    forget: impl FnOnce(),
    answer: impl FnOnce(&mut Link<T, B>, Place) -> Result<(), LinkError<T::Error>>,
) -> Result<Served, LinkError<T::Error>> {
    match link.receive(deadline)? {
        Incoming::Message(place) | Incoming::Oversize(place, _) => {
            answer(link, place)?;
            Ok(Served::Message)
        }
        Incoming::Restart => {
            // Under keys, the cache distinguishes calls from before a restart, and keeps those of other peers.
            if !T::Framing::KEYED {
                forget();
            }
            Ok(Served::Restart)
        }
        Incoming::Met => Ok(Served::Message),
        Incoming::TimeUp => Ok(Served::TimeUp),
        Incoming::End => Ok(Served::End),
    }
}

/// Answers a received message by `answer`, and sends the reply until `deadline`.
///
/// # Errors
/// Those of [`Link::serve_next`].
#[inline]
pub fn respond<T: Transport, B: Buffers>(
    link: &mut Link<T, B>,
    place: Place,
    deadline: Time,
    answer: impl FnOnce(Option<Form>, Origin<'_>, &[u8], &mut [u8]) -> Option<usize>,
) -> Result<(), LinkError<T::Error>> {
    link.respond_by(place, deadline, answer)
}
