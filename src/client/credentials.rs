//! Who a client says it is.

use crate::message::{OpaqueAuth, SysCredential};

/// Who calls, for a server that asks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a credential",
    label = "this does not say who calls",
    note = "use `oncilla::message::SysCredential` for AUTH_SYS, or `oncilla::Anonymous`"
)]
pub trait Authenticate {
    /// What is sent as the credential of every call.
    fn credential(&self) -> OpaqueAuth<'_>;

    /// What is sent as its proof. Empty by default, as AUTH_NONE and AUTH_SYS have it.
    fn verifier(&self) -> OpaqueAuth<'_> {
        OpaqueAuth::NONE
    }
}

/// Nobody in particular: AUTH_NONE.
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
