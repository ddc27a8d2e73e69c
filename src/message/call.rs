//! The header of a call.

use core::net::SocketAddr;

use super::auth::split_body;
use super::{AUTH_NONE, AUTH_SYS, AuthStatus, AuthSys, CALL, OpaqueAuth, RPC_VERSION, Refusal, put_words, word};

/// Bytes before the arguments when credential and verifier are empty.
pub const CALL_HEADER: usize = 40;

/// Bytes by which credential and verifier can make a header longer. A server whose callers send some
/// adds it to the size of its receive buffer.
pub const CREDENTIALS_MAX: usize = 2 * super::MAX_AUTH_BODY;

/// Bytes up to the flavor of the credential, and with it.
pub(crate) const FIXED: usize = 28;

/// The beginning of a header as far as the flavor of the credential, restored from the short form.
pub(crate) type RestoredHeader = [[u8; 4]; FIXED / 4];

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
    /// Bytes of the header: 40 to 840.
    #[must_use]
    pub const fn size(&self) -> usize {
        (24usize).saturating_add(self.credential.size()).saturating_add(self.verifier.size())
    }

    /// Writes the header at the start of `room` and returns its bytes: 40 to 840. `None` when there
    /// is not room or an authentication body is over 400 bytes.
    #[inline]
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
    credential: &'a [u8],
    verifier: &'a [u8],
    arguments: &'a [u8],
    peer: Option<&'a SocketAddr>,
}

/// Why a message is not a call that can be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// It is no call at all: a reply, or too short to hold one (28 bytes). It must not be answered.
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
    /// the credential's flavor.
    #[inline]
    pub fn parse(message: &'a [u8]) -> Result<Self, CallFault> {
        let (fixed, mut rest) = message.split_first_chunk().ok_or(CallFault::NotACall)?;
        if word(fixed, 1) != CALL {
            return Err(CallFault::NotACall);
        }
        let refused = |refusal| CallFault::Refused { xid: word(fixed, 0), refusal };
        if word(fixed, 2) != RPC_VERSION {
            return Err(refused(Refusal::RpcMismatch { low: RPC_VERSION, high: RPC_VERSION }));
        }
        let credential = split_body(&mut rest).map_err(|fault| refused(fault.refusal(AuthStatus::BAD_CREDENTIAL)))?;
        let verifier = rest;
        rest = rest.get(4..).unwrap_or_default();
        split_body(&mut rest).map_err(|fault| refused(fault.refusal(AuthStatus::BAD_VERIFIER)))?;
        Ok(Self { fixed, credential, verifier, arguments: rest, peer: None })
    }

    /// The call whose header was restored from the short form.
    #[inline]
    pub(crate) fn restored((header, arguments): &'a (RestoredHeader, &'a [u8])) -> Self {
        // They have the same size; the compiler sees it.
        let fixed = header.as_flattened().first_chunk().unwrap_or(&[0; FIXED]);
        Self { fixed, credential: &[], verifier: &[0; 8], arguments, peer: None }
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
    #[inline]
    #[must_use]
    pub fn credential(&self) -> OpaqueAuth<'a> {
        OpaqueAuth { flavor: word(self.fixed, 6), body: self.credential }
    }

    /// The proof of who calls.
    #[must_use]
    pub fn verifier(&self) -> OpaqueAuth<'a> {
        let mut rest = self.verifier;
        OpaqueAuth::split_off(&mut rest).unwrap_or(OpaqueAuth::NONE)
    }

    /// What a server asks of a caller unless its table says otherwise: AUTH_NONE, or AUTH_SYS that is
    /// well-formed.
    ///
    /// # Errors
    /// [`AuthStatus::BAD_CREDENTIAL`] for a malformed AUTH_SYS, [`AuthStatus::REJECTED_CREDENTIAL`] for
    /// AUTH_SHORT, since no handle was given, and for flavors that are not known.
    #[inline]
    pub fn check_credential(&self) -> Result<(), AuthStatus> {
        let credential = self.credential();
        match credential.flavor {
            AUTH_NONE => Ok(()),
            AUTH_SYS if AuthSys::is_well_formed(credential.body) => Ok(()),
            AUTH_SYS => Err(AuthStatus::BAD_CREDENTIAL),
            _ => Err(AuthStatus::REJECTED_CREDENTIAL),
        }
    }

    /// The header as it was written.
    #[must_use]
    pub fn header(&self) -> CallHeader<'a> {
        CallHeader { xid: self.xid(), id: self.id(), credential: self.credential(), verifier: self.verifier() }
    }

    /// The same call, said to come from `peer`.
    #[inline]
    #[must_use]
    pub const fn from_peer(self, peer: Option<&'a SocketAddr>) -> Self {
        Self { peer, ..self }
    }

    /// The address it came from, where the carrier has addresses and tells.
    #[inline]
    #[must_use]
    pub const fn peer(&self) -> Option<&'a SocketAddr> {
        self.peer
    }

    /// The arguments as they came.
    #[inline]
    #[must_use]
    pub const fn arguments(&self) -> &'a [u8] {
        self.arguments
    }
}
