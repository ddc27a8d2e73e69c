//! Why a gateway replies although the device did not.

use std::fmt;
use std::str::FromStr;

use serde_derive::{Deserialize, Serialize};

/// Why a call has no reply of the device. It is the user property `error` of a reply.
///
/// A refusal of the device, such as `PROC_UNAVAIL`, is not among these: the device replied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Trouble {
    /// The device is away, or the gateway does not serve it any more.
    Away,
    /// The device did not reply in time.
    TimedOut,
    /// The device restarted before it replied.
    Restarted,
    /// The connection to the device failed before it replied.
    Disconnected,
    /// The deadline had passed when the call arrived.
    Expired,
    /// The clocks of caller and gateway differ too much.
    Clock,
    /// The queue of the device in the gateway is full.
    Busy,
    /// The message is not an ONC RPC call, or not a call as JSON.
    Malformed,
    /// The program or the response topic is not that of the call's topic.
    WrongTopic,
    /// The message is larger than the device, or the gateway, can receive.
    TooLarge,
    /// The gateway has no interface of the device, so it cannot convert JSON.
    NoInterface,
    /// A value does not fit the interface.
    Value,
    /// The user may not call the program.
    Denied,
    /// The link of the device can lose a one-way call alone, so its arrival cannot be confirmed.
    Unconfirmable,
    /// The gateway failed or stopped.
    Gateway,
}

/// Whether the device has executed a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executed {
    /// The device has not executed it.
    No,
    /// The device may have executed it.
    Perhaps,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Away,
        Self::TimedOut,
        Self::Restarted,
        Self::Disconnected,
        Self::Expired,
        Self::Clock,
        Self::Busy,
        Self::Malformed,
        Self::WrongTopic,
        Self::TooLarge,
        Self::NoInterface,
        Self::Value,
        Self::Denied,
        Self::Unconfirmable,
        Self::Gateway,
    ];

    /// Returns its name in the property `error`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::TimedOut => "timed-out",
            Self::Restarted => "restarted",
            Self::Disconnected => "disconnected",
            Self::Expired => "expired",
            Self::Clock => "clock",
            Self::Busy => "busy",
            Self::Malformed => "malformed",
            Self::WrongTopic => "wrong-topic",
            Self::TooLarge => "too-large",
            Self::NoInterface => "no-interface",
            Self::Value => "value",
            Self::Denied => "denied",
            Self::Unconfirmable => "unconfirmable",
            Self::Gateway => "gateway",
        }
    }

    /// Returns whether the device has executed the call.
    #[must_use]
    pub const fn executed(self) -> Executed {
        match self {
            Self::TimedOut | Self::Restarted | Self::Disconnected | Self::Gateway => Executed::Perhaps,
            _ => Executed::No,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Trouble {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|trouble| trouble.name() == name).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_properties_and_json() {
        for trouble in Trouble::ALL {
            assert_eq!(trouble.name().parse(), Ok(trouble));
            assert_eq!(serde_json::to_value(trouble).unwrap(), trouble.name());
        }
        assert_eq!("AWAY".parse::<Trouble>(), Err(()));
    }
}
