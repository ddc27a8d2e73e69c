//! Calls this machine's rpcbind.

use std::io;
use std::net::Ipv4Addr;

use oncilla::rpcbind::{Binding, PORT, PROGRAM, RpcBind};
use oncilla::{CallError, highest_version};

use super::RegisterError;
use crate::{Client, Connector};

/// The paths of rpcbind's own socket. There rpcbind knows the user who registers, and accepts registrations of every
/// user.
#[cfg(unix)]
const SOCKETS: [&str; 2] = ["/run/rpcbind.sock", "/var/run/rpcbind.sock"];

/// Connects to rpcbind's own socket, if there is one.
#[cfg(unix)]
fn own_socket() -> Option<Client> {
    SOCKETS.into_iter().find_map(|path| Connector::new().unix(path).ok())
}

#[cfg(not(unix))]
const fn own_socket() -> Option<Client> {
    None
}

/// A connection to this machine's rpcbind.
pub(super) struct Local {
    client: Client,
    version: u32,
}

impl Local {
    /// Connects to rpcbind's own socket, or else on TCP.
    pub(super) fn connect() -> Result<Self, RegisterError> {
        let on_tcp = || Connector::new().tcp((Ipv4Addr::LOCALHOST, PORT));
        let mut client =
            own_socket().map_or_else(on_tcp, Ok).map_err(|error| RegisterError::NotThere(Box::new(error)))?;
        let version = highest_version(&mut client, PROGRAM, 3..=4).map_err(|error| match error {
            CallError::Refused(oncilla::Refusal::ProgramMismatch { .. }) => RegisterError::ReadOnly,
            error => RegisterError::Call(error),
        })?;
        Ok(Self { client, version })
    }

    fn ask(&mut self) -> RpcBind<&mut Client> {
        match self.version {
            3 => RpcBind::version_3(&mut self.client),
            _ => RpcBind::version_4(&mut self.client),
        }
    }

    pub(super) fn set(&mut self, binding: &Binding<'_>) -> Result<bool, RegisterError> {
        settled(self.ask().set(binding))
    }

    pub(super) fn unset(&mut self, binding: &Binding<'_>) -> Result<bool, RegisterError> {
        settled(self.ask().unset(binding))
    }

    /// Returns the universal address that is registered for the program, version and netid of `binding`.
    pub(super) fn registered(&mut self, binding: &Binding<'_>) -> Result<Option<String>, RegisterError> {
        let mut address = None;
        let key = |binding: &Binding<'_>| (binding.program, binding.version);
        let each = |other: Binding<'_>| {
            if key(&other) == key(binding) && other.netid == binding.netid {
                address = Some(other.address.to_owned());
            }
        };
        self.ask().dump(each).map_err(RegisterError::Call)?;
        Ok(address)
    }
}

/// Returns whether rpcbind did what was asked.
///
/// Some versions refuse with the result false, as the standard demands, and some with an authentication error.
fn settled(answer: Result<bool, CallError<io::Error>>) -> Result<bool, RegisterError> {
    match answer {
        Ok(done) => Ok(done),
        Err(CallError::Refused(oncilla::Refusal::Authentication(_))) => Ok(false),
        Err(error) => Err(RegisterError::Call(error)),
    }
}
