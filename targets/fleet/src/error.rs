//! Why a call in a fleet has no reply of the device.

use std::fmt;
use std::time::Duration;

use crate::mqtt::{BrokerError, reason_name};
use crate::wire::{Executed, Name, Trouble, program_text, unix_ms};

/// Why a call in a fleet has no reply of the device: [`Caller::Error`](oncilla::Caller::Error) of its callers.
///
/// It is in [`CallError::Link`](oncilla::CallError::Link). What the device itself answered, and that it did not answer
/// in time or restarted, are the other variants of [`CallError`](oncilla::CallError), as on every link.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The trouble of the broker, not of a device.
    Broker {
        /// What happened.
        error: BrokerError,
        /// Whether the call may have been executed.
        executed: Executed,
    },
    /// No gateway has ever published the device.
    Unknown {
        /// The device.
        device: Name,
    },
    /// The device is away. The call was not sent.
    Away {
        /// The device.
        device: Name,
        /// Its gateway.
        gateway: Name,
        /// Since when, in ms of Unix time.
        since: u64,
        /// Why, for people.
        reason: String,
    },
    /// No gateway takes calls for the device or the group: the broker found no subscriber.
    NoGateway {
        /// The device or group.
        target: String,
    },
    /// The gateway went away or restarted before it replied. The call may have been executed.
    GatewayLost {
        /// The device.
        device: Name,
        /// The gateway.
        gateway: Name,
    },
    /// The gateway replied that the device did not.
    Gateway {
        /// Why.
        trouble: Trouble,
        /// What happened, for people.
        text: String,
        /// The device, if the gateway states it.
        device: Option<Name>,
        /// The gateway, if it states it.
        gateway: Option<Name>,
    },
    /// The fleet's cap is below the version. The call was not sent.
    Capped {
        /// The program.
        program: u32,
        /// The version that was called.
        version: u32,
        /// The highest version that may be called.
        highest: u32,
    },
    /// The queued call ended without being executed: its time passed.
    Expired {
        /// The device.
        device: Name,
    },
    /// What arrived is not a reply of this protocol.
    Strange {
        /// What is wrong.
        why: String,
    },
    /// A text of this program is no address, name or ticket. Nothing was sent.
    Unusable {
        /// What is wrong, and how it is written.
        why: String,
    },
    /// A closure that should make one call made none, or more than one, or another one.
    NotOneCall,
}

impl Error {
    /// Returns whether the call may have been executed.
    #[must_use]
    pub const fn executed(&self) -> Executed {
        match self {
            Self::Broker { executed, .. } => *executed,
            Self::Gateway { trouble, .. } => trouble.executed(),
            Self::GatewayLost { .. } | Self::Strange { .. } => Executed::Perhaps,
            _ => Executed::No,
        }
    }

    /// Returns whether the broker is the trouble, not a device or a gateway.
    #[must_use]
    pub const fn is_of_broker(&self) -> bool {
        matches!(self, Self::Broker { .. })
    }

    /// The broker's trouble with a call that was not sent.
    pub(crate) const fn unsent(error: BrokerError) -> Self {
        Self::Broker { error, executed: Executed::No }
    }

    /// The broker's trouble with a call that was sent.
    pub(crate) const fn sent(error: BrokerError) -> Self {
        Self::Broker { error, executed: Executed::Perhaps }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker { error, executed: Executed::No } => write!(formatter, "{error}; the call was not executed"),
            Self::Broker { error, executed: Executed::Perhaps } => {
                write!(formatter, "{error}; the call may have been executed")
            }
            Self::Unknown { device } => write!(formatter, "no gateway has published a device {device}"),
            Self::Away { device, gateway, since, reason } => {
                write!(formatter, "{device} has been away for {} (gateway {gateway})", Ago(*since))?;
                if !reason.is_empty() {
                    write!(formatter, ": {reason}")?;
                }
                formatter.write_str("; the call was not sent")
            }
            Self::NoGateway { target } => write!(
                formatter,
                "no gateway takes calls for {target}: {} ({:#04x}); the call was not executed",
                reason_name(crate::mqtt::NO_SUBSCRIBERS),
                crate::mqtt::NO_SUBSCRIBERS
            ),
            Self::GatewayLost { device, gateway } => write!(
                formatter,
                "the gateway {gateway} of {device} went away or restarted before it replied; the call may have been \
                 executed"
            ),
            Self::Gateway { trouble, text, device, gateway } => {
                if let Some(device) = device {
                    write!(formatter, "{device}: ")?;
                }
                write!(formatter, "{text} ({trouble}")?;
                if let Some(gateway) = gateway {
                    write!(formatter, ", gateway {gateway}")?;
                }
                formatter.write_str(match trouble.executed() {
                    Executed::No => "); the call was not executed",
                    Executed::Perhaps => "); the call may have been executed",
                })
            }
            Self::Capped { program, version, highest } => write!(
                formatter,
                "the fleet's cap of program {} is version {highest}, and version {version} was called; the call was not \
                 sent: call version {highest}, or raise the cap",
                program_text(*program)
            ),
            Self::Expired { device } => {
                write!(
                    formatter,
                    "the queued call for {device} expired before the device returned; it was not executed"
                )
            }
            Self::Strange { why } => {
                write!(formatter, "the reply is none of this protocol: {why}; the call may have been executed")
            }
            Self::Unusable { why } => formatter.write_str(why),
            Self::NotOneCall => formatter.write_str("the closure must make exactly one call, and the same each time"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Broker { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// A moment in ms of Unix time, shown as how long ago it was.
pub(crate) struct Ago(pub u64);

impl fmt::Display for Ago {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ago = Duration::from_millis(unix_ms().saturating_sub(self.0)).as_secs();
        match ago {
            0..120 => write!(formatter, "{ago} s"),
            120..7200 => write!(formatter, "{} min", ago / 60),
            7200..172_800 => write!(formatter, "{} h", ago / 3600),
            _ => write!(formatter, "{} days", ago / 86_400),
        }
    }
}
