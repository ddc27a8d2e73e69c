//! A slot: the memory of one call in flight.

use core::time::Duration;

use crate::client::caller::CallError;
use crate::client::exchange::Outgoing;
use crate::client::retry::Retry;
use crate::codec::Writer;
use crate::link::Time;
use crate::message::{Form, ProcedureId, Refusal, Reply};
use crate::xdr::{DecodeError, EncodeError};

/// A slot for one call. `K` is the type of its callback, `B` the memory of arguments and results.
pub struct Slot<K, B> {
    call: Begun,
    state: State,
    pub(super) callback: Option<K>,
    /// Bytes of the arguments while the call waits, of the results when it is done.
    length: usize,
    bytes: B,
}

/// A call that was started.
#[derive(Clone, Copy)]
pub(super) struct Begun {
    /// The number of the call.
    ///
    /// Its xid in the full form; in the short form the xid is the lower 16 bits.
    pub serial: u32,
    pub id: ProcedureId,
    /// The instant at which it times out.
    pub deadline: Time,
    /// The total time-out, for the error.
    pub timeout: Duration,
}

#[derive(Clone, Copy)]
enum State {
    Free,
    Waiting {
        form: Form,
        /// The instant of the next retransmission.
        again: Time,
        /// The pause after that, and whether pauses double. (A `Retry` would take 8 bytes more.)
        pause: Duration,
        doubling: bool,
    },
    Done {
        outcome: Result<(), Lost>,
        /// The ticket is being finished, so that a new call must not take the slot.
        held: bool,
    },
}

/// Why a call has no results.
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

impl<K, const BYTES: usize> Slot<K, [u8; BYTES]> {
    pub(super) const FREE: Self = Self::new([0; BYTES]);
}

impl<K, B> Slot<K, B> {
    /// Creates a free slot in this memory.
    #[inline]
    pub const fn new(bytes: B) -> Self {
        Self {
            call: Begun {
                serial: 0,
                id: ProcedureId { program: 0, version: 0, procedure: 0 },
                deadline: Time::ZERO,
                timeout: Duration::ZERO,
            },
            state: State::Free,
            callback: None,
            length: 0,
            bytes,
        }
    }
}

impl<K, B: AsRef<[u8]> + AsMut<[u8]>> Slot<K, B> {
    pub(super) const fn is_free(&self) -> bool {
        matches!(self.state, State::Free)
    }

    pub(super) const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    pub(super) const fn is_done(&self) -> bool {
        matches!(self.state, State::Done { .. })
    }

    /// Returns whether the call ended because no reply arrived in time.
    pub(super) const fn is_timed_out(&self) -> bool {
        matches!(self.state, State::Done { outcome: Err(Lost::TimedOut), .. })
    }

    /// Returns whether the call is done, and its ticket was not finished before the deadline.
    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        let unheld = matches!(self.state, State::Done { held: false, .. });
        unheld && self.callback.is_none() && self.call.deadline < now
    }

    /// Returns the call in the slot.
    pub(super) const fn call(&self) -> Begun {
        self.call
    }

    /// Returns whether the slot belongs to the call with number `serial`.
    pub(super) const fn has(&self, serial: u32) -> bool {
        self.call.serial == serial && !self.is_free()
    }

    /// Returns the identity of the call on the wire, while it waits for a reply.
    pub(super) const fn outgoing(&self) -> Option<Outgoing> {
        match self.state {
            State::Waiting { form, .. } => Some(Outgoing::new(form, self.call.serial, self.call.id)),
            State::Free | State::Done { .. } => None,
        }
    }

    /// Returns whether a reply with this xid belongs to this call.
    pub(super) fn waits_for(&self, xid: u32) -> bool {
        self.outgoing().is_some_and(|call| call.xid == xid)
    }

    /// Frees the slot.
    ///
    /// It has no callback: running a callback removes it and frees the slot.
    pub(super) const fn free(&mut self) {
        self.state = State::Free;
    }

    /// Writes the arguments to the slot, from which every retransmission is sent.
    pub(super) fn put(
        &mut self,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let mut writer = Writer::new(self.bytes.as_mut());
        arguments(&mut writer)?;
        self.length = writer.length();
        Ok(())
    }

    /// Returns the arguments, or the results.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.as_ref().get(..self.length).unwrap_or_default()
    }

    /// Puts a new call in the slot: it waits for its reply.
    pub(super) const fn wait(&mut self, call: Begun, form: Form, Retry { pause, doubling }: Retry) {
        self.call = call;
        self.state = State::Waiting { form, again: Time::NEVER, pause, doubling };
    }

    /// Returns the instant of the next retransmission or of the time-out.
    pub(super) fn due(&self) -> Time {
        match self.state {
            State::Waiting { again, .. } => again.min(self.call.deadline),
            State::Free | State::Done { .. } => Time::NEVER,
        }
    }

    /// Ends the call after its deadline; returns whether it is time to retransmit it.
    pub(super) fn pass(&mut self, is_over: impl Fn(Time) -> bool) -> bool {
        let State::Waiting { again, .. } = self.state else { return false };
        if is_over(self.call.deadline) {
            self.end(Err(Lost::TimedOut));
            return false;
        }
        is_over(again)
    }

    /// Notes that the call was sent, and sets the instant of the next retransmission.
    pub(super) fn sent(&mut self, now: Time) {
        if let State::Waiting { again, pause, doubling, .. } = &mut self.state {
            *again = now.after(*pause);
            if *doubling {
                *pause = pause.saturating_mul(2);
            }
        }
    }

    /// Notes that the call was not sent because the peer has not said hello.
    ///
    /// The pause does not grow.
    pub(super) const fn hold_back(&mut self, until: Time) {
        if let State::Waiting { again, .. } = &mut self.state {
            *again = until;
        }
    }

    /// The instant of a call that waits for a session, and is due when there is one.
    pub(super) const HELD: Time = Time::from_micros(u64::MAX - 1);

    /// Returns whether the call was sent and is not retransmitted.
    pub(super) fn is_sent_once(&self) -> bool {
        matches!(self.state, State::Waiting { again: Time::NEVER, .. })
    }

    /// Returns whether the call was sent and is due because it has no reply.
    pub(super) const fn is_unanswered(&self) -> bool {
        matches!(self.state, State::Waiting { again, .. } if again.as_micros() > 0)
    }

    /// Stores the results of a reply, or the reason why there are none.
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

    /// Copies results into the slot, if they fit.
    fn keep(&mut self, results: &[u8]) -> Option<()> {
        self.bytes.as_mut().get_mut(..results.len())?.copy_from_slice(results);
        self.length = results.len();
        Some(())
    }

    /// Marks the call as done.
    pub(super) const fn end(&mut self, outcome: Result<(), Lost>) {
        self.state = State::Done { outcome, held: false };
    }

    /// Keeps a new call from taking the slot, even after the deadline.
    pub(super) const fn hold(&mut self) {
        if let State::Done { held, .. } = &mut self.state {
            *held = true;
        }
    }

    /// Returns the outcome of a call that is done, and frees the slot.
    ///
    /// The results stay in the slot until the next call. `unframed` is for the error of a call that timed out.
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
