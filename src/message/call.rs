//! The header of a call.

use super::{AuthStatus, CALL, OpaqueAuth, RPC_VERSION, Refusal, put_words, word};

/// Bytes before the arguments when credential and verifier are empty.
pub const CALL_HEADER: usize = 40;

/// Bytes by which credential and verifier can make a header longer. A server whose callers send some
/// adds it to the size of its receive buffer.
pub const CREDENTIALS_MAX: usize = 2 * super::MAX_AUTH_BODY;

/// Bytes up to the credential.
const FIXED: usize = 24;

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProcedureId {
    /// The program's number.
    pub program: u32,
    /// Its version.
    pub version: u32,
    /// The procedure's number within the version.
    pub procedure: u32,
}

/// The header of a call, as a client writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallHeader<'a> {
    /// Transaction number, chosen by the client and sent back by the server.
    pub xid: u32,
    /// What is called.
    pub id: ProcedureId,
    /// Who calls.
    pub credential: OpaqueAuth<'a>,
    /// The proof of who calls.
    pub verifier: OpaqueAuth<'a>,
}

impl CallHeader<'_> {
    /// Writes the header at the start of `room` and returns its bytes: 40 to 840. `None` when there
    /// is not room or an authentication body is over 400 bytes.
    pub fn write(&self, room: &mut [u8]) -> Option<usize> {
        let id = self.id;
        let fixed = put_words([self.xid, CALL, RPC_VERSION, id.program, id.version, id.procedure], room)?;
        let credential = fixed.wrapping_add(self.credential.write(room.get_mut(fixed..)?)?);
        let verifier = self.verifier.write(room.get_mut(credential..)?)?;
        Some(credential.wrapping_add(verifier))
    }
}

/// A call that came: its header was checked and is read from the message when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    fixed: &'a [u8; FIXED],
    authentication: &'a [u8],
    arguments: &'a [u8],
}

/// Why a message is not a call that can be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// It is no call at all: a reply, or too short to hold one (24 bytes). It must not be answered.
    NotACall,
    /// It is a call that the RFC says how to refuse.
    Refused {
        /// The call's transaction number.
        xid: u32,
        /// What to answer.
        refusal: Refusal,
    },
}

impl<'a> Call<'a> {
    /// Checks the header of a call.
    ///
    /// # Errors
    /// [`CallFault`] with the refusal that is due: RPC_MISMATCH for another RPC version, AUTH_ERROR
    /// for a malformed credential or verifier, GARBAGE_ARGS for a header that is cut short after
    /// the procedure number.
    #[inline]
    pub fn parse(message: &'a [u8]) -> Result<Self, CallFault> {
        let (fixed, authentication) = message.split_first_chunk().ok_or(CallFault::NotACall)?;
        if word(fixed, 1) != CALL {
            return Err(CallFault::NotACall);
        }
        let refused = |refusal| CallFault::Refused { xid: word(fixed, 0), refusal };
        if word(fixed, 2) != RPC_VERSION {
            return Err(refused(Refusal::RpcMismatch { low: RPC_VERSION, high: RPC_VERSION }));
        }
        let mut arguments = authentication;
        for malformed in [AuthStatus::BAD_CREDENTIAL, AuthStatus::BAD_VERIFIER] {
            OpaqueAuth::skip(&mut arguments, malformed).map_err(refused)?;
        }
        Ok(Self { fixed, authentication, arguments })
    }

    /// Transaction number, chosen by the client.
    #[inline]
    #[must_use]
    pub fn xid(&self) -> u32 {
        word(self.fixed, 0)
    }

    /// What is called.
    #[inline]
    #[must_use]
    pub fn id(&self) -> ProcedureId {
        ProcedureId { program: word(self.fixed, 3), version: word(self.fixed, 4), procedure: word(self.fixed, 5) }
    }

    /// Who calls.
    #[must_use]
    pub fn credential(&self) -> OpaqueAuth<'a> {
        let mut rest = self.authentication;
        OpaqueAuth::split_off(&mut rest).unwrap_or(OpaqueAuth::NONE)
    }

    /// The proof of who calls.
    #[must_use]
    pub fn verifier(&self) -> OpaqueAuth<'a> {
        let mut rest = self.authentication;
        let _ = OpaqueAuth::split_off(&mut rest);
        OpaqueAuth::split_off(&mut rest).unwrap_or(OpaqueAuth::NONE)
    }

    /// The header as it was written.
    #[must_use]
    pub fn header(&self) -> CallHeader<'a> {
        CallHeader { xid: self.xid(), id: self.id(), credential: self.credential(), verifier: self.verifier() }
    }

    /// The arguments as they came.
    #[inline]
    #[must_use]
    pub const fn arguments(&self) -> &'a [u8] {
        self.arguments
    }
}
