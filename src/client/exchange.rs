//! One call over a link: write it, send it, wait for the reply, retransmit it.
//!
//! A stranger is a received message that is not the reply to the call: another call, or a late reply.

use core::time::Duration;

use super::caller::CallError;
use super::credentials::{Anonymous, Authenticate};
use super::retry::Retry;
use crate::codec::Writer;
use crate::framing::Framing;
use crate::link::{Buffers, Incoming, Link, LinkError, Own, Span, Time, Transport};
use crate::message::{CallHeader, Form, OpaqueAuth, ProcedureId, Reply, peek, write_short_call};
use crate::xdr::{EncodeError, Fault};

/// The time between two hellos while the peer has not answered.
///
/// At 9600 baud a hello and its answer take 42 ms.
const GREETING_PAUSE: Duration = Duration::from_millis(50);

/// The same where messages are sealed. At 9600 baud a HELLO and its CHALLENGE take 103 ms.
const KEYED_PAUSE: Duration = Duration::from_millis(150);

/// Returns the time between two hellos while the peer has not answered.
pub(crate) const fn greeting_pause<F: Framing>() -> Duration {
    if F::KEYED { KEYED_PAUSE } else { GREETING_PAUSE }
}

/// The time until a call is retransmitted: a [`Duration`], or the microseconds that a caller in C sets.
pub(crate) trait Pause: Copy {
    fn of(pause: Duration) -> Self;
    fn end(self, now: Time) -> Time;
    fn doubled(self) -> Self;
}

impl Pause for Duration {
    #[inline]
    fn of(pause: Duration) -> Self {
        pause
    }

    #[inline]
    fn end(self, now: Time) -> Time {
        now.after(self)
    }

    #[inline]
    fn doubled(self) -> Self {
        self.saturating_mul(2)
    }
}

impl Pause for u64 {
    #[inline]
    fn of(pause: Duration) -> Self {
        Time::ZERO.after(pause).as_micros()
    }

    #[inline]
    fn end(self, now: Time) -> Time {
        now.later(self)
    }

    #[inline]
    fn doubled(self) -> Self {
        self.saturating_mul(2)
    }
}

/// The bits of an xid in the short form.
///
/// Two bytes are on the wire, so that xids repeat after 65 536 calls.
const SHORT_XIDS: u32 = 0xffff;

/// The identity of one call: the same for all its retransmissions.
#[derive(Clone, Copy)]
pub struct Outgoing {
    pub(crate) form: Form,
    pub(crate) xid: u32,
    pub(crate) id: ProcedureId,
}

impl Outgoing {
    /// Returns the identity of the call with number `serial`.
    #[inline]
    pub(crate) const fn new(form: Form, serial: u32, id: ProcedureId) -> Self {
        let xid = match form {
            Form::Short => serial & SHORT_XIDS,
            Form::Full => serial,
        };
        Self { form, xid, id }
    }
}

/// The state that a caller keeps from call to call, beside its link.
pub struct Calling<A> {
    xid: u32,
    pub(super) identity: A,
    pub(crate) timeout: Option<Duration>,
    retry: Retry,
}

impl Calling<Anonymous> {
    /// Creates the state of a caller without credentials.
    pub const fn new(first_xid: u32, timeout: Duration) -> Self {
        Self { xid: first_xid, identity: Anonymous, timeout: Some(timeout), retry: Retry::DEFAULT }
    }
}

impl<A: Authenticate> Calling<A> {
    /// Returns the state with a credential.
    pub fn with_identity<N>(self, identity: N) -> Calling<N> {
        let Self { xid, timeout, retry, .. } = self;
        Calling { xid, identity, timeout, retry }
    }

    pub(crate) const fn retry(&self) -> Retry {
        self.retry
    }

    /// Sets the total time-out of the calls that follow; `None` waits for ever.
    pub const fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// Sets the credential of the calls that follow.
    pub fn set_identity(&mut self, identity: A) {
        self.identity = identity;
    }

    /// Sets when calls are retransmitted, with pauses of at least [`Retry::PAUSE_MIN`].
    ///
    /// Checked here and not in each call, so that only programs that set it contain the check.
    pub const fn set_retry(&mut self, retry: Retry) {
        self.retry = retry;
        if retry.pause.as_micros() < Retry::PAUSE_MIN.as_micros() {
            self.retry.pause = Retry::PAUSE_MIN;
        }
    }

    /// Returns the credential of the calls.
    pub(crate) const fn identity(&self) -> &A {
        &self.identity
    }

    /// Returns the number of the next call.
    pub(crate) const fn serial(&self) -> u32 {
        self.xid
    }

    /// Takes the identity of the next call.
    pub(crate) fn next<T: Transport, B: Buffers>(&mut self, link: &mut Link<T, B>, id: ProcedureId) -> Outgoing {
        let serial = self.xid;
        self.xid = serial.wrapping_add(1);
        match link.form(id) {
            Form::Short if has_no_credential(&self.identity) => Outgoing::new(Form::Short, serial, id),
            _ => Outgoing::new(Form::Full, serial, id),
        }
    }

    /// Makes one call and returns where its reply is in the receive buffer.
    ///
    /// Shows every stranger to `stranger`, with the deadline of the call.
    #[inline]
    pub(crate) fn call<T: Transport, B: Buffers>(
        &mut self,
        link: &mut Link<T, B>,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        stranger: impl FnMut(&mut Link<T, B>, Span, Time) -> Result<(), LinkError<T::Error>>,
    ) -> Result<Span, CallError<T::Error>> {
        self.make(link, |calling, link| calling.next(link, id), arguments, stranger)
    }

    /// Makes the call with the identity that `identify` returns.
    #[inline]
    pub(crate) fn make<T: Transport, B: Buffers>(
        &mut self,
        link: &mut Link<T, B>,
        identify: impl FnOnce(&mut Self, &mut Link<T, B>) -> Outgoing,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        mut stranger: impl FnMut(&mut Link<T, B>, Span, Time) -> Result<(), LinkError<T::Error>>,
    ) -> Result<Span, CallError<T::Error>> {
        let call = identify(self, link);
        link.forget_unframed();
        let deadline = self.deadline(link);
        let mut pause = self.retry.pause;
        loop {
            let may_call = link.greet(call.id, deadline)?;
            // The transmit buffer no longer holds the call: framings stuff a message in place, and hellos and answers
            // to strangers are sent from the same buffer.
            let length = self.write(link, call, &arguments)?;
            let length = if may_call { length } else { 0 };
            if let Some(span) = self.attempt(link, call, length, &mut pause, deadline, &mut stranger)? {
                return Ok(span);
            }
        }
    }

    /// Sends the call of `length` bytes once and waits `pause` for its reply.
    ///
    /// With a length of 0 it sends nothing and waits for the peer's hello.
    ///
    /// `None` when it is time to retransmit. Separate from [`call`](Self::call), which the compiler copies for every
    /// procedure.
    pub(crate) fn attempt<T: Transport, B: Buffers, P: Pause>(
        &self,
        link: &mut Link<T, B>,
        call: Outgoing,
        length: usize,
        pause: &mut P,
        deadline: Time,
        stranger: &mut impl FnMut(&mut Link<T, B>, Span, Time) -> Result<(), LinkError<T::Error>>,
    ) -> Result<Option<Span>, CallError<T::Error>> {
        if T::Framing::SHORT && length == 0 {
            return self.wait(link, call.xid, P::of(greeting_pause::<T::Framing>()), deadline, stranger);
        }
        send(link, call, length, deadline)?;
        let reply = self.wait(link, call.xid, *pause, deadline, stranger)?;
        if reply.is_some() {
            link.own = Own::NONE;
            // The peer may have reported only now how much it can receive, and so does not execute the call.
            check_size(link, length)?;
        } else {
            link.doubt();
            if self.retry.doubling {
                *pause = pause.doubled();
            }
        }
        Ok(reply)
    }

    /// Sends one call and does not wait.
    pub(crate) fn cast<T: Transport, B: Buffers>(
        &mut self,
        link: &mut Link<T, B>,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        mut stranger: impl FnMut(&mut Link<T, B>, Span, Time) -> Result<(), LinkError<T::Error>>,
    ) -> Result<(), CallError<T::Error>> {
        if T::Framing::KEYED {
            self.meet(link, id, &mut stranger)?;
        }
        let call = self.next(link, id);
        let length = self.write(link, call, &arguments)?;
        let deadline = self.deadline(link);
        send(link, call, length, deadline)
    }

    /// Waits until there is a session for a one-way call.
    fn meet<T: Transport, B: Buffers>(
        &mut self,
        link: &mut Link<T, B>,
        id: ProcedureId,
        stranger: &mut impl FnMut(&mut Link<T, B>, Span, Time) -> Result<(), LinkError<T::Error>>,
    ) -> Result<(), CallError<T::Error>> {
        let deadline = self.deadline(link);
        while !link.greet(id, deadline)? {
            // No reply has the number of the next call.
            self.wait(link, self.xid, greeting_pause::<T::Framing>(), deadline, stranger)?;
        }
        Ok(())
    }

    /// Returns the results in a reply.
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

    /// Writes a call to the link's transmit buffer; returns its size.
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
                // A larger buffer would not help (RFC 5531 §8.2).
                false => EncodeError::Refused(Fault::Bound),
            })
        })
    }

    /// Returns the error of a call that timed out.
    pub(crate) fn too_late<T: Transport, B: Buffers>(&self, link: &mut Link<T, B>) -> CallError<T::Error> {
        let after = self.timeout.unwrap_or_default();
        let own = core::mem::replace(&mut link.own, Own::NONE);
        if own.came || link.is_echoed() {
            return CallError::Echoed { after };
        }
        link.doubt();
        CallError::TimedOut { after, unframed: link.unframed() }
    }

    /// Waits for the reply with this xid, or for the peer's hello.
    ///
    /// `None` when it is time to retransmit.
    fn wait<T: Transport, B: Buffers, P: Pause>(
        &self,
        link: &mut Link<T, B>,
        xid: u32,
        pause: P,
        deadline: Time,
        stranger: &mut impl FnMut(&mut Link<T, B>, Span, Time) -> Result<(), LinkError<T::Error>>,
    ) -> Result<Option<Span>, CallError<T::Error>> {
        let until = if T::Framing::RESYNCHRONIZES { pause.end(link.now()).min(deadline) } else { deadline };
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
            // If strangers arrive faster than they are dropped, the transport never waits and never sees the deadline.
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

/// Sends the call in the transmit buffer, if the peer can receive it.
pub(crate) fn send<T: Transport, B: Buffers>(
    link: &mut Link<T, B>,
    call: Outgoing,
    length: usize,
    deadline: Time,
) -> Result<(), CallError<T::Error>> {
    check_size(link, length)?;
    Ok(link.send_call(call.form, call.id, length, deadline)?)
}

/// Checks that a call of `size` bytes is within the limit of the peer, if known.
pub(crate) fn check_size<T: Transport, B: Buffers>(
    link: &mut Link<T, B>,
    size: usize,
) -> Result<(), CallError<T::Error>> {
    let limit = link.largest();
    if size > limit { Err(CallError::CallTooLarge { size, limit }) } else { Ok(()) }
}

/// Returns whether credential and verifier are empty, as the short form requires.
fn has_no_credential(identity: &impl Authenticate) -> bool {
    identity.credential() == OpaqueAuth::NONE && identity.verifier() == OpaqueAuth::NONE
}

/// Returns whether a message is the reply to the call with this xid.
pub(crate) fn is_reply_to<T: Transport, B: Buffers>(xid: u32, link: &mut Link<T, B>, span: Span) -> bool {
    peek(span.form::<T::Framing>(), link.message(span)) == Some((xid, true))
}
