//! What can go wrong.

use core::fmt;

/// What a client's transport reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// There is no connection: none was made, or the other end has reset it, or it does not answer any more.
    NotConnected,
    /// On UDP: the machine that is called has no address, or this one has none to call from.
    Unaddressable,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotConnected => "there is no connection, or not any more; connect, and make a new link",
            Self::Unaddressable => "there is no way to the address that is called; set this machine's own first",
        })
    }
}

impl core::error::Error for Error {}

/// Why no connection was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// The other end refused.
    Refused,
    /// It did not answer until the deadline.
    TimedOut,
    /// The address or port is 0, or this machine has no address to connect from.
    Unaddressable,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Refused => "the other end refused the connection: nobody serves that port",
            Self::TimedOut => "the other end did not answer in time",
            Self::Unaddressable => "there is no way to that address; set this machine's own first",
        })
    }
}

impl core::error::Error for ConnectError {}
