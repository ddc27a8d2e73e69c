//! Sealed messages in the frames of another framing: the state of a keyed link.

use core::cell::Cell;

use super::Carrier;
use super::ends::{Content, Ends, To};
use super::kinds::{FULL, LOG, SHORT, TEXT};
use super::mark::Mark;
use super::session::HEAD;
use crate::framing::{Framing, Unsealed, move_down};
use crate::message::{Call, Form, Sender, peek};

/// Sealed messages in the frames of `F`: the framing of a link with keys.
///
/// [`Link::with_keys`](crate::Link::with_keys) makes it. Without keys it drops every message.
pub struct Sealed<F, E> {
    pub(super) inner: F,
    pub(super) ends: Option<E>,
    /// The sender of the last message.
    pub(super) sender: Option<Sender>,
    /// The xid of the last call that was sent in the clear.
    pub(super) plain: Option<u32>,
    /// Whether a message did not verify on a carrier where that ends the link.
    pub(super) failed: bool,
}

impl<F: Default, E> Default for Sealed<F, E> {
    fn default() -> Self {
        Self { inner: F::default(), ends: None, sender: None, plain: None, failed: false }
    }
}

impl<F: Framing, E: Ends> Sealed<F, E> {
    /// The rules for counters.
    pub(super) const CARRIER: Carrier = match (F::DATAGRAMS, F::RESYNCHRONIZES) {
        (true, _) => Carrier::Datagrams,
        (false, true) => Carrier::Serial,
        (false, false) => Carrier::Connection,
    };

    /// Creates the framing of one link. For links, and for the server of `oncilla-host`.
    #[doc(hidden)]
    pub fn new(mut ends: E) -> Self {
        if !F::RESYNCHRONIZES {
            ends.reset();
        }
        Self { ends: Some(ends), ..Self::default() }
    }

    /// Returns the framing that delimits the sealed messages.
    ///
    /// It has, for example, the count of dropped frames.
    pub const fn inner(&self) -> &F {
        &self.inner
    }

    /// Returns a frame in the clear if its call is served in the clear, or if it replies to a call in the clear.
    pub(super) fn admits_plain(&self, ends: &E, frame: &[u8]) -> bool {
        match peek(Form::Full, frame) {
            Some((xid, true)) => self.plain == Some(xid),
            Some((_, false)) => Call::parse(frame).is_ok_and(|call| ends.serves_plain(call.id())),
            None => false,
        }
    }

    /// Drops a frame that does not verify.
    pub(super) fn refuse(&mut self) -> Unsealed {
        self.failed = !F::RESYNCHRONIZES;
        Unsealed::Refused
    }

    /// Returns what the content of a message is for the link.
    pub(super) fn deliver(frame: &[u8], Content { start, length, sender }: Content) -> Unsealed {
        let content = frame.get(start..).and_then(|rest| rest.get(..length)).unwrap_or_default();
        let Some((&kind, message)) = content.split_first() else { return Unsealed::Nothing };
        let start = start.wrapping_add(1);
        let form = match kind {
            FULL => Form::Full,
            SHORT => Form::Short,
            LOG => return Unsealed::Log(start, message.len()),
            TEXT => return Unsealed::Text(start, message.len()),
            _ => return Unsealed::Nothing,
        };
        // Replies come only in a session that this side opened: no other peer can answer its calls.
        match peek(form, message) {
            Some((_, is_reply)) if is_reply == sender.is_some() => Unsealed::Nothing,
            _ => Unsealed::Message(start, message.len(), form),
        }
    }

    /// Frames a message in the clear: moves it to where the inner framing expects it.
    pub(super) fn seal_plain(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        let room = F::room(buffer);
        move_down(Cell::from_mut(room).as_slice_of_cells(), HEAD + 1, 0, length);
        F::seal(buffer, length)
    }

    /// Notes the xid of a call that is sent in the clear, and forgets it when a sealed call has the same xid.
    ///
    /// So a reply in the clear never answers a sealed call.
    pub(super) fn note_call(&mut self, mark: Mark, message: &[u8]) {
        let form = if mark.0 as u8 == SHORT { Form::Short } else { Form::Full };
        let xid = peek(form, message).map(|(xid, _)| xid);
        if mark == Mark::PLAIN_CALL {
            self.plain = xid;
        } else if mark.to() == Some(To::Called) && self.plain == xid {
            self.plain = None;
        }
    }
}
