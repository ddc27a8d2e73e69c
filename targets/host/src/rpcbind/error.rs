//! The error of registering a server.

use std::fmt;
use std::io;

use oncilla::CallError;

use crate::Error;

/// Why a server could not be registered with this machine's rpcbind.
#[derive(Debug)]
pub enum RegisterError {
    /// rpcbind could not be reached, neither at its own socket nor on TCP. The error is that of TCP.
    NotThere(Box<Error>),
    /// A port mapper that takes no registrations, and not rpcbind, serves port 111: it has neither version 3 nor 4.
    ReadOnly,
    /// A call to rpcbind failed.
    Call(CallError<io::Error>),
    /// Another server is registered for the version of a program on a transport, and answers.
    Taken {
        /// The program number.
        program: u32,
        /// The version number.
        version: u32,
        /// The transport, such as `tcp`.
        netid: &'static str,
        /// The universal address of that server.
        address: String,
    },
    /// rpcbind refused the registration.
    Refused {
        /// The program number.
        program: u32,
        /// The version number.
        version: u32,
        /// The transport, such as `tcp`.
        netid: &'static str,
    },
}

impl fmt::Display for RegisterError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThere(error) => {
                write!(formatter, "cannot reach rpcbind: {error}; start rpcbind, or serve without registering")
            }
            Self::ReadOnly => formatter.write_str(
                "port 111 is served by a port mapper that takes no registrations, such as that of another server; give \
                 this server a fixed port, tell it to the clients, and serve without registering",
            ),
            Self::Call(error) => write!(formatter, "the call to rpcbind failed: {error}"),
            Self::Taken { program, version, netid, address } => write!(
                formatter,
                "program {program} version {version} is already served on {netid} at {address}; stop that server, \
                 or remove its registration: rpcinfo -d {program} {version}"
            ),
            Self::Refused { program, version, netid } => write!(
                formatter,
                "rpcbind refused to register program {program} version {version} on {netid}; if another user left a \
                 registration behind, that user can remove it: rpcinfo -d {program} {version}; if rpcbind has no socket \
                 of its own, start it with -i"
            ),
        }
    }
}

impl std::error::Error for RegisterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotThere(error) => Some(error),
            Self::Call(error) => Some(error),
            Self::ReadOnly | Self::Taken { .. } | Self::Refused { .. } => None,
        }
    }
}
