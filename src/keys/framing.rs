//! The framing of a keyed link: sealed messages in the frames of another framing.

use super::accepts::index_of;
use super::ends::{Content, Ends, Greeted, To};
use super::session::{DATA, HEAD};
use super::{Carrier, TAG};
use crate::framing::{Change, Framing, Progress, Unsealed, move_down};
use crate::message::{Call, Form, ProcedureId, Sender, peek};

/// Kinds of content: its first byte.
const FULL: u8 = 0;
const SHORT: u8 = 1;
pub(crate) const LOG: u8 = 2;
pub(crate) const TEXT: u8 = 3;
pub(super) const NOTHING: u8 = 4;

/// First bytes of messages.
const HELLO: u8 = 1;
const CHALLENGE: u8 = 2;
pub(super) const OPEN: u8 = 3;

/// How a message is sent.
///
/// The kind is in the lowest byte, the session in the next one, and its place in the third.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark(u32);

impl Mark {
    const CALL: Self = Self(0);
    const CALLER: Self = Self(1 << 8);
    const ANY: Self = Self(2 << 8);
    /// A message of a handshake, which is not sealed.
    const HANDSHAKE: Self = Self(3 << 8);
    /// A reply in the clear.
    const PLAIN: Self = Self(4 << 8);
    /// A call in the clear.
    const PLAIN_CALL: Self = Self(5 << 8);

    const fn with(self, kind: u8) -> u32 {
        self.0 | kind as u32
    }

    /// Returns where the message is sealed, or `None` if it is not.
    const fn to(self) -> Option<To> {
        match Self(self.0 & 0xff00) {
            Self::CALL => Some(To::Called),
            Self::CALLER => Some(To::Caller((self.0 >> 16) as u8)),
            Self::ANY => Some(To::Any),
            _ => None,
        }
    }
}

const fn kind_of(form: Form) -> u8 {
    match form {
        Form::Full => FULL,
        Form::Short => SHORT,
    }
}

/// Sealed messages in the frames of `F`: the framing of a link with keys.
///
/// [`Link::with_keys`](crate::Link::with_keys) makes it. Without keys it drops every message.
pub struct Sealed<F, E> {
    inner: F,
    ends: Option<E>,
    /// The sender of the last message.
    sender: Option<Sender>,
    /// The xid of the last call that was sent in the clear.
    plain: Option<u32>,
    /// Whether a message did not verify on a carrier where that ends the link.
    failed: bool,
}

impl<F: Default, E> Default for Sealed<F, E> {
    fn default() -> Self {
        Self { inner: F::default(), ends: None, sender: None, plain: None, failed: false }
    }
}

impl<F: Framing, E: Ends> Sealed<F, E> {
    /// The rules for counters.
    const CARRIER: Carrier = match (F::DATAGRAMS, F::RESYNCHRONIZES) {
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
    fn admits_plain(&self, ends: &E, frame: &[u8]) -> bool {
        match peek(Form::Full, frame) {
            Some((xid, true)) => self.plain == Some(xid),
            Some((_, false)) => Call::parse(frame).is_ok_and(|call| ends.serves_plain(call.id())),
            None => false,
        }
    }

    /// Drops a frame that does not verify.
    fn refuse(&mut self) -> Unsealed {
        self.failed = !F::RESYNCHRONIZES;
        Unsealed::Refused
    }

    /// Returns what the content of a message is for the link.
    fn deliver(frame: &[u8], Content { start, length, sender }: Content) -> Unsealed {
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
    fn seal_plain(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        let room = F::room(buffer);
        move_down(core::cell::Cell::from_mut(room).as_slice_of_cells(), HEAD + 1, 0, length);
        F::seal(buffer, length)
    }

    /// Notes the xid of a call that is sent in the clear, and forgets it when a sealed call has the same xid.
    ///
    /// So a reply in the clear never answers a sealed call.
    fn note_call(&mut self, mark: Mark, message: &[u8]) {
        let form = if mark.0 as u8 == SHORT { Form::Short } else { Form::Full };
        let xid = peek(form, message).map(|(xid, _)| xid);
        if mark == Mark::PLAIN_CALL {
            self.plain = xid;
        } else if mark.to() == Some(To::Called) && self.plain == xid {
            self.plain = None;
        }
    }
}

impl<F: Framing, E: Ends> Framing for Sealed<F, E> {
    const RESYNCHRONIZES: bool = F::RESYNCHRONIZES;
    const NOISY: bool = F::NOISY;
    const DATAGRAMS: bool = F::DATAGRAMS;
    const SHORT: bool = true;
    const BUFFER_MIN: usize = F::BUFFER_MIN;
    const KEYED: bool = true;
    const HELLO_MARK: u32 = Mark::HANDSHAKE.0;

    #[inline]
    fn next(&mut self, buffer: &mut [u8]) -> Progress {
        self.inner.next(buffer)
    }

    #[inline]
    fn next_of_all(&mut self, buffer: &mut [u8]) -> Progress {
        self.inner.next_of_all(buffer)
    }

    #[inline]
    fn window<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8] {
        self.inner.window(buffer)
    }

    #[inline]
    fn filled(&mut self, length: usize) {
        self.inner.filled(length);
    }

    #[inline]
    fn is_amid(&self) -> bool {
        self.inner.is_amid()
    }

    #[inline]
    fn capacity(buffer: usize) -> usize {
        F::capacity(buffer)
    }

    /// Leaves room for the head, the kind, the tag, and the front of an OPEN.
    #[inline]
    fn room(buffer: &mut [u8]) -> &mut [u8] {
        let room = F::room(buffer);
        let end = room.len().saturating_sub(TAG.saturating_add(E::OPEN));
        room.get_mut(HEAD + 1..end).unwrap_or_default()
    }

    /// Seals nothing: sealing needs the session.
    #[inline]
    fn seal(_: &mut [u8], _: usize) -> Option<&[u8]> {
        None
    }

    fn seal_next<'b>(&mut self, buffer: &'b mut [u8], length: usize, mark: u32) -> Option<&'b [u8]> {
        let mark = Mark(mark);
        if E::PLAIN {
            if let Some(message) = Self::room(buffer).get(..length) {
                self.note_call(mark, message);
            }
            if mark == Mark::PLAIN || mark == Mark::PLAIN_CALL {
                return Self::seal_plain(buffer, length);
            }
        }
        let Some(to) = mark.to() else { return F::seal(buffer, length) };
        let room = F::room(buffer);
        *room.get_mut(HEAD)? = mark.0 as u8;
        let sealed = self.ends.as_mut()?.seal(to, room, length.checked_add(1)?)?;
        F::seal(buffer, sealed)
    }

    #[inline]
    fn mark(&self, form: Form) -> u32 {
        Mark::CALL.with(kind_of(form))
    }

    fn call_mark(&self, form: Form, id: ProcedureId) -> u32 {
        match &self.ends {
            Some(ends) if ends.calls_plain(id) => Mark::PLAIN_CALL.0,
            _ => self.mark(form),
        }
    }

    fn reply_mark(&self, form: Form, sender: Option<Sender>) -> u32 {
        match sender {
            Some(sender) => Mark::CALLER.with(kind_of(form)) | (index_of(Self::CARRIER, sender.place) as u32) << 16,
            None => Mark::PLAIN.0,
        }
    }

    fn is_present(&self, sender: Option<Sender>) -> bool {
        sender.is_none_or(|sender| self.ends.as_ref().is_some_and(|ends| ends.is_present(Self::CARRIER, sender)))
    }

    #[inline]
    fn log_mark(kind: u8) -> u32 {
        Mark::ANY.with(kind)
    }

    #[inline]
    fn sender(&self) -> Option<Sender> {
        self.sender
    }

    fn unseal(&mut self, frame: &mut [u8], rx: usize, tx: &mut [u8]) -> Unsealed {
        if self.failed {
            return Unsealed::Refused;
        }
        self.sender = None;
        if E::PLAIN
            && let Some(ends) = &self.ends
            && self.admits_plain(ends, frame)
        {
            return Unsealed::Message(0, frame.len(), Form::Full);
        }
        let Some(ends) = &mut self.ends else { return Unsealed::Nothing };
        let (carrier, capacity) = (Self::CARRIER, F::capacity(rx));
        let content = match frame.first() {
            Some(&(HELLO | OPEN)) => match ends.greeted(carrier, frame, F::room(tx), capacity) {
                Some(Greeted::Answer(length)) => return Unsealed::Answer(length),
                Some(Greeted::Content(content)) => Some(content),
                None => None,
            },
            Some(&CHALLENGE) if ends.challenge(carrier, frame) => return Unsealed::Nothing,
            Some(&(DATA..)) => ends.data(carrier, frame),
            _ => None,
        };
        let Some(content) = content else { return self.refuse() };
        self.sender = content.sender.map(|sender| if F::DATAGRAMS { sender.moving() } else { sender });
        Self::deliver(frame, content)
    }

    fn form_of_call(&mut self, id: ProcedureId) -> Form {
        match &self.ends {
            Some(ends) if ends.calls_plain(id) => Form::Full,
            _ => Form::Short,
        }
    }

    fn doubt(&mut self) {
        if let Some(ends) = &mut self.ends {
            ends.doubt(Self::CARRIER);
        }
    }

    fn largest_call(&mut self) -> Option<usize> {
        self.ends.as_ref()?.largest_call()
    }

    fn largest_reply(&mut self, sender: Option<Sender>) -> Option<usize> {
        self.ends.as_ref()?.largest_reply(Self::CARRIER, sender?)
    }

    fn greet(&mut self, id: ProcedureId, _: u32) -> bool {
        self.ends.as_mut().is_none_or(|ends| E::PLAIN && ends.calls_plain(id) || ends.greet(Self::CARRIER, id))
    }

    fn write_hello(&mut self, tx: &mut [u8], rx: usize) -> Option<usize> {
        self.ends.as_mut()?.write_hello(Self::CARRIER, F::room(tx), F::capacity(rx))
    }

    fn needs_attention(&mut self) -> bool {
        self.ends.as_ref().is_some_and(Ends::needs_attention)
    }

    fn take_change(&mut self) -> Change {
        self.ends.as_mut().map_or(Change::None, Ends::take_change)
    }

    /// A sealed message shows its sender, so an echo never verifies.
    #[inline]
    fn is_known(&mut self) -> bool {
        true
    }

    fn is_awaited(&mut self) -> bool {
        self.ends.as_ref().is_some_and(Ends::is_awaited)
    }
}
