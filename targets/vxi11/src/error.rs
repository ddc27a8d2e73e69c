//! The errors of the protocol.

use core::fmt;

/// An error code of VXI-11 (table B.2). The results of every procedure have one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub i32);

impl ErrorCode {
    /// No error.
    pub const NONE: Self = Self(0);
    /// The name of the device has a syntax error.
    pub const SYNTAX: Self = Self(1);
    /// There is no device of this name.
    pub const NOT_ACCESSIBLE: Self = Self(3);
    /// There is no link of this number on this connection.
    pub const INVALID_LINK: Self = Self(4);
    /// An argument is out of range, such as more data than the device accepts.
    pub const PARAMETER: Self = Self(5);
    /// There is no interrupt channel, or it cannot be established.
    pub const NO_CHANNEL: Self = Self(6);
    /// The device does not support the operation.
    pub const UNSUPPORTED: Self = Self(8);
    /// All links are in use.
    pub const OUT_OF_RESOURCES: Self = Self(9);
    /// Another link has locked the device.
    pub const LOCKED: Self = Self(11);
    /// This link has not locked the device.
    pub const NOT_LOCKED: Self = Self(12);
    /// The operation was not complete within its time-out.
    pub const TIMED_OUT: Self = Self(15);
    /// The device failed.
    pub const IO: Self = Self(17);
    /// The address cannot be called.
    pub const INVALID_ADDRESS: Self = Self(21);
    /// The client has aborted the operation.
    pub const ABORTED: Self = Self(23);
    /// The interrupt channel exists already.
    pub const CHANNEL_EXISTS: Self = Self(29);

    /// Returns the meaning as the specification names it, or `None` for a code that it does not define.
    #[must_use]
    pub const fn meaning(self) -> Option<&'static str> {
        Some(match self {
            Self::NONE => "no error",
            Self::SYNTAX => "syntax error",
            Self::NOT_ACCESSIBLE => "device not accessible",
            Self::INVALID_LINK => "invalid link identifier",
            Self::PARAMETER => "parameter error",
            Self::NO_CHANNEL => "channel not established",
            Self::UNSUPPORTED => "operation not supported",
            Self::OUT_OF_RESOURCES => "out of resources",
            Self::LOCKED => "device locked by another link",
            Self::NOT_LOCKED => "no lock held by this link",
            Self::TIMED_OUT => "I/O timeout",
            Self::IO => "I/O error",
            Self::INVALID_ADDRESS => "invalid address",
            Self::ABORTED => "abort",
            Self::CHANNEL_EXISTS => "channel already established",
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VXI-11 error {}: {}", self.0, self.meaning().unwrap_or("unknown to the specification"))
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl core::error::Error for ErrorCode {}
