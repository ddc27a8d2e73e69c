//! Errors.

use core::fmt;

/// Why a client's transport failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// There is no connection: none was made, the peer has reset it, or the peer does not respond any more.
    NotConnected,
    /// On UDP: the host's address is 0, or this machine has no address.
    Unaddressable,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotConnected => "the connection is closed or was not made; connect, then make a new link",
            Self::Unaddressable => "the host cannot be reached; set the address of this machine first",
        })
    }
}

impl core::error::Error for Error {}

/// Why no connection was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// The peer refused the connection.
    Refused,
    /// The peer did not respond until the deadline.
    TimedOut,
    /// The address or port is 0, or this machine has no address.
    Unaddressable,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Refused => "the peer refused the connection: no program serves that port",
            Self::TimedOut => "the peer did not respond in time; check its address and the cable",
            Self::Unaddressable => "the host cannot be reached; set the address of this machine first",
        })
    }
}

impl core::error::Error for ConnectError {}
