//! The header of a call.

use super::{AuthStatus, CALL, OpaqueAuth, RPC_VERSION, Refusal, put_words, word};

/// Bytes before the arguments when credential and verifier are empty.
pub const CALL_HEADER: usize = 40;

/// Bytes by which credential and verifier can make a header longer. A server whose callers send some
/// adds it to the size of its receive buffer.
pub const CREDENTIALS_MAX: usize = 2 * super::MAX_AUTH_BODY;

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

/// A call: header and arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// Transaction number, chosen by the client and sent back by the server.
    pub xid: u32,
    /// What is called.
    pub id: ProcedureId,
    /// Who calls.
    pub credential: OpaqueAuth<'a>,
    /// The proof of who calls.
    pub verifier: OpaqueAuth<'a>,
    /// The arguments as they came.
    pub arguments: &'a [u8],
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
    /// Reads the header of a call.
    ///
    /// # Errors
    /// [`CallFault`] with the refusal that is due: RPC_MISMATCH for another RPC version, AUTH_ERROR
    /// for a malformed credential or verifier, GARBAGE_ARGS for a header that is cut short after
    /// the procedure number.
    #[inline]
    pub fn parse(message: &'a [u8]) -> Result<Self, CallFault> {
        let (header, mut rest) = message.split_first_chunk::<24>().ok_or(CallFault::NotACall)?;
        if word(header, 1) != CALL {
            return Err(CallFault::NotACall);
        }
        let xid = word(header, 0);
        let refused = |refusal| CallFault::Refused { xid, refusal };
        if word(header, 2) != RPC_VERSION {
            return Err(refused(Refusal::RpcMismatch { low: RPC_VERSION, high: RPC_VERSION }));
        }
        let credential = OpaqueAuth::split_off(&mut rest, AuthStatus::BAD_CREDENTIAL).map_err(refused)?;
        let verifier = OpaqueAuth::split_off(&mut rest, AuthStatus::BAD_VERIFIER).map_err(refused)?;
        let id = ProcedureId { program: word(header, 3), version: word(header, 4), procedure: word(header, 5) };
        Ok(Self { xid, id, credential, verifier, arguments: rest })
    }

    /// Writes the header, without the arguments, at the start of `room` and returns its bytes: 40
    /// to 840. `None` when there is not room or an authentication body is over 400 bytes.
    pub fn write_header(&self, room: &mut [u8]) -> Option<usize> {
        let id = self.id;
        let fixed = put_words(&[self.xid, CALL, RPC_VERSION, id.program, id.version, id.procedure], room)?;
        let credential = self.credential.write(room.get_mut(fixed..)?)?;
        let fixed = fixed.wrapping_add(credential);
        let verifier = self.verifier.write(room.get_mut(fixed..)?)?;
        Some(fixed.wrapping_add(verifier))
    }
}
