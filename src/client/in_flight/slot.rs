//! The memory of one call in flight.

use core::time::Duration;

use crate::client::caller::CallError;
use crate::client::exchange::Outgoing;
use crate::client::retry::Retry;
use crate::codec::Writer;
use crate::link::Time;
use crate::message::{Form, ProcedureId, Refusal, Reply};
use crate::xdr::{DecodeError, EncodeError};

/// `K` is the callback.
pub struct Slot<K, const BYTES: usize> {
    call: Begun,
    state: State,
    pub(super) callback: Option<K>,
    /// Bytes of the arguments while it waits, of the results when it is done.
    length: usize,
    bytes: [u8; BYTES],
}

/// A call that was begun.
#[derive(Clone, Copy)]
pub(super) struct Begun {
    /// Its number: in the full form the xid, in the short one as much of it as travels.
    pub serial: u32,
    pub id: ProcedureId,
    /// When it times out.
    pub deadline: Time,
    /// How long it has until then.
    pub timeout: Duration,
}

#[derive(Clone, Copy)]
enum State {
    Free,
    Waiting {
        form: Form,
        /// When it is sent again.
        again: Time,
        /// The pause after that, and whether they double. (Not a `Retry`, which would take 8 bytes more.)
        pause: Duration,
        doubling: bool,
    },
    Done {
        outcome: Result<(), Lost>,
        /// Somebody is about to ask for it.
        held: bool,
    },
}

/// Why a call that was under way has no results.
#[derive(Clone, Copy)]
pub(super) enum Lost {
    Refused(Refusal),
    Reply(DecodeError),
    TooLarge { size: u32 },
    TimedOut,
    Echoed,
    Restarted,
    Closed,
}

impl<K, const BYTES: usize> Slot<K, BYTES> {
    pub(super) const FREE: Self = Self {
        call: Begun {
            serial: 0,
            id: ProcedureId { program: 0, version: 0, procedure: 0 },
            deadline: Time::ZERO,
            timeout: Duration::ZERO,
        },
        state: State::Free,
        callback: None,
        length: 0,
        bytes: [0; BYTES],
    };

    pub(super) const fn is_free(&self) -> bool {
        matches!(self.state, State::Free)
    }

    pub(super) const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    pub(super) const fn is_done(&self) -> bool {
        matches!(self.state, State::Done { .. })
    }

    /// Whether it is done, since no reply came in time.
    pub(super) const fn is_timed_out(&self) -> bool {
        matches!(self.state, State::Done { outcome: Err(Lost::TimedOut), .. })
    }

    /// Whether it is done and nobody has asked for it in time.
    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        let unheld = matches!(self.state, State::Done { held: false, .. });
        unheld && self.callback.is_none() && self.call.deadline < now
    }

    /// The call in it.
    pub(super) const fn call(&self) -> Begun {
        self.call
    }

    /// Whether it is the slot of this call.
    pub(super) const fn has(&self, serial: u32) -> bool {
        self.call.serial == serial && !self.is_free()
    }

    /// What identifies its call on the wire, as long as it waits for a reply.
    pub(super) const fn outgoing(&self) -> Option<Outgoing> {
        match self.state {
            State::Waiting { form, .. } => Some(Outgoing::new(form, self.call.serial, self.call.id)),
            State::Free | State::Done { .. } => None,
        }
    }

    /// Whether a reply with this xid is one to its call.
    pub(super) fn waits_for(&self, xid: u32) -> bool {
        self.outgoing().is_some_and(|call| call.xid == xid)
    }

    /// It has no callback: that takes the ticket, and frees the slot itself after it has run.
    pub(super) const fn free(&mut self) {
        self.state = State::Free;
    }

    /// Writes arguments, to be sent from here as often as need be.
    pub(super) fn put(
        &mut self,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let mut writer = Writer::new(&mut self.bytes);
        arguments(&mut writer)?;
        self.length = writer.length();
        Ok(())
    }

    /// The arguments, or the results.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// A call is begun, and waits for its reply.
    pub(super) const fn wait(&mut self, call: Begun, form: Form, Retry { pause, doubling }: Retry) {
        self.call = call;
        self.state = State::Waiting { form, again: Time::NEVER, pause, doubling };
    }

    /// When something is to be done about it, if no reply comes.
    pub(super) fn due(&self) -> Time {
        match self.state {
            State::Waiting { again, .. } => again.min(self.call.deadline),
            State::Free | State::Done { .. } => Time::NEVER,
        }
    }

    /// Gives the call up if it waits and its deadline is over; says whether it is time to send it again.
    pub(super) fn pass(&mut self, is_over: impl Fn(Time) -> bool) -> bool {
        let State::Waiting { again, .. } = self.state else { return false };
        if is_over(self.call.deadline) {
            self.end(Err(Lost::TimedOut));
            return false;
        }
        is_over(again)
    }

    /// It was sent, and is to be sent again after a pause.
    pub(super) fn sent(&mut self, now: Time) {
        if let State::Waiting { again, pause, doubling, .. } = &mut self.state {
            *again = now.after(*pause);
            if *doubling {
                *pause = pause.saturating_mul(2);
            }
        }
    }

    /// It was not sent, since the peer has not introduced itself, and is due after a pause that does not count.
    pub(super) const fn hold_back(&mut self, until: Time) {
        if let State::Waiting { again, .. } = &mut self.state {
            *again = until;
        }
    }

    /// Whether it was sent, as far as is known, and is to be sent again only because no reply has come.
    pub(super) const fn is_unanswered(&self) -> bool {
        matches!(self.state, State::Waiting { again, .. } if again.as_micros() > 0)
    }

    /// Its reply has come: the results are kept, or why there are none.
    pub(super) fn reply(&mut self, form: Form, message: &[u8]) {
        let outcome = match Reply::parse_in(form, message) {
            Ok(Reply { outcome: Ok(results), .. }) => {
                self.keep(results).ok_or(Lost::TooLarge { size: u32::try_from(message.len()).unwrap_or(u32::MAX) })
            }
            Ok(Reply { outcome: Err(refusal), .. }) => Err(Lost::Refused(refusal)),
            Err(error) => Err(Lost::Reply(error)),
        };
        self.end(outcome);
    }

    /// Copies results, if there is room.
    fn keep(&mut self, results: &[u8]) -> Option<()> {
        self.bytes.get_mut(..results.len())?.copy_from_slice(results);
        self.length = results.len();
        Some(())
    }

    /// The call is done.
    pub(super) const fn end(&mut self, outcome: Result<(), Lost>) {
        self.state = State::Done { outcome, held: false };
    }

    /// Keeps it from being given away, late though it may be.
    pub(super) const fn hold(&mut self) {
        if let State::Done { held, .. } = &mut self.state {
            *held = true;
        }
    }

    /// What came of the call, if it is done; frees the slot. The results stay where they are until the next call.
    /// `unframed` is for a call that timed out.
    pub(super) fn take<E>(&mut self, unframed: u32) -> Result<&[u8], CallError<E>> {
        let Begun { serial, timeout, .. } = self.call;
        let State::Done { outcome, .. } = self.state else { return Err(CallError::UnknownTicket { xid: serial }) };
        self.free();
        match outcome {
            Ok(()) => Ok(self.bytes()),
            Err(Lost::Refused(refusal)) => Err(CallError::Refused(refusal)),
            Err(Lost::Reply(error)) => Err(CallError::Reply(error)),
            Err(Lost::TooLarge { size }) => Err(CallError::ReplyTooLarge { size }),
            Err(Lost::TimedOut) => Err(CallError::TimedOut { after: timeout, unframed }),
            Err(Lost::Echoed) => Err(CallError::Echoed { after: timeout }),
            Err(Lost::Restarted) => Err(CallError::Restarted),
            Err(Lost::Closed) => Err(CallError::Closed),
        }
    }
}
