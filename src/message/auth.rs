//! Credentials and verifiers (RFC 5531 §8.2).

use core::fmt;

use super::Refusal;
use crate::xdr::{Fault, padding, split_opaque};

/// The largest body of a credential or verifier: 400 bytes (RFC 5531 §8.2).
pub const MAX_AUTH_BODY: usize = 400;

/// A credential or a verifier: a flavor, and a body of at most 400 bytes.
///
/// The flavor defines the meaning of the body. [`AuthSys`](super::AuthSys) parses a body of flavor 1.
///
/// ```
/// use oncilla::message::OpaqueAuth;
/// let token = OpaqueAuth { flavor: 390_000, body: b"token" };
/// assert_eq!(token.size(), 4 + 4 + 8);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpaqueAuth<'a> {
    /// The number of the flavor, assigned by IANA.
    ///
    /// 0 is AUTH_NONE, 1 AUTH_SYS, 2 AUTH_SHORT, and 6 RPCSEC_GSS.
    pub flavor: u32,
    /// The body, at most [`MAX_AUTH_BODY`] bytes.
    pub body: &'a [u8],
}

impl<'a> OpaqueAuth<'a> {
    /// AUTH_NONE, the empty credential or verifier. It has 8 bytes on the wire.
    pub const NONE: OpaqueAuth<'static> = OpaqueAuth { flavor: 0, body: &[] };

    /// Returns whether the body has at most [`MAX_AUTH_BODY`] bytes.
    #[inline]
    pub(crate) const fn is_within_bound(&self) -> bool {
        self.body.len() <= MAX_AUTH_BODY
    }

    /// Returns the size on the wire: 8 bytes, the body and its padding.
    #[must_use]
    pub const fn size(&self) -> usize {
        (8usize).saturating_add(self.body.len()).saturating_add(padding(self.body.len()))
    }

    /// Reads a credential or verifier from the front of `input`.
    #[inline]
    pub(super) fn split_off(input: &mut &'a [u8]) -> Result<Self, Fault> {
        let (flavor, rest) = input.split_first_chunk().ok_or(Fault::End)?;
        *input = rest;
        Ok(Self { flavor: u32::from_be_bytes(*flavor), body: split_body(input)? })
    }

    /// Writes the credential or verifier at the start of `room`, and returns its size.
    ///
    /// Returns `None` if `room` is too small, or the body has more than 400 bytes.
    #[inline]
    pub(super) fn write(&self, room: &mut [u8]) -> Option<usize> {
        let length = u32::try_from(self.body.len()).ok()?;
        if !self.is_within_bound() {
            return None;
        }
        let head = super::put_words([self.flavor, length], room)?;
        if length == 0 {
            return Some(head);
        }
        let (body, rest) = room.get_mut(head..)?.split_at_mut_checked(self.body.len())?;
        body.copy_from_slice(self.body);
        rest.get_mut(..padding(self.body.len()))?.fill(0);
        Some(self.size())
    }
}

/// Reads the body of a credential or verifier: length, bytes and padding.
#[inline]
pub(super) fn split_body<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], Fault> {
    split_opaque(input, MAX_AUTH_BODY)
}

impl Fault {
    /// Returns the refusal of a call whose credential or verifier has this fault.
    ///
    /// `malformed` is the status for wrong padding and for a body that is too long. If the message ends too early, the
    /// refusal is GARBAGE_ARGS.
    #[inline]
    pub(super) fn refusal(self, malformed: AuthStatus) -> Refusal {
        match self {
            Self::Padding | Self::Bound => Refusal::Authentication(malformed),
            _ => Refusal::GarbageArguments,
        }
    }
}

/// The reason why authentication failed: `auth_stat` of RFC 5531 §9.
///
/// ```
/// use oncilla::message::AuthStatus;
/// assert_eq!(AuthStatus::TOO_WEAK, AuthStatus(5));
/// assert_eq!(AuthStatus(5).to_string(), "a stronger kind of credential is needed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AuthStatus(pub u32);

impl AuthStatus {
    /// The credential is malformed.
    pub const BAD_CREDENTIAL: Self = Self(1);
    /// The credential is well-formed, but rejected.
    ///
    /// Its user may not call, or the client must authenticate anew.
    pub const REJECTED_CREDENTIAL: Self = Self(2);
    /// The verifier is malformed.
    pub const BAD_VERIFIER: Self = Self(3);
    /// The verifier has expired or was replayed.
    pub const REJECTED_VERIFIER: Self = Self(4);
    /// The flavor is too weak for this procedure.
    pub const TOO_WEAK: Self = Self(5);
    /// The server's verifier in a reply is not valid.
    pub const INVALID_RESPONSE: Self = Self(6);
    /// Another reason.
    pub const FAILED: Self = Self(7);

    /// The statuses above, by their names in RFC 5531.
    pub const NAMES: [(&str, Self); 7] = [
        ("AUTH_BADCRED", Self::BAD_CREDENTIAL),
        ("AUTH_REJECTEDCRED", Self::REJECTED_CREDENTIAL),
        ("AUTH_BADVERF", Self::BAD_VERIFIER),
        ("AUTH_REJECTEDVERF", Self::REJECTED_VERIFIER),
        ("AUTH_TOOWEAK", Self::TOO_WEAK),
        ("AUTH_INVALIDRESP", Self::INVALID_RESPONSE),
        ("AUTH_FAILED", Self::FAILED),
    ];
}

impl fmt::Display for AuthStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match *self {
            Self::BAD_CREDENTIAL => "the credential is malformed",
            Self::REJECTED_CREDENTIAL => "the credential was rejected; is this user allowed to call?",
            Self::BAD_VERIFIER => "the verifier is malformed",
            Self::REJECTED_VERIFIER => "the verifier has expired or was replayed",
            Self::TOO_WEAK => "a stronger kind of credential is needed",
            Self::INVALID_RESPONSE => "the server's verifier is not valid",
            Self::FAILED => "authentication failed",
            Self(status) => return write!(formatter, "authentication failed with status {status}"),
        };
        formatter.write_str(text)
    }
}
