//! How a call is made over a link: written, sent, waited for, sent again.

use core::time::Duration;

use super::caller::CallError;
use super::credentials::{Anonymous, Authenticate};
use super::retry::Retry;
use crate::codec::Writer;
use crate::framing::Framing;
use crate::link::{Buffers, Incoming, Link, LinkError, Own, Span, Time, Transport};
use crate::message::{CallHeader, Form, OpaqueAuth, ProcedureId, Reply, peek, write_short_call};
use crate::xdr::{EncodeError, Fault};

/// How long the answer to a hello is waited for before the next: at 9600 baud both take 42 ms.
pub(crate) const GREETING_PAUSE: Duration = Duration::from_millis(50);

/// The xids of calls in the short form: they take two bytes, and come again after as many calls.
const SHORT_XIDS: u32 = 0xffff;

/// What identifies one call.
#[derive(Clone, Copy)]
pub(crate) struct Outgoing {
    pub form: Form,
    pub xid: u32,
    pub id: ProcedureId,
}

impl Outgoing {
    /// The call with this number of a caller's.
    #[inline]
    pub(crate) const fn new(form: Form, serial: u32, id: ProcedureId) -> Self {
        let xid = match form {
            Form::Short => serial & SHORT_XIDS,
            Form::Full => serial,
        };
        Self { form, xid, id }
    }
}

/// What a caller remembers from call to call, beside its link.
pub struct Calling<A> {
    xid: u32,
    identity: A,
    pub(crate) timeout: Option<Duration>,
    retry: Retry,
}

impl Calling<Anonymous> {
    pub(crate) const fn new(first_xid: u32, timeout: Duration) -> Self {
        Self { xid: first_xid, identity: Anonymous, timeout: Some(timeout), retry: Retry::DEFAULT }
    }
}

impl<A: Authenticate> Calling<A> {
    pub(crate) fn with_identity<N>(self, identity: N) -> Calling<N> {
        let Self { xid, timeout, retry, .. } = self;
        Calling { xid, identity, timeout, retry }
    }

    pub(crate) const fn retry(&self) -> Retry {
        self.retry
    }

    /// Sets when calls are sent again, with pauses of [`Retry::PAUSE_MIN`] at least. Checked here and not in each call, so
    /// that only who sets it pays.
    pub(crate) const fn set_retry(&mut self, retry: Retry) {
        self.retry = retry;
        if retry.pause.as_micros() < Retry::PAUSE_MIN.as_micros() {
            self.retry.pause = Retry::PAUSE_MIN;
        }
    }

    /// Counts calls: the number of the next one.
    pub(crate) const fn serial(&self) -> u32 {
        self.xid
    }

    /// What identifies the next call, and stays the same however often it is sent.
    pub(crate) fn next<T: Transport, B: Buffers>(&mut self, link: &mut Link<T, B>, id: ProcedureId) -> Outgoing {
        let serial = self.xid;
        self.xid = serial.wrapping_add(1);
        match link.form() {
            Form::Short if says_nothing(&self.identity) => Outgoing::new(Form::Short, serial, id),
            _ => Outgoing::new(Form::Full, serial, id),
        }
    }

    /// Makes one call. Gives where the reply is; what comes meanwhile and is not the reply is shown to
    /// `stranger`, with the deadline of the call.
    #[inline]
    pub(crate) fn call<T: Transport, B: Buffers>(
        &mut self,
        link: &mut Link<T, B>,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        mut stranger: impl FnMut(&mut Link<T, B>, Span, Time) -> Result<(), LinkError<T::Error>>,
    ) -> Result<Span, CallError<T::Error>> {
        let call = self.next(link, id);
        link.forget_unframed();
        let deadline = self.deadline(link);
        let mut pause = self.retry.pause;
        loop {
            let may_call = link.greet(deadline)?;
            // Sent messages may be stuffed in place, and a hello or a stranger's answer goes from the same buffer,
            // so that sending again needs writing again.
            let length = self.write(link, call, &arguments)?;
            let length = if may_call { length } else { 0 };
            if let Some(span) = self.attempt(link, call, length, &mut pause, deadline, &mut stranger)? {
                return Ok(span);
            }
        }
    }

    /// Sends the call of `length` bytes in the room once, and waits for its reply as long as `pause`; with a length of 0, it
    /// waits for the peer's hello. `None` when it is time to send it again. Apart from [`call`](Self::call), of which
    /// each procedure has one of its own.
    fn attempt<T: Transport, B: Buffers>(
        &self,
        link: &mut Link<T, B>,
        call: Outgoing,
        length: usize,
        pause: &mut Duration,
        deadline: Time,
        stranger: &mut impl FnMut(&mut Link<T, B>, Span, Time) -> Result<(), LinkError<T::Error>>,
    ) -> Result<Option<Span>, CallError<T::Error>> {
        if T::Framing::SHORT && length == 0 {
            return self.wait(link, call.xid, GREETING_PAUSE, deadline, stranger);
        }
        send(link, call, length, deadline)?;
        let reply = self.wait(link, call.xid, *pause, deadline, stranger)?;
        if reply.is_some() {
            link.own = Own::NONE;
            // The peer may have said only now what it can receive: this is its refusal.
            check_size(link, length)?;
        } else {
            link.doubt();
            if self.retry.doubling {
                *pause = pause.saturating_mul(2);
            }
        }
        Ok(reply)
    }

    /// Sends one call and waits for nothing.
    pub(crate) fn cast<T: Transport, B: Buffers>(
        &mut self,
        link: &mut Link<T, B>,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<T::Error>> {
        let call = self.next(link, id);
        let length = self.write(link, call, &arguments)?;
        let deadline = self.deadline(link);
        send(link, call, length, deadline)
    }

    /// The results in a reply.
    pub(crate) fn results<'l, T: Transport, B: Buffers>(
        &self,
        link: &'l mut Link<T, B>,
        span: Span,
    ) -> Result<&'l [u8], CallError<T::Error>> {
        match Reply::parse_in(span.form::<T::Framing>(), link.message(span)) {
            Ok(reply) => reply.outcome.map_err(CallError::Refused),
            Err(error) => Err(CallError::Reply(error)),
        }
    }

    pub(crate) fn deadline<T: Transport, B: Buffers>(&self, link: &mut Link<T, B>) -> Time {
        match self.timeout {
            Some(timeout) => link.now().after(timeout),
            None => Time::NEVER,
        }
    }

    /// Writes a call in the link's room; returns its size.
    #[inline]
    pub(crate) fn write<T: Transport, B: Buffers>(
        &self,
        link: &mut Link<T, B>,
        call: Outgoing,
        arguments: &impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<usize, CallError<T::Error>> {
        let header = self.write_header(link, call)?;
        let mut writer = Writer::new(link.room().get_mut(header..).unwrap_or_default());
        arguments(&mut writer).map_err(CallError::Arguments)?;
        Ok(header.saturating_add(writer.length()))
    }

    fn write_header<T: Transport, B: Buffers>(
        &self,
        link: &mut Link<T, B>,
        Outgoing { form, xid, id }: Outgoing,
    ) -> Result<usize, CallError<T::Error>> {
        let (credential, verifier) = (self.identity.credential(), self.identity.verifier());
        let call = CallHeader { xid, id, credential, verifier };
        let room = link.room();
        let (needed, available) = (call.size(), room.len());
        let written = if form == Form::Short { write_short_call(xid, id, room) } else { call.write(room) };
        written.ok_or_else(|| {
            let is_bounded = credential.is_within_bound() && verifier.is_within_bound();
            CallError::Arguments(match is_bounded {
                true => EncodeError::NoRoom { needed, available },
                // No room would be enough (RFC 5531 §8.2).
                false => EncodeError::Refused(Fault::Bound),
            })
        })
    }

    /// The call has timed out.
    pub(crate) fn too_late<T: Transport, B: Buffers>(&self, link: &mut Link<T, B>) -> CallError<T::Error> {
        let after = self.timeout.unwrap_or_default();
        let own = core::mem::replace(&mut link.own, Own::NONE);
        if own.came || link.is_echoed() {
            return CallError::Echoed { after };
        }
        link.doubt();
        CallError::TimedOut { after, unframed: link.unframed() }
    }

    /// Waits for a reply with this xid, or for an answer to a hello; `None` when it is time to send again.
    fn wait<T: Transport, B: Buffers>(
        &self,
        link: &mut Link<T, B>,
        xid: u32,
        pause: Duration,
        deadline: Time,
        stranger: &mut impl FnMut(&mut Link<T, B>, Span, Time) -> Result<(), LinkError<T::Error>>,
    ) -> Result<Option<Span>, CallError<T::Error>> {
        let until = if T::Framing::RESYNCHRONIZES { link.now().after(pause).min(deadline) } else { deadline };
        loop {
            match link.receive(until)? {
                Incoming::Message(span) if is_reply_to(xid, link, span) => return Ok(Some(span)),
                Incoming::Message(span) => stranger(link, span, deadline)?,
                Incoming::Oversize(span, size) => {
                    if is_reply_to(xid, link, span) {
                        return Err(CallError::ReplyTooLarge { size });
                    }
                    stranger(link, span, deadline)?;
                }
                Incoming::Restart => return Err(CallError::Restarted),
                Incoming::Met => return Ok(None),
                Incoming::TimeUp if until < deadline => return Ok(None),
                Incoming::TimeUp => break,
                Incoming::End => return Err(CallError::Closed),
            }
            // Strangers may come faster than they can be dropped, so that the transport never waits.
            let now = link.now();
            if now > deadline {
                break;
            }
            if now > until {
                return Ok(None);
            }
        }
        Err(self.too_late(link))
    }
}

/// Sends the call in the room, if the peer can receive it.
pub(crate) fn send<T: Transport, B: Buffers>(
    link: &mut Link<T, B>,
    call: Outgoing,
    length: usize,
    deadline: Time,
) -> Result<(), CallError<T::Error>> {
    check_size(link, length)?;
    Ok(link.send(call.form, length, deadline)?)
}

/// Checks that the peer can receive a call of `size` bytes, as far as it has said what it can.
pub(crate) fn check_size<T: Transport, B: Buffers>(
    link: &mut Link<T, B>,
    size: usize,
) -> Result<(), CallError<T::Error>> {
    let limit = link.largest();
    if size > limit { Err(CallError::CallTooLarge { size, limit }) } else { Ok(()) }
}

/// Whether credential and verifier are empty, as the short form has it.
fn says_nothing(identity: &impl Authenticate) -> bool {
    identity.credential() == OpaqueAuth::NONE && identity.verifier() == OpaqueAuth::NONE
}

/// Whether a message is the reply to the call with this xid.
pub(crate) fn is_reply_to<T: Transport, B: Buffers>(xid: u32, link: &mut Link<T, B>, span: Span) -> bool {
    peek(span.form::<T::Framing>(), link.message(span)) == Some((xid, true))
}
