//! The identity of the caller: a credential and a verifier, which may change between calls.

use oncilla::Authenticate;
use oncilla::message::{Call, OpaqueAuth, SysCredential};

/// The credential and the verifier of calls. The default is AUTH_NONE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    credential: (u32, Vec<u8>),
    verifier: (u32, Vec<u8>),
}

impl Identity {
    /// Returns the identity of AUTH_SYS, which proves nothing.
    pub fn of_user(uid: u32, gid: u32) -> Self {
        let credential = SysCredential::new(0, "", uid, gid, &[]);
        let credential = credential.map(|credential| copied(credential.as_auth())).unwrap_or_default();
        Self { credential, verifier: (0, Vec::new()) }
    }

    /// Returns the identity of a received call, to pass it on.
    pub fn of_call(call: &Call<'_>) -> Self {
        Self { credential: copied(call.credential()), verifier: copied(call.verifier()) }
    }
}

fn copied(OpaqueAuth { flavor, body }: OpaqueAuth<'_>) -> (u32, Vec<u8>) {
    (flavor, body.to_vec())
}

impl Authenticate for Identity {
    fn credential(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: self.credential.0, body: &self.credential.1 }
    }

    fn verifier(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: self.verifier.0, body: &self.verifier.1 }
    }
}
