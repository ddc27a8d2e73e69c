//! What an instrument implements.

use oncilla::Time;

use crate::ErrorCode;

/// One link of a client to the instrument.
///
/// A client has one link or several. [`index`](Self::index) is free again after [`Instrument::closed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Link(pub(crate) u8);

impl Link {
    /// Returns the number of the link, from 0 to below the server's `LINKS`: for what an instrument keeps by link.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A part of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The number of bytes that were written to the room.
    pub count: usize,
    /// Whether the last of them is the last of the response (END).
    pub end: bool,
}

/// Why an instrument has not done what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// Not yet: the server asks again, until the time-out of the call or until the client aborts it.
    ///
    /// Nothing has been done. Other links are served meanwhile.
    NotYet,
    /// Never: the call ends with this error.
    Failed(ErrorCode),
}

impl From<ErrorCode> for Unfinished {
    fn from(error: ErrorCode) -> Self {
        Self::Failed(error)
    }
}

/// An instrument: five methods, and [`closed`](Self::closed) where it keeps anything by link. None of them waits.
///
/// **Links are clients.** What an instrument keeps by link, such as the message and the response, it clears in `closed`:
/// the index of the link goes to the next client, which would read the response of the last one.
///
/// The [`Server`](crate::Server) keeps links, locks and time-outs, and asks again what is [not
/// yet](Unfinished::NotYet) done. The methods with a body are for instruments that need more.
///
/// ```
/// use oncilla_vxi11::{ErrorCode, Instrument, Link, Part, Unfinished};
///
/// /// Responds to `*IDN?`.
/// #[derive(Default)]
/// struct Meter {
///     response: &'static [u8],
/// }
///
/// impl Instrument for Meter {
///     fn write(&mut self, _: Link, data: &[u8], _end: bool) -> Result<usize, Unfinished> {
///         if data.trim_ascii() == b"*IDN?" {
///             self.response = b"EXAMPLE,METER,0,1\n";
///         }
///         Ok(data.len())
///     }
///
///     fn read(&mut self, _: Link, room: &mut [u8]) -> Result<Part, Unfinished> {
///         if self.response.is_empty() {
///             // The client's read waits until its time-out.
///             return Err(Unfinished::NotYet);
///         }
///         let count = self.response.len().min(room.len());
///         let (now, later) = self.response.split_at(count);
///         room[..count].copy_from_slice(now);
///         self.response = later;
///         Ok(Part { count, end: later.is_empty() })
///     }
///
///     fn status_byte(&mut self, _: Link) -> u8 {
///         // MAV: a message is available.
///         if self.response.is_empty() { 0 } else { 0x10 }
///     }
///
///     fn trigger(&mut self, _: Link) -> Result<(), Unfinished> {
///         Err(ErrorCode::UNSUPPORTED.into())
///     }
///
///     fn clear(&mut self, _: Link) -> Result<(), Unfinished> {
///         self.response = b"";
///         Ok(())
///     }
/// }
/// ```
pub trait Instrument {
    /// Takes bytes of a message; returns how many it took. `end` says that the last byte of `data` ends the message.
    ///
    /// `data` is not empty. A message may come in several calls. After fewer bytes than all, the server asks again with
    /// the rest, as after [`Unfinished::NotYet`].
    ///
    /// # Errors
    /// [`Unfinished`]. The client is told how many bytes were taken before.
    fn write(&mut self, link: Link, data: &[u8], end: bool) -> Result<usize, Unfinished>;

    /// Writes the next bytes of a response to the start of `room`, which is not empty and may be a single byte.
    ///
    /// The bytes are then the client's: they are not asked for again. A count of 0 without END is taken as
    /// [`Unfinished::NotYet`].
    ///
    /// # Errors
    /// [`Unfinished`]. The client is sent the bytes that were read before.
    fn read(&mut self, link: Link, room: &mut [u8]) -> Result<Part, Unfinished>;

    /// Returns the status byte for a serial poll (`device_readstb`), and clears its request for service, bit 6.
    fn status_byte(&mut self, link: Link) -> u8;

    /// Triggers, like the command `*TRG` or a group execute trigger.
    ///
    /// # Errors
    /// [`Unfinished`], for instance with [`ErrorCode::UNSUPPORTED`].
    fn trigger(&mut self, link: Link) -> Result<(), Unfinished>;

    /// Clears input and output, and ends what is in progress, so that a new message is taken.
    ///
    /// # Errors
    /// [`Unfinished`].
    fn clear(&mut self, link: Link) -> Result<(), Unfinished>;

    /// Does what is due by time. Called before each other method, and in each turn of a server.
    fn tick(&mut self, now: Time) {
        let _ = now;
    }

    /// Returns whether the instrument requests service: bit 6 of its status byte, without clearing it.
    ///
    /// When it changes to `true`, the server calls each client that has asked for service requests. A client that asks
    /// while it is `true` is called at once.
    fn wants_service(&mut self) -> bool {
        false
    }

    /// Returns whether this is the name of the instrument. By default `inst0`, in any case of letters.
    fn is_named(&self, device: &str) -> bool {
        device.eq_ignore_ascii_case("inst0")
    }

    /// Notes that a client has opened a link.
    fn opened(&mut self, link: Link) {
        let _ = link;
    }

    /// Notes that a link was closed, by its client or because its connection ended. Clear what belongs to it.
    fn closed(&mut self, link: Link) {
        let _ = link;
    }

    /// Goes into the remote state, or back to the local state, where its own keys work. By default it does nothing.
    ///
    /// # Errors
    /// [`Unfinished`], for instance with [`ErrorCode::UNSUPPORTED`].
    fn remote(&mut self, link: Link, remote: bool) -> Result<(), Unfinished> {
        let _ = (link, remote);
        Ok(())
    }

    /// Notes that a call of this link that was not done yet has ended: with `TIMED_OUT`, with `ABORTED`, or because the
    /// connection ended.
    fn given_up(&mut self, link: Link, why: ErrorCode) {
        let _ = (link, why);
    }
}
