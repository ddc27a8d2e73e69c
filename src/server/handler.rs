//! Servers without a table, for programs that are known only at run time.

use core::net::SocketAddr;

use super::observed::Outcome;
use super::replay::{Identity, Recalled, Remembers};
use super::serve::Served;
use crate::framing::Framing;
use crate::link::{Buffers, Incoming, Link, LinkError, Time, Transport};
use crate::message::{
    Call, CallFault, Form, Origin, ProcedureId, REFUSAL_MAX, REPLY_HEADER, Refusal, SHORT_REPLY_HEADER, restore,
    write_reply, write_short_reply,
};

/// Executes calls without a [`Table`](crate::Table): for bridges, simulators and gateways.
///
/// Use a table if the programs are known at compile time. A handler sees every well-formed call, also NULL, calls of
/// programs that it does not serve, and calls with any credential. It decides how each is answered.
///
/// ```
/// use oncilla::message::Call;
/// use oncilla::{Handled, Handler, Needs, Outcome, ProcedureId, Refusal, answer_by};
///
/// /// Returns the arguments of procedure 1 of any program.
/// struct Echo;
///
/// impl Handler for Echo {
///     fn reply_max(&self) -> usize {
///         256
///     }
///
///     fn needs(&self, _: ProcedureId) -> Needs {
///         Needs { results_max: 64, idempotent: true }
///     }
///
///     fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
///         let arguments = call.arguments();
///         match (call.id().procedure, results.get_mut(..arguments.len())) {
///             (0, _) => Handled::Results(0),
///             (1, Some(room)) => {
///                 room.copy_from_slice(arguments);
///                 Handled::Results(arguments.len())
///             }
///             (1, None) => Handled::Refused(Refusal::GarbageArguments),
///             _ => Handled::Refused(Refusal::ProcedureUnavailable),
///         }
///     }
/// }
///
/// # use oncilla::message::{CallHeader, OpaqueAuth};
/// # let id = ProcedureId { program: 0x2000_0001, version: 1, procedure: 1 };
/// # let header = CallHeader { xid: 42, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
/// # let mut message = [7; 44];
/// # header.write(&mut message).unwrap();
/// let mut reply = [0; 256];
/// let (length, outcome) = answer_by(&mut (), None, &mut Echo, &message, &mut reply);
/// assert_eq!((length, outcome), (Some(28), Outcome::Executed));
/// assert_eq!(reply[24..28], [7; 4]);
/// ```
pub trait Handler {
    /// Returns the size of the largest reply in bytes, without framing.
    ///
    /// Buffers are sized by it.
    fn reply_max(&self) -> usize;

    /// Returns what a call needs before it is handled.
    fn needs(&self, id: ProcedureId) -> Needs;

    /// Executes a call, and writes its results to the start of `results`.
    ///
    /// `results` has at least [`Needs::results_max`] bytes.
    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled;
}

/// What a call needs before it is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The size of the largest results in bytes.
    ///
    /// A call whose reply has less room is refused with SYSTEM_ERR and not handled.
    pub results_max: usize,
    /// Whether executing the call twice does no harm.
    ///
    /// Its reply is then not stored in a replay cache.
    pub idempotent: bool,
}

/// How a [`Handler`] ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It was executed. This many bytes of results were written.
    Results(usize),
    /// It was executed, and has no reply. A repeated call has none either.
    Silent,
    /// It was not executed, and has no reply. A repeated call is handled again.
    Dropped,
    /// It was refused.
    ///
    /// Only after SYSTEM_ERR may it have been executed, so a repeated call then gets the same refusal.
    Refused(Refusal),
}

/// Answers one message from `peer` with a handler and a replay cache; returns the outcome.
///
/// `cache` is `&mut ()` for a server that remembers nothing. Messages that are not calls get no reply; calls with a
/// malformed header are refused as [`answer`](crate::answer) does.
pub fn answer_by<H: Handler, M: Remembers>(
    cache: &mut M,
    peer: Option<&SocketAddr>,
    handler: &mut H,
    message: &[u8],
    reply: &mut [u8],
) -> (Option<usize>, Outcome) {
    answer_by_from(cache, peer.into(), handler, message, reply)
}

/// Answers one message from `origin`: [`answer_by`] for a server with keys.
pub fn answer_by_from<H: Handler, M: Remembers>(
    cache: &mut M,
    origin: Origin<'_>,
    handler: &mut H,
    message: &[u8],
    reply: &mut [u8],
) -> (Option<usize>, Outcome) {
    answer_in(Form::Full, cache, origin, handler, message, reply)
}

/// Answers a message in either form. Refusals have the full form.
fn answer_in<H: Handler, M: Remembers>(
    form: Form,
    cache: &mut M,
    origin: Origin<'_>,
    handler: &mut H,
    message: &[u8],
    reply: &mut [u8],
) -> (Option<usize>, Outcome) {
    let restored;
    let call = match form {
        Form::Full => Call::parse(message),
        Form::Short => match restore(message) {
            Some(message) => {
                restored = message;
                Ok(Call::restored(&restored))
            }
            None => Err(CallFault::NotACall),
        },
    };
    let call = match call {
        Ok(call) => call.from_origin(origin),
        Err(CallFault::NotACall) => return (None, Outcome::NotACall),
        Err(CallFault::Refused { xid, refusal }) => {
            return (write_reply(xid, Err(refusal), reply), Outcome::Refused(refusal));
        }
    };
    let Needs { results_max, idempotent } = handler.needs(call.id());
    let kept = M::REMEMBERS && !idempotent;
    let mut identity = Identity::default();
    let mut limit = reply.len();
    if kept {
        identity[0] = call.xid();
        limit = limit.min(cache.reply_max());
        match cache.recall(&mut identity, form, call.origin(), message, reply) {
            Recalled::Known(length) => return (length, Outcome::Repeated),
            Recalled::New => {}
            // A reply that cannot be remembered gets no room, so that the call is not handled.
            Recalled::Ambiguous => limit = 0,
        }
    }
    if form == Form::Short {
        cache.grow_older();
    }
    let header = if form == Form::Short { SHORT_REPLY_HEADER } else { REPLY_HEADER };
    let room = reply.get_mut(header..limit).unwrap_or_default();
    // At least the largest refusal: otherwise a call could be handled whose refusal has no room.
    if room.len() < results_max.max(REFUSAL_MAX.saturating_sub(header)) {
        return (write_reply(call.xid(), Err(Refusal::SystemError), reply), Outcome::Refused(Refusal::SystemError));
    }
    let available = room.len();
    let handled = match handler.handle(&call, room) {
        Handled::Results(length) if length > available => Handled::Refused(Refusal::SystemError),
        handled => handled,
    };
    let (length, outcome) = match handled {
        Handled::Results(length) => {
            let header = match form {
                Form::Short => write_short_reply(call.xid(), reply),
                Form::Full => write_reply(call.xid(), Ok(()), reply),
            };
            (header.and_then(|header| header.checked_add(length)), Outcome::Executed)
        }
        Handled::Silent => (None, Outcome::Executed),
        Handled::Dropped => (None, Outcome::Dropped),
        Handled::Refused(refusal) => (write_reply(call.xid(), Err(refusal), reply), Outcome::of(refusal)),
    };
    if kept && matches!(outcome, Outcome::Executed | Outcome::Failed) {
        cache.remember(&identity, length.and_then(|length| reply.get(..length)));
    }
    (length, outcome)
}

impl Outcome {
    /// Returns the outcome of a call that a handler refused.
    const fn of(refusal: Refusal) -> Self {
        match refusal {
            Refusal::SystemError => Self::Failed,
            refusal => Self::Refused(refusal),
        }
    }
}

impl<T: Transport, B: Buffers> Link<T, B> {
    /// Receives one message until `deadline`, and answers it with a handler.
    ///
    /// It uses a replay cache, like [`serve_next_once`](Self::serve_next_once).
    ///
    /// # Errors
    /// Returns the errors of [`serve_next`](Self::serve_next).
    pub fn serve_next_by<H: Handler, M: Remembers>(
        &mut self,
        cache: &mut M,
        handler: &mut H,
        deadline: Time,
    ) -> Result<Served, LinkError<T::Error>> {
        let (needed, available) = (handler.reply_max(), self.room().len());
        if available < needed {
            return Err(LinkError::BufferTooSmall { needed, available });
        }
        match self.receive(deadline)? {
            Incoming::Message(span) | Incoming::Oversize(span, _) => {
                self.respond_by(span, Time::NEVER, |form, origin, message, room| {
                    answer_in(form.unwrap_or(Form::Full), cache, origin, handler, message, room).0
                })?;
                Ok(Served::Message)
            }
            Incoming::Restart => {
                if !T::Framing::KEYED {
                    cache.clear();
                }
                Ok(Served::Restart)
            }
            Incoming::Met => Ok(Served::Message),
            Incoming::TimeUp => Ok(Served::TimeUp),
            Incoming::End => Ok(Served::End),
        }
    }
}
