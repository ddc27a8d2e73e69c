//! Answers calls from a table that somebody else keeps.

use crate::message::{
    AuthStatus, Call, CallFault, Form, Origin, ProcedureId, REFUSAL_MAX, REPLY_HEADER, Refusal, SHORT_REPLY_HEADER,
    restore, write_reply, write_short_reply,
};
use crate::server::{Handled, Identity, Needs, Recalled, Remembers};

/// The result of looking up a procedure.
#[derive(Clone, Copy)]
pub enum Found<P> {
    /// The procedure.
    Procedure(P),
    /// The program has no such procedure, unless it is NULL.
    Program,
    /// The lowest and the highest version of the program; the lowest is higher if there is no such program.
    Versions(u32, u32),
}

/// A table of programs.
pub trait Programs {
    /// What refers to a procedure.
    type Procedure: Copy;

    /// Looks up a procedure.
    fn find(&self, id: ProcedureId) -> Found<Self::Procedure>;

    /// Returns what a call of a procedure needs before it is run.
    fn needs(&self, procedure: Self::Procedure) -> Needs;

    /// Decides whether a call may be executed.
    ///
    /// # Errors
    /// The reason why it may not.
    fn authorize(&self, call: &Call<'_>) -> Result<(), AuthStatus>;

    /// Runs a procedure. `room` has as many bytes as the procedure needs, at least.
    fn run(&self, procedure: Self::Procedure, call: &Call<'_>, room: &mut [u8]) -> Handled;
}

/// Answers one message, as [`answer`](crate::answer) does, with a replay cache or `None`.
///
/// Where `SHORT` is false, the form must be the full one.
#[inline]
pub fn answer<P: Programs, M: Remembers, const SHORT: bool>(
    programs: &P,
    cache: Option<M>,
    form: Form,
    origin: Origin<'_>,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    let is_short = SHORT && form == Form::Short;
    let restored;
    let call = if is_short {
        restored = restore(message)?;
        Ok(Call::restored(&restored))
    } else {
        Call::parse(message)
    };
    let mut identity = Identity::default();
    let (xid, kept, outcome) = match call {
        Ok(call) => {
            let call = call.from_origin(origin);
            let found = programs.find(call.id());
            let mut limit = reply.len();
            // The cache, if the reply is remembered after the procedure has run.
            let mut kept = None;
            if let Some(mut cache) = cache {
                let mut is_kept = false;
                if let Found::Procedure(procedure) = found
                    && !programs.needs(procedure).idempotent
                {
                    identity[0] = call.xid();
                    limit = limit.min(cache.reply_max());
                    match cache.recall(&mut identity, form, origin, message, reply) {
                        Recalled::Known(length) => return length,
                        Recalled::New => {}
                        // A reply that cannot be remembered gets no room, so that the procedure does not run.
                        Recalled::Ambiguous => limit = 0,
                    }
                    is_kept = true;
                }
                if is_short {
                    cache.grow_older();
                }
                if is_kept {
                    kept = Some(cache);
                }
            }
            let header = if is_short { SHORT_REPLY_HEADER } else { REPLY_HEADER };
            let room = reply.get_mut(header..limit).unwrap_or_default();
            let handled = run(programs, found, &call, room, header, &mut kept);
            let outcome = match handled {
                Handled::Results(length) => Ok(length),
                Handled::Refused(refusal) => Err(refusal),
                Handled::Silent | Handled::Dropped => {
                    if let Some(mut cache) = kept {
                        cache.remember(&identity, None);
                    }
                    return None;
                }
            };
            (call.xid(), kept, outcome)
        }
        Err(CallFault::NotACall) => return None,
        Err(CallFault::Refused { xid, refusal }) => (xid, None, Err(refusal)),
    };
    let written = match outcome {
        Ok(_) if is_short => write_short_reply(xid, reply)?,
        _ => write_reply(xid, outcome.map(|_| ()), reply)?,
    };
    let length = written.saturating_add(outcome.unwrap_or(0));
    if let Some(mut cache) = kept {
        cache.remember(&identity, reply.get(..length));
    }
    Some(length)
}

/// Runs the procedure of a call. Sets `kept` to `None` if its reply must not be remembered.
#[inline]
fn run<P: Programs, K>(
    programs: &P,
    found: Found<P::Procedure>,
    call: &Call<'_>,
    room: &mut [u8],
    header: usize,
    kept: &mut Option<K>,
) -> Handled {
    let handled = match (programs.authorize(call), found) {
        (Err(status), _) => Handled::Refused(Refusal::Authentication(status)),
        (Ok(()), Found::Procedure(procedure)) => {
            // At least the largest refusal: otherwise a procedure could run whose refusal has no room.
            let needed = programs.needs(procedure).results_max.max(REFUSAL_MAX.saturating_sub(header));
            if room.len() >= needed {
                match programs.run(procedure, call, room) {
                    ran @ (Handled::Results(_) | Handled::Silent | Handled::Refused(Refusal::SystemError)) => {
                        return ran;
                    }
                    not => not,
                }
            } else {
                Handled::Refused(Refusal::SystemError)
            }
        }
        (Ok(()), Found::Program) if call.id().procedure != 0 => Handled::Refused(Refusal::ProcedureUnavailable),
        (Ok(()), Found::Program) if !call.arguments().is_empty() => Handled::Refused(Refusal::GarbageArguments),
        (Ok(()), Found::Program) => Handled::Results(0),
        (Ok(()), Found::Versions(low, high)) if low > high => Handled::Refused(Refusal::ProgramUnavailable),
        (Ok(()), Found::Versions(low, high)) => Handled::Refused(Refusal::ProgramMismatch { low, high }),
    };
    *kept = None;
    handled
}
