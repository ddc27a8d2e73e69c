//! Talking to this machine's rpcbind.

use std::io;
use std::net::Ipv4Addr;

use oncilla::rpcbind::{Binding, PORT, PROGRAM, RpcBind};
use oncilla::{CallError, highest_version};

use super::RegisterError;
use crate::{Client, Connector};

/// Where rpcbind's own socket may be. It knows who registers there, and takes it from everybody.
const SOCKETS: [&str; 2] = ["/run/rpcbind.sock", "/var/run/rpcbind.sock"];

/// A connection to this machine's rpcbind.
pub(super) struct Local {
    client: Client,
    version: u32,
}

impl Local {
    /// Connects at its own socket, or else on TCP.
    pub(super) fn connect() -> Result<Self, RegisterError> {
        let connector = Connector::new();
        let own = SOCKETS.into_iter().find_map(|path| connector.unix(path).ok());
        let mut client = match own {
            Some(client) => client,
            None => {
                connector.tcp((Ipv4Addr::LOCALHOST, PORT)).map_err(|error| RegisterError::NotThere(Box::new(error)))?
            }
        };
        let version = highest_version(&mut client, PROGRAM, 3..=4).map_err(RegisterError::Call)?;
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

    /// The universal address that is registered for the binding's program, version and netid, as it was
    /// registered.
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

/// Whether rpcbind did it. Some refuse as the standard has it, some because of who asks.
fn settled(answer: Result<bool, CallError<io::Error>>) -> Result<bool, RegisterError> {
    match answer {
        Ok(done) => Ok(done),
        Err(CallError::Refused(oncilla::Refusal::Authentication(_))) => Ok(false),
        Err(error) => Err(RegisterError::Call(error)),
    }
}
