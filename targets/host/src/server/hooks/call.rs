//! The record of a call.

use std::fmt;
use std::time::Duration;

use oncilla::message::{AUTH_SYS, AuthSys, Call, OpaqueAuth};
use oncilla::{Names, Outcome, ProcedureId};

use super::{Origin, Sender};

/// A call that a server has handled: what came, and how it ended.
///
/// `Display` gives one line of text for a log. Text of the client, such as its machine's name, is not in it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallRecord<'a> {
    /// Where the call came from.
    pub origin: Origin,
    /// The certificate that the client has proved to have, inside TLS.
    #[cfg(feature = "tls")]
    pub certificate: Option<&'a crate::Certificate>,
    /// The key under which the call came. `None` in the clear.
    #[cfg(feature = "keys")]
    pub key: Option<oncilla::message::KeyId>,
    /// The transaction identifier, which the client chose.
    pub xid: u32,
    /// The called procedure. `None` when the header of the call is malformed or has another version of RPC.
    pub id: Option<ProcedureId>,
    /// The name of the program, if the server [has it](crate::Server::names).
    pub program: Option<&'static str>,
    /// The name of the procedure, if the server [has it](crate::Server::names).
    pub procedure: Option<&'static str>,
    /// Whether the table has the procedure. A client can call any number, so metrics should not have a counter for each
    /// procedure that is not in the table.
    pub is_served: bool,
    /// The credential as the client sent it, without any proof.
    pub credential: OpaqueAuth<'a>,
    /// The size of the call in bytes, without framing. For a call that is too large, only the bytes that were kept count.
    pub call_bytes: usize,
    /// The size of the reply in bytes, without framing. 0 without a reply.
    pub reply_bytes: usize,
    /// The time that the call took in the server: decoding, the procedure, and encoding. It does not include waiting and
    /// sending.
    pub duration: Duration,
    /// How the call ended.
    pub outcome: Outcome,
}

impl<'a> CallRecord<'a> {
    pub(super) fn new(
        sender: &'a Sender,
        message: &'a [u8],
        reply_bytes: usize,
        outcome: Outcome,
        duration: Duration,
    ) -> Self {
        let call = Call::parse(message).ok();
        Self {
            origin: sender.origin,
            #[cfg(feature = "tls")]
            certificate: sender.certificate.as_deref(),
            #[cfg(feature = "keys")]
            key: sender.key.map(|sender| sender.key),
            xid: message.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes)),
            id: call.map(|call| call.id()),
            program: None,
            procedure: None,
            is_served: false,
            credential: call.map_or(OpaqueAuth::NONE, |call| call.credential()),
            call_bytes: message.len(),
            reply_bytes,
            duration,
            outcome,
        }
    }

    pub(super) fn with_names(self, names: &[Names], procedures: &[ProcedureId]) -> Self {
        let Some(id) = self.id else { return self };
        let names = find_names(names, id);
        Self {
            program: names.map(Names::name),
            procedure: names.and_then(|names| names.procedure(id.procedure)),
            is_served: procedures.contains(&id),
            ..self
        }
    }

    /// Returns the user that the client claims to be, if its credential is a well-formed AUTH_SYS.
    #[must_use]
    pub fn user(&self) -> Option<AuthSys<'a>> {
        user(&self.credential)
    }

    /// Returns the outcome as a word for logs and metrics: `executed`, `failed`, `repeated`, `dropped`, or the name of
    /// the refusal in RFC 5531, such as `PROC_UNAVAIL`.
    #[must_use]
    pub const fn outcome_name(&self) -> &'static str {
        outcome_name(&self.outcome)
    }
}

/// Returns the user that a credential claims, if it is a well-formed AUTH_SYS.
pub(super) fn user<'a>(credential: &OpaqueAuth<'a>) -> Option<AuthSys<'a>> {
    if credential.flavor == AUTH_SYS { AuthSys::parse(credential.body) } else { None }
}

pub(super) const fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Executed => "executed",
        Outcome::Failed => "failed",
        Outcome::Repeated => "repeated",
        Outcome::Refused(refusal) => refusal.name(),
        Outcome::NotACall => "not_a_call",
        Outcome::Dropped => "dropped",
    }
}

/// Returns the names of the program that has this procedure.
pub(super) fn find_names(names: &[Names], id: ProcedureId) -> Option<&Names> {
    names.iter().find(|names| (names.program(), names.version()) == (id.program, id.version))
}

impl fmt::Display for CallRecord<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.origin)?;
        match (self.id, self.program) {
            (None, _) => formatter.write_str("malformed call")?,
            (Some(_), Some(program)) => formatter.write_str(program)?,
            (Some(id), None) => write!(formatter, "program {:#x} version {}", id.program, id.version)?,
        }
        match (self.id, self.procedure) {
            (None, _) => {}
            (Some(_), Some(procedure)) => write!(formatter, ".{procedure}")?,
            (Some(id), None) => write!(formatter, " procedure {}", id.procedure)?,
        }
        #[cfg(feature = "keys")]
        if let Some(key) = self.key {
            write!(formatter, " under key {}", key.0)?;
        }
        if let Some(user) = self.user() {
            write!(formatter, " as user {}", user.uid)?;
        }
        let (outcome, duration) = (self.outcome_name(), self.duration.as_micros());
        match self.outcome {
            Outcome::Refused(refusal) => write!(formatter, ": refused with {outcome} ({refusal})")?,
            _ => write!(formatter, ": {outcome} in {duration} µs")?,
        }
        write!(formatter, ", {} bytes in, {} bytes out", self.call_bytes, self.reply_bytes)
    }
}
