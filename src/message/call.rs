//! The header of a call.

use core::net::SocketAddr;

use super::auth::split_body;
use super::{
    AUTH_NONE, AUTH_SYS, AuthStatus, AuthSys, CALL, OpaqueAuth, Origin, RPC_VERSION, Refusal, put_words, word,
};

/// The size of a call's header with an empty credential and verifier: 40 bytes.
pub const CALL_HEADER: usize = 40;

/// The largest size that a credential and a verifier add to a header: 800 bytes.
///
/// If callers send credentials, add it to the size of the server's receive buffer.
pub const CREDENTIALS_MAX: usize = 2 * super::MAX_AUTH_BODY;

/// The size of the fixed part of a header: 28 bytes.
///
/// The flavor of the credential is its last word.
pub(crate) const FIXED: usize = 28;

/// The fixed part of a header that did not come as such.
pub(crate) type RestoredHeader = [[u8; 4]; FIXED / 4];

/// The procedure that a call is for: its program, version and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProcedureId {
    /// The program's number.
    pub program: u32,
    /// The version of the program.
    pub version: u32,
    /// The procedure's number within the version.
    pub procedure: u32,
}

/// The header of a call, for a client to write. See [the module](super) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallHeader<'a> {
    /// The transaction number, which the client chooses and the server returns.
    pub xid: u32,
    /// The procedure that is called.
    pub id: ProcedureId,
    /// The credential, which names the caller.
    pub credential: OpaqueAuth<'a>,
    /// The verifier, which proves the credential.
    pub verifier: OpaqueAuth<'a>,
}

impl CallHeader<'_> {
    /// Returns the size of the header: 40 to 840 bytes.
    #[must_use]
    pub const fn size(&self) -> usize {
        (24usize).saturating_add(self.credential.size()).saturating_add(self.verifier.size())
    }

    /// Writes the header at the start of `room`, and returns its size.
    ///
    /// Returns `None` if `room` is too small, or the body of the credential or verifier has more than 400 bytes.
    #[inline]
    pub fn write(&self, room: &mut [u8]) -> Option<usize> {
        let id = self.id;
        let fixed = put_words([self.xid, CALL, RPC_VERSION, id.program, id.version, id.procedure], room)?;
        let credential = fixed.wrapping_add(self.credential.write(room.get_mut(fixed..)?)?);
        let verifier = self.verifier.write(room.get_mut(credential..)?)?;
        Some(credential.wrapping_add(verifier))
    }
}

/// A received call, whose header is checked.
///
/// It borrows the message. Its functions read the parts of the header when they are called. See [the module](super) for
/// an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    fixed: &'a [u8; FIXED],
    credential: &'a [u8],
    verifier: &'a [u8],
    arguments: &'a [u8],
    origin: Origin<'a>,
}

/// The reason why a message is not a valid call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// The message is a reply, or has fewer than 28 bytes.
    ///
    /// A server must not answer it.
    NotACall,
    /// The message is a call that a server must refuse.
    Refused {
        /// The transaction number of the call.
        xid: u32,
        /// The refusal to send.
        refusal: Refusal,
    },
}

impl<'a> Call<'a> {
    /// Parses a message, and checks the header of the call.
    ///
    /// # Errors
    /// [`CallFault::NotACall`], or [`CallFault::Refused`] with the refusal to send: RPC_MISMATCH for another version of
    /// RPC, AUTH_ERROR for a malformed credential or verifier, and GARBAGE_ARGS for a header that ends after the flavor
    /// of the credential.
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
        Ok(Self { fixed, credential, verifier, arguments: rest, origin: Origin::default() })
    }

    /// Returns the call whose header was restored from the short form.
    #[inline]
    pub(crate) fn restored((header, arguments): &'a (RestoredHeader, &'a [u8])) -> Self {
        Self::without_credential(header, arguments)
    }

    /// Returns the call whose header has only the fixed part, with the flavor AUTH_NONE.
    #[inline]
    pub(super) fn without_credential(header: &'a RestoredHeader, arguments: &'a [u8]) -> Self {
        // The fallback is never used: both have `FIXED` bytes, and the compiler removes the check.
        let fixed = header.as_flattened().first_chunk().unwrap_or(&[0; FIXED]);
        Self { fixed, credential: &[], verifier: &[0; 8], arguments, origin: Origin::default() }
    }

    /// Returns the transaction number, which the client chose.
    #[inline]
    #[must_use]
    pub fn xid(&self) -> u32 {
        word(self.fixed, 0)
    }

    /// Returns the procedure that is called.
    #[inline]
    #[must_use]
    pub fn id(&self) -> ProcedureId {
        ProcedureId { program: word(self.fixed, 3), version: word(self.fixed, 4), procedure: word(self.fixed, 5) }
    }

    /// Returns the credential, which names the caller.
    #[inline]
    #[must_use]
    pub fn credential(&self) -> OpaqueAuth<'a> {
        OpaqueAuth { flavor: word(self.fixed, 6), body: self.credential }
    }

    /// Returns the verifier, which proves the credential.
    #[must_use]
    pub fn verifier(&self) -> OpaqueAuth<'a> {
        let mut rest = self.verifier;
        OpaqueAuth::split_off(&mut rest).unwrap_or(OpaqueAuth::NONE)
    }

    /// Checks the credential: AUTH_NONE and well-formed AUTH_SYS are accepted.
    ///
    /// A server checks every call in this way, unless its table has its own check.
    ///
    /// # Errors
    /// [`AuthStatus::BAD_CREDENTIAL`] for a malformed AUTH_SYS. [`AuthStatus::REJECTED_CREDENTIAL`] for AUTH_SHORT,
    /// because the server issues no handles, and for unknown flavors.
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

    /// Returns the header in the form in which a client writes it.
    #[must_use]
    pub fn header(&self) -> CallHeader<'a> {
        CallHeader { xid: self.xid(), id: self.id(), credential: self.credential(), verifier: self.verifier() }
    }

    /// Returns this call with the address of its sender.
    #[inline]
    #[must_use]
    pub fn from_peer(self, peer: Option<&'a SocketAddr>) -> Self {
        self.from_origin(peer.into())
    }

    /// Returns this call with its origin: address, key and certificate.
    #[inline]
    #[must_use]
    pub const fn from_origin(self, origin: Origin<'a>) -> Self {
        Self { origin, ..self }
    }

    /// Returns where the call came from.
    #[inline]
    #[must_use]
    pub const fn origin(&self) -> Origin<'a> {
        self.origin
    }

    /// Returns the address of the sender, or `None` if the transport does not know it.
    #[inline]
    #[must_use]
    pub const fn peer(&self) -> Option<&'a SocketAddr> {
        self.origin.address
    }

    /// Returns the number of the key under which the call was verified, or `None` if it came in the clear.
    ///
    /// Calls are sealed on links that [`Link::with_keys`](crate::Link::with_keys) creates.
    #[cfg(feature = "keys")]
    #[inline]
    #[must_use]
    pub fn key(&self) -> Option<super::KeyId> {
        self.origin.sender.map(|sender| sender.key)
    }

    /// Returns the SHA-256 fingerprint of the certificate that the client has proved to have, or `None` without one.
    ///
    /// Only servers inside TLS know certificates, such as `oncilla_host::Server::tls`.
    /// `openssl x509 -noout -fingerprint -sha256 -in FILE` prints the fingerprint of a file.
    #[cfg(feature = "certificates")]
    #[inline]
    #[must_use]
    pub const fn certificate(&self) -> Option<&'a [u8; 32]> {
        self.origin.certificate
    }

    /// Returns the encoded arguments.
    #[inline]
    #[must_use]
    pub const fn arguments(&self) -> &'a [u8] {
        self.arguments
    }
}
