//! Credentials: what a client sends to identify the caller.

use crate::message::{OpaqueAuth, SysCredential};

/// Provides the credential and the verifier of every call, for servers that check them.
///
/// [`SysCredential`] is AUTH_SYS, [`Anonymous`] is AUTH_NONE. Implement it for other flavors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a credential",
    label = "this does not implement `oncilla::Authenticate`",
    note = "use `oncilla::message::SysCredential` for AUTH_SYS, or `oncilla::Anonymous` for AUTH_NONE"
)]
pub trait Authenticate {
    /// Returns the credential: it names the caller.
    fn credential(&self) -> OpaqueAuth<'_>;

    /// Returns the verifier: it proves the credential.
    ///
    /// Empty by default, as AUTH_NONE and AUTH_SYS require.
    fn verifier(&self) -> OpaqueAuth<'_> {
        OpaqueAuth::NONE
    }
}

/// No credential: AUTH_NONE, the default of a client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anonymous;

impl Authenticate for Anonymous {
    #[inline]
    fn credential(&self) -> OpaqueAuth<'_> {
        OpaqueAuth::NONE
    }
}

impl Authenticate for SysCredential {
    fn credential(&self) -> OpaqueAuth<'_> {
        self.as_auth()
    }
}
