//! The work on calls in flight: receiving replies, retransmitting, time-outs, callbacks.

use super::Tally;
use super::flights::{ErrorOf, Flights, SlotOf};
use super::link_caller::LinkCaller;
use super::slot::{Lost, Slot};
use super::starter::{hold_back, is_lossy, transmit};
use super::ticket::Ticket;
use crate::client::caller::CallError;
use crate::client::exchange::greeting_pause;
use crate::link::{Incoming, LinkError, Own, Span, Time, Transport};
use crate::message::{ProcedureId, peek};

/// The outcome of listening for one message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Message,
    Nothing,
    Restart,
    End,
}

/// The framing of the carrier of `F`.
type FramingOf<F> = <<<F as Flights>::Caller as LinkCaller>::Transport as Transport>::Framing;

/// What is done with calls in flight, wherever their slots are.
pub(super) trait Carrying: Flights {
    fn done(&self) -> usize {
        self.count(Slot::is_done)
    }

    /// Counts slots. (`Iterator::count` may overflow, as far as the compiler knows, and would link a panic.)
    fn count(&self, are: impl Fn(&SlotOf<Self>) -> bool) -> usize {
        self.slots().iter().fold(0, |count, slot| count.wrapping_add(usize::from(are(slot))))
    }

    fn now(&mut self) -> Time {
        self.link_caller().parts().0.now()
    }

    fn free(&mut self, serial: u32) {
        if let Some(slot) = self.slots_mut().iter_mut().find(|slot| slot.has(serial)) {
            slot.free();
        }
    }

    /// Handles messages until `until`, or until another call is done or the peer closes the link.
    fn wait_until(&mut self, until: Time) -> Result<Tally, LinkError<ErrorOf<Self>>> {
        let until = if self.run_callbacks() { Time::ZERO } else { until };
        let before = self.done();
        let heard = loop {
            match self.advance(until, Time::NEVER, None) {
                Ok(Heard::Message | Heard::Nothing) if self.done() == before && self.now() < until => {}
                other => break other,
            }
        };
        self.run_callbacks();
        let (in_flight, done) = (self.count(Slot::is_waiting), self.done());
        let heard = heard?;
        Ok(Tally { in_flight, done, closed: heard == Heard::End, restarted: heard == Heard::Restart })
    }

    /// Waits for a message until `until` or until a slot is due, and handles it.
    ///
    /// Also handles further messages that have arrived, up to the reply to `wanted`. Then retransmits and ends the
    /// calls that are due, sending until `patience` at most.
    fn advance(&mut self, until: Time, patience: Time, wanted: Option<u32>) -> Result<Heard, LinkError<ErrorOf<Self>>> {
        let mut wait = self.slots().iter().map(Slot::due).fold(until, Time::min);
        let mut heard = Ok(Heard::Nothing);
        // Strangers may arrive faster than they are dropped.
        for _ in 0..self.slots().len() {
            heard = self.listen(wait, patience);
            if !matches!(heard, Ok(Heard::Message)) {
                break;
            }
            if wanted.is_some_and(|serial| self.slots().iter().any(|slot| slot.has(serial) && slot.is_done())) {
                return heard;
            }
            wait = Time::ZERO;
        }
        // Also after an error, so that time-outs work on a link that fails again and again. A call whose deadline is
        // this very instant is over only if no message was left.
        let quiet = matches!(heard, Ok(Heard::Nothing));
        let now = if quiet { self.now().max(wait) } else { self.now() };
        let worked = self.work(patience, |due| due < now || quiet && due == now);
        heard.and_then(|heard| worked.map(|()| heard))
    }

    /// Waits for a message until `until`, and handles it.
    fn listen(&mut self, until: Time, patience: Time) -> Result<Heard, LinkError<ErrorOf<Self>>> {
        let (span, size) = match self.link_caller().parts().0.receive(until)? {
            Incoming::Message(span) => (span, None),
            Incoming::Oversize(span, size) => (span, Some(size)),
            Incoming::TimeUp => return Ok(Heard::Nothing),
            Incoming::Met => {
                // Calls that wait for the hello are due at once.
                for slot in
                    self.slots_mut().iter_mut().filter(|slot| is_lossy::<Self::Caller>() || !slot.is_sent_once())
                {
                    slot.hold_back(Time::ZERO);
                }
                return Ok(Heard::Message);
            }
            Incoming::Restart => {
                self.link_caller().restarted();
                self.lose(Lost::Restarted);
                return Ok(Heard::Restart);
            }
            Incoming::End => {
                self.lose(Lost::Closed);
                return Ok(Heard::End);
            }
        };
        if self.take_reply(span, size) {
            if !self.slots().iter().any(Slot::is_waiting) {
                self.link_caller().parts().0.own = Own::NONE;
            }
        } else {
            self.link_caller().stranger(span, patience)?;
        }
        Ok(Heard::Message)
    }

    /// Waits until there is a session for a one-way call. Handles messages meanwhile.
    fn meet(&mut self, id: ProcedureId) -> Result<(), CallError<ErrorOf<Self>>> {
        let (link, calling) = self.link_caller().parts();
        let deadline = calling.deadline(link);
        loop {
            let (link, calling) = self.link_caller().parts();
            if link.greet(id, deadline)? {
                return Ok(());
            }
            let now = link.now();
            if now >= deadline {
                return Err(calling.too_late(link));
            }
            let pause = now.after(greeting_pause::<FramingOf<Self>>()).min(deadline);
            match self.advance(if is_lossy::<Self::Caller>() { pause } else { deadline }, deadline, None)? {
                Heard::Message | Heard::Nothing => {}
                Heard::Restart => return Err(CallError::Restarted),
                Heard::End => return Err(CallError::Closed),
            }
        }
    }

    /// Ends all calls that wait.
    fn lose(&mut self, why: Lost) {
        for slot in self.slots_mut().iter_mut().filter(|slot| slot.is_waiting()) {
            slot.end(Err(why));
        }
    }

    /// Stores a message if it is the reply to a waiting call; returns whether it is.
    fn take_reply(&mut self, span: Span, oversize: Option<u32>) -> bool {
        let form = span.form::<FramingOf<Self>>();
        let (caller, slots) = self.parts();
        let message = caller.parts().0.message(span);
        let Some((xid, true)) = peek(form, message) else { return false };
        let Some(slot) = slots.iter_mut().find(|slot| slot.waits_for(xid)) else { return false };
        match oversize {
            None => slot.reply(form, message),
            Some(size) => slot.end(Err(Lost::TooLarge { size })),
        }
        true
    }

    /// Ends the calls whose deadline has passed, and retransmits those whose pause has passed.
    fn work(&mut self, patience: Time, is_over: impl Fn(Time) -> bool) -> Result<(), LinkError<ErrorOf<Self>>> {
        let (caller, slots) = self.parts();
        let (mut failed, mut held) = (Ok(()), false);
        for slot in slots {
            // After an error the other calls stay due.
            if !slot.pass(&is_over) || failed.is_err() {
                continue;
            }
            let Some(call) = slot.outgoing() else { continue };
            // One hello is enough for all calls.
            if held {
                hold_back(caller, slot);
                continue;
            }
            if slot.is_unanswered() {
                caller.parts().0.doubt();
            }
            // The call is written as it was the first time, and so fits.
            match transmit(caller, slot, call, patience) {
                Ok(sent) => held = !sent,
                Err(CallError::Link(error)) => failed = Err(error),
                Err(_) => {}
            }
        }
        failed
    }

    /// Runs the callbacks of calls that are done; returns whether there were any.
    fn run_callbacks(&mut self) -> bool {
        let mut ran = false;
        // The slots are searched again each time, because a callback may change them.
        while let Some(slot) = self.slots_mut().iter_mut().find(|slot| slot.is_done() && slot.callback.is_some()) {
            let (callback, serial) = (slot.callback.take(), slot.call().serial);
            slot.hold();
            if let Some(callback) = callback {
                callback(self, Ticket::new(serial));
            }
            self.free(serial);
            ran = true;
        }
        ran
    }
}

impl<F: Flights> Carrying for F {}
