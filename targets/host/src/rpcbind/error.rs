//! Why a server could not be registered.

use std::fmt;
use std::io;

use oncilla::CallError;

use crate::Error;

/// Why a server could not be registered with this machine's rpcbind.
#[derive(Debug)]
pub enum RegisterError {
    /// rpcbind could not be connected to, neither at its own socket nor on TCP; the error is that of TCP.
    NotThere(Box<Error>),
    /// It was, but a call gave no results.
    Call(CallError<io::Error>),
    /// A server that is alive is registered for a version of a program on a transport.
    Taken {
        /// The program's number.
        program: u32,
        /// Its version.
        version: u32,
        /// The transport, such as `tcp`.
        netid: &'static str,
        /// The universal address of that server.
        address: String,
    },
    /// rpcbind did not take the registration.
    Refused {
        /// The program's number.
        program: u32,
        /// Its version.
        version: u32,
        /// The transport, such as `tcp`.
        netid: &'static str,
    },
}

impl fmt::Display for RegisterError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThere(error) => {
                write!(formatter, "rpcbind is not there: {error}; start it, or serve without registering")
            }
            Self::Call(error) => write!(formatter, "rpcbind did not do as it was asked: {error}"),
            Self::Taken { program, version, netid, address } => write!(
                formatter,
                "program {program} version {version} is served on {netid} at {address} already; stop that server, \
                 or remove what it registered: rpcinfo -d {program} {version}"
            ),
            Self::Refused { program, version, netid } => write!(
                formatter,
                "rpcbind refused to register program {program} version {version} on {netid}; if another user has left \
                 it behind, let that user remove it: rpcinfo -d {program} {version}; if rpcbind cannot be reached at \
                 its own socket, start it with -i"
            ),
        }
    }
}

impl std::error::Error for RegisterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotThere(error) => Some(error),
            Self::Call(error) => Some(error),
            Self::Taken { .. } | Self::Refused { .. } => None,
        }
    }
}
