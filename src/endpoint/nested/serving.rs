//! Serving messages while a call waits for its reply.

use super::level::{Buffers, Running};
use super::turn::ErrorOf;
use super::waiting::FramingOf;
use super::{Holder, NestedParts, Parts, Turn};
use crate::framing::{Framing, crc32};
use crate::link::{Link, LinkError, Span, Time, Transport};
use crate::message::{
    Call, FIXED, Form, Origin, ProcedureId, Refusal, Sender, form_of_reply, peek, restore, write_reply,
};
use crate::server::{Identity, Noted, Recalled, Remembers};

impl<H: Holder> Turn<'_, H> {
    /// Handles a message that is not the reply to the innermost waiting call.
    ///
    /// Keeps a reply to an outer call, and serves a call.
    ///
    /// If the receive buffer could not hold the message, `size` is its size.
    pub(super) fn sort(&mut self, span: Span, size: Option<u32>, deadline: Time) -> Result<(), LinkError<ErrorOf<H>>> {
        let Parts { link, levels, depth, .. } = self.parts();
        let (outer, _) = levels.split_at_mut_checked(*depth).unwrap_or_default();
        let form = span.form::<FramingOf<H>>();
        let message = link.message(span);
        match peek(form, message) {
            Some((xid, true)) => {
                if let Some(level) = outer.iter_mut().find(|level| level.waiting == Some(xid)) {
                    level.keep(form, message, size);
                }
                Ok(())
            }
            Some((xid, false)) => {
                let running = Running { xid, length: message.len(), check: crc32(message) };
                // A retransmission: the reply is still to come.
                if outer.iter().any(|level| level.running == Some(running)) {
                    return Ok(());
                }
                self.serve_call(span, running, deadline)
            }
            None => Ok(()),
        }
    }

    /// Runs a procedure on the next level, and sends its reply.
    fn serve_call(&mut self, span: Span, running: Running, deadline: Time) -> Result<(), LinkError<ErrorOf<H>>> {
        let Parts { link, levels, depth, restarts, .. } = self.parts();
        let (place, before, form) = (*depth, *restarts, span.form::<FramingOf<H>>());
        let sender = link.framing.sender();
        let Some(level) = levels.get_mut(place) else { return Ok(()) };
        // The buffers are there, since no procedure runs on this level.
        let Some(Buffers { mut call, mut reply }) = level.buffers.take() else { return Ok(()) };
        level.running = Some(running);
        *depth = place.saturating_add(1);
        let length = copy(link.message(span), form, call.as_mut());
        let answered = match call.as_mut().get(..length) {
            Some(message) => self.answer(form, sender, message, reply.as_mut()),
            None => None,
        };
        let Parts { link, levels, depth, restarts, .. } = self.parts();
        *depth = place;
        let sent = match answered.and_then(|length| reply.as_mut().get(..length)) {
            // A restarted peer did not make this call.
            // Nor did one whose session has ended meanwhile.
            Some(reply) if *restarts == before && link.framing.is_present(sender) => {
                send(link, form, sender, reply, deadline)
            }
            _ => Ok(()),
        };
        if let Some(level) = levels.get_mut(place) {
            level.running = None;
            level.buffers = Some(Buffers { call, reply });
        }
        sent
    }

    /// Handles a restart of the peer: all its further calls are new.
    pub(super) fn note_restart(&mut self) {
        let Parts { replay, levels, restarts, .. } = self.parts();
        *restarts = restarts.wrapping_add(1);
        // Under keys, the cache distinguishes calls from before a restart, and keeps those of other peers.
        if !FramingOf::<H>::KEYED {
            replay.clear();
        }
        for level in levels {
            level.running = None;
        }
    }
}

impl<H: Holder> Turn<'_, H> {
    /// Answers a call, which is in the buffer of a level.
    fn answer(&mut self, form: Form, sender: Option<Sender>, message: &[u8], reply: &mut [u8]) -> Option<usize> {
        let Parts { link, table, .. } = self.parts();
        let address = link.transport().peer();
        // The procedure does not run unless its largest reply fits this buffer, the transmit buffer and the peer.
        let limit = reply.len().min(link.room().len()).min(link.framing.largest_reply(sender).unwrap_or(usize::MAX));
        let reply = reply.get_mut(..limit)?;
        let form = FramingOf::<H>::SHORT.then_some(form);
        let origin = Origin::from(address.as_ref()).with_sender(sender);
        let is_kept = called(form, message).is_some_and(|id| self.holder.is_kept(table, id));
        let (xid, _) = peek(form.unwrap_or(Form::Full), message)?;
        let Parts { replay, restarts, .. } = self.parts();
        let (before, mut limit) = (*restarts, reply.len());
        let mut identity = Identity::default();
        identity[0] = xid;
        if <<H::Endpoint as NestedParts>::Replay as Remembers>::REMEMBERS && is_kept {
            match replay.recall(&mut identity, form.unwrap_or(Form::Full), origin, message, reply) {
                // A reply that could not be remembered has no room, so that its procedure does not run.
                Recalled::New => limit = replay.reply_max().min(limit),
                Recalled::Known(length) => return length,
                Recalled::Ambiguous => return write_reply(xid, Err(Refusal::SystemError), reply),
            }
        }
        if form == Some(Form::Short) {
            replay.grow_older();
        }
        let (mut ran, reply) = (Noted(false), reply.get_mut(..limit)?);
        let length = self.holder.answer(&mut ran, form, origin, table, message, reply);
        let Parts { replay, restarts, .. } = self.parts();
        // A restarted peer did not make this call.
        if ran.0 && *restarts == before {
            replay.remember(&identity, length.and_then(|length| reply.get(..length)));
        }
        length
    }
}

/// Returns the procedure that a message calls.
fn called(form: Option<Form>, message: &[u8]) -> Option<ProcedureId> {
    match form {
        None | Some(Form::Full) => Call::parse(message).ok().map(|call| call.id()),
        Some(Form::Short) => Some(Call::restored(&restore(message)?).id()),
    }
}

/// Copies a call into the buffer of a level.
///
/// If the call is too large, copies only its beginning, as framings do. That lacks the credential and so is refused
/// with GARBAGE_ARGS; in the short form the call is dropped.
fn copy(message: &[u8], form: Form, buffer: &mut [u8]) -> usize {
    let kept = match form {
        _ if message.len() <= buffer.len() => message.len(),
        Form::Full => FIXED,
        Form::Short => 0,
    };
    match (buffer.get_mut(..kept), message.get(..kept)) {
        (Some(place), Some(message)) => {
            place.copy_from_slice(message);
            kept
        }
        _ => 0,
    }
}

/// Sends a reply.
fn send<T: Transport, B: AsMut<[u8]>>(
    link: &mut Link<T, B>,
    form: Form,
    sender: Option<Sender>,
    reply: &[u8],
    deadline: Time,
) -> Result<(), LinkError<T::Error>> {
    // The reply was limited to this size before the procedure ran.
    let Some(room) = link.room().get_mut(..reply.len()) else { return Ok(()) };
    room.copy_from_slice(reply);
    let form = if T::Framing::SHORT { form_of_reply(form, room) } else { Form::Full };
    let deadline = deadline.min(link.reply_deadline());
    link.send_reply(form, sender, reply.len(), deadline)
}
