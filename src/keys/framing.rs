//! The framing of a keyed link: what it passes on to the framing of its frames, and what it seals and opens.

use super::TAG;
use super::accepts::index_of;
use super::ends::{Ends, Greeted};
use super::kinds::{CHALLENGE, HELLO, OPEN, kind_of};
use super::mark::Mark;
use super::sealed::Sealed;
use super::session::{DATA, HEAD};
use crate::framing::{Change, Framing, Progress, Unsealed};
use crate::message::{Form, ProcedureId, Sender};

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
