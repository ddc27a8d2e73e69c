//! The handle by which a state calls its peer and serves it.

use super::waiting::{Came, FramingOf, Wait};
use super::{Holder, NestedParts, Parts};
use crate::client::{CallError, Caller};
use crate::codec::Writer;
use crate::framing::Framing;
use crate::link::{Incoming, LinkError, Time, Transport};
use crate::message::{ProcedureId, Reply};
use crate::server::Served;
use crate::xdr::{DecodeError, EncodeError};

/// Calls the peer and serves it, for a state that contains a [`NestedEndpoint`](crate::NestedEndpoint).
///
/// [`Nested::turn`](crate::Nested::turn) returns it, in a procedure or in the main loop. It is a [`Caller`] with the
/// time-outs of its endpoint.
pub struct Turn<'s, H: Holder> {
    pub(super) holder: &'s mut H,
}

/// The error of a turn's transport.
pub(super) type ErrorOf<H> = <<<H as Holder>::Endpoint as NestedParts>::Transport as Transport>::Error;

impl<'s, H: Holder> Turn<'s, H> {
    #[doc(hidden)]
    pub const fn new(holder: &'s mut H) -> Self {
        Self { holder }
    }

    #[inline]
    pub(super) fn parts(&mut self) -> Parts<'_, H::Endpoint> {
        self.holder.its_endpoint().parts()
    }

    /// Waits until `deadline` for one message and answers it, as [`Link::serve_next`](crate::Link::serve_next) does.
    ///
    /// For the main loop. In a procedure of the innermost level it returns [`Served::TimeUp`] at once.
    ///
    /// # Errors
    /// Those of [`Link::serve_next`](crate::Link::serve_next).
    pub fn serve_next(&mut self, deadline: Time) -> Result<Served, LinkError<ErrorOf<H>>> {
        let Parts { link, table, levels, depth, .. } = self.parts();
        if *depth >= levels.len() {
            return Ok(Served::TimeUp);
        }
        link.check_room(table)?;
        match link.receive(deadline)? {
            Incoming::Message(span) => self.sort(span, None, Time::NEVER)?,
            Incoming::Oversize(span, size) => self.sort(span, Some(size), Time::NEVER)?,
            Incoming::Restart => {
                self.note_restart();
                return Ok(Served::Restart);
            }
            Incoming::Met => {}
            Incoming::TimeUp => return Ok(Served::TimeUp),
            Incoming::End => return Ok(Served::End),
        }
        Ok(Served::Message)
    }

    /// Serves until the peer closes the link.
    ///
    /// # Errors
    /// Those of [`Link::serve_next`](crate::Link::serve_next).
    pub fn serve(&mut self) -> Result<(), LinkError<ErrorOf<H>>> {
        while self.serve_next(Time::NEVER)? != Served::End {}
        Ok(())
    }

    /// Sends a call and retransmits it until its reply has come.
    #[inline]
    fn exchange(
        &mut self,
        wait: &Wait,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Came, CallError<ErrorOf<H>>> {
        let mut pause = wait.retry.pause;
        loop {
            let Parts { link, calling, .. } = self.parts();
            let may_call = link.greet(wait.call.id, wait.deadline)?;
            // The procedures that were served meanwhile have used the transmit buffer.
            let length = calling.write(link, wait.call, &arguments)?;
            if let Some(came) = self.wait(wait, may_call.then_some(length), pause)? {
                return Ok(came);
            }
            if may_call && wait.retry.doubling {
                pause = pause.saturating_mul(2);
            }
        }
    }
}

impl<H: Holder> Caller for Turn<'_, H> {
    type Error = ErrorOf<H>;

    fn call<'c, V>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<V, DecodeError>,
    ) -> Result<V, CallError<ErrorOf<H>>> {
        let wait = self.begin(id)?;
        let came = self.exchange(&wait, arguments);
        self.end(&wait);
        let came = came?;
        let Parts { link, calling, levels, .. } = self.parts();
        let bytes = match (came, levels.get_mut(wait.depth)) {
            (Came::Early { form, length }, Some(level)) => match Reply::parse_in(form, level.reply(length)) {
                Ok(reply) => reply.outcome.map_err(CallError::Refused)?,
                Err(error) => return Err(CallError::Reply(error)),
            },
            (Came::Early { .. }, None) => &[],
            (Came::Now(span), _) => calling.results(link, span)?,
        };
        results(bytes).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<ErrorOf<H>>> {
        if FramingOf::<H>::KEYED {
            self.meet(id)?;
        }
        let Parts { link, calling, .. } = self.parts();
        if FramingOf::<H>::NOISY {
            link.own.cast(calling.serial(), id);
        }
        // With a session nothing arrives meanwhile.
        calling.cast(link, id, arguments, |_, _, _| Ok(()))
    }
}
