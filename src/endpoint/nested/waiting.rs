//! Waiting for a reply, and serving calls meanwhile.

use core::time::Duration;

use super::level::Kept;
use super::turn::ErrorOf;
use super::{Holder, NestedParts, Parts, Turn};
use crate::client::{CallError, Outgoing, Retry, check_size, greeting_pause, is_reply_to, send};
use crate::framing::Framing;
use crate::link::{Incoming, Own, Span, Time, Transport};
use crate::message::{Form, ProcedureId};

/// A call that waits for its reply.
pub(super) struct Wait {
    pub call: Outgoing,
    pub deadline: Time,
    pub retry: Retry,
    /// The number of procedures that ran when the call began.
    pub depth: usize,
    /// The number of restarts of the peer at that time.
    restarts: u32,
}

/// Where a reply is.
pub(super) enum Came {
    /// In the receive buffer.
    Now(Span),
    /// In the buffer of a level: it came while a procedure that was served meanwhile waited itself.
    Early { form: Form, length: usize },
}

impl<H: Holder> Turn<'_, H> {
    /// Begins a call, if there is a level for the calls that are served meanwhile.
    pub(super) fn begin(&mut self, id: ProcedureId) -> Result<Wait, CallError<ErrorOf<H>>> {
        let Parts { link, calling, table, levels, depth, restarts, .. } = self.parts();
        let count = levels.len();
        let Some(level) = levels.get_mut(*depth) else { return Err(CallError::TooDeep { levels: count }) };
        link.check_room(table)?;
        let call = calling.next(link, id);
        if FramingOf::<H>::NOISY {
            link.own.call(call.xid, id);
        }
        level.wait_for(call.xid);
        let deadline = calling.deadline(link);
        Ok(Wait { call, deadline, retry: calling.retry(), depth: *depth, restarts: *restarts })
    }

    /// Ends a call, with or without a reply.
    pub(super) fn end(&mut self, wait: &Wait) {
        if let Some(level) = self.parts().levels.get_mut(wait.depth) {
            level.waiting = None;
        }
    }

    /// Sends the call of `length` bytes and waits for its reply.
    ///
    /// Without a length it sends nothing and waits for the peer's hello.
    ///
    /// `None` when it is time to retransmit.
    pub(super) fn wait(
        &mut self,
        wait: &Wait,
        length: Option<usize>,
        pause: Duration,
    ) -> Result<Option<Came>, CallError<ErrorOf<H>>> {
        let Parts { link, .. } = self.parts();
        let pause = match length {
            Some(length) => {
                send(link, wait.call, length, wait.deadline)?;
                pause
            }
            None => greeting_pause::<FramingOf<H>>(),
        };
        let until =
            if FramingOf::<H>::RESYNCHRONIZES { link.now().after(pause).min(wait.deadline) } else { wait.deadline };
        loop {
            let Parts { link, calling, .. } = self.parts();
            match link.receive(until)? {
                Incoming::Message(span) if is_reply_to(wait.call.xid, link, span) => {
                    if wait.depth == 0 {
                        link.own = Own::NONE;
                    }
                    // The peer may have reported only now how much it can receive, and so does not execute the call.
                    check_size(link, length.unwrap_or(0))?;
                    return Ok(Some(Came::Now(span)));
                }
                Incoming::Message(span) => self.sort(span, None, wait.deadline)?,
                Incoming::Oversize(span, size) => {
                    if is_reply_to(wait.call.xid, link, span) {
                        return Err(CallError::ReplyTooLarge { size });
                    }
                    self.sort(span, Some(size), wait.deadline)?;
                }
                Incoming::Restart => {
                    self.note_restart();
                    return Err(CallError::Restarted);
                }
                Incoming::Met => return Ok(None),
                Incoming::TimeUp if until < wait.deadline => return Ok(self.give_up(length)),
                Incoming::TimeUp => return Err(calling.too_late(link)),
                Incoming::End => return Err(CallError::Closed),
            }
            if let Some(came) = self.meanwhile(wait)? {
                return Ok(Some(came));
            }
            let Parts { link, calling, .. } = self.parts();
            let now = link.now();
            if now > wait.deadline {
                return Err(calling.too_late(link));
            }
            if now > until {
                return Ok(self.give_up(length));
            }
        }
    }

    /// Waits until there is a session for a one-way call, and serves calls meanwhile.
    pub(super) fn meet(&mut self, id: ProcedureId) -> Result<(), CallError<ErrorOf<H>>> {
        let Parts { link, calling, .. } = self.parts();
        let deadline = calling.deadline(link);
        loop {
            let Parts { link, calling, .. } = self.parts();
            if link.greet(id, deadline)? {
                return Ok(());
            }
            let now = link.now();
            if now >= deadline {
                return Err(calling.too_late(link));
            }
            let pause = now.after(greeting_pause::<FramingOf<H>>()).min(deadline);
            match link.receive(if FramingOf::<H>::RESYNCHRONIZES { pause } else { deadline })? {
                Incoming::Message(span) => self.sort(span, None, deadline)?,
                Incoming::Oversize(span, size) => self.sort(span, Some(size), deadline)?,
                Incoming::Restart => {
                    self.note_restart();
                    return Err(CallError::Restarted);
                }
                Incoming::Met | Incoming::TimeUp => {}
                Incoming::End => return Err(CallError::Closed),
            }
        }
    }

    /// Notes that no reply has come: the peer may have restarted.
    fn give_up(&mut self, sent: Option<usize>) -> Option<Came> {
        if sent.is_some() {
            self.parts().link.doubt();
        }
        None
    }

    /// Returns the reply that came while a procedure that was served meanwhile waited itself.
    fn meanwhile(&mut self, wait: &Wait) -> Result<Option<Came>, CallError<ErrorOf<H>>> {
        let Parts { levels, restarts, .. } = self.parts();
        if *restarts != wait.restarts {
            return Err(CallError::Restarted);
        }
        match levels.get(wait.depth).map_or(Kept::Nothing, super::Level::kept) {
            Kept::Nothing => Ok(None),
            Kept::Reply { form, length } => Ok(Some(Came::Early { form, length })),
            Kept::TooLarge { size } => Err(CallError::ReplyTooLarge { size }),
        }
    }
}

/// The framing of a turn's transport.
pub(super) type FramingOf<H> = <<<H as Holder>::Endpoint as NestedParts>::Transport as Transport>::Framing;
