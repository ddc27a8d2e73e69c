//! The settings of a device, each with where it comes from.

mod link_key;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::target::{Address, Framing, Payload, Target};

pub use link_key::{LinkKey, Side, Suite, name as name_key, split as split_key, wrong as wrong_key};

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// An option of the command line, or an argument of a function.
    Option,
    /// A variable of the environment.
    Environment(String),
    /// The text of the target.
    Target,
    /// A configuration file.
    File(PathBuf),
    /// Nothing set it.
    Default,
}

impl fmt::Display for From {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => formatter.write_str("option"),
            Self::Environment(name) => write!(formatter, "environment, {name}"),
            Self::Target => formatter.write_str("the target"),
            Self::File(path) => write!(formatter, "file, {}", path.display()),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// A setting and where it comes from.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub from: From,
}

/// A password. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// It is in this file, without the line's end.
    File(PathBuf),
    /// The password itself.
    Text(String),
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Self::Text(_) => formatter.write_str("Text(…)"),
        }
    }
}

/// The settings of a device.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The target as it was given, such as a short name.
    pub given: Option<Setting<String>>,
    /// Where the device is.
    pub target: Option<Setting<Target>>,
    /// The file of the interface. A device that describes itself needs none.
    pub interface: Option<Setting<PathBuf>>,
    /// How long a call waits for its reply.
    pub timeout: Setting<Duration>,
    /// After how long a call is sent again, on carriers that lose messages.
    pub retry: Option<Setting<Duration>>,
    /// How long connecting may take.
    pub connect_timeout: Setting<Duration>,
    /// The baud rate of a serial port.
    pub baud: Setting<u32>,
    /// How messages are delimited.
    pub framing: Setting<Framing>,
    /// How arguments and results are encoded.
    pub payload: Setting<Payload>,
    /// The size of the largest message in bytes.
    pub message_max: Setting<u32>,
    /// The user and group of AUTH_SYS, which proves nothing.
    pub user: Option<Setting<(u32, u32)>>,
    /// The authorities that TLS trusts, a PEM file.
    pub ca: Option<Setting<PathBuf>>,
    /// The own certificate, a PEM file.
    pub cert: Option<Setting<PathBuf>>,
    /// The private key of the certificate, a PEM file.
    pub key: Option<Setting<PathBuf>>,
    /// The password of the user at the broker, for targets mqtt:// and mqtts://.
    pub password: Option<Setting<Password>>,
    /// The file of the link key, perhaps with `#ID`.
    pub link_key: Option<Setting<PathBuf>>,
    /// The algorithms of the link key.
    pub suite: Setting<Suite>,
    /// The side of this peer under the link key.
    pub side: Option<Setting<Side>>,
}

impl<T> Setting<T> {
    /// Returns a value that nothing set.
    pub const fn default_of(value: T) -> Self {
        Self { value, from: From::Default }
    }
}

impl Settings {
    /// Returns the settings of a target, with the default of each other one.
    pub fn of(target: Target) -> Self {
        let serial = matches!(target.address, Address::Serial(_));
        let framing = if serial { Framing::Serial } else { Framing::Record };
        let of_target = |from| if from { From::Target } else { From::Default };
        Self {
            given: None,
            interface: None,
            timeout: Setting::default_of(TIMEOUT),
            retry: None,
            connect_timeout: Setting::default_of(TIMEOUT),
            baud: Setting { value: target.baud.unwrap_or(BAUD), from: of_target(target.baud.is_some()) },
            framing: Setting { value: target.framing.unwrap_or(framing), from: of_target(target.framing.is_some()) },
            payload: Setting::default_of(Payload::Xdr),
            message_max: Setting::default_of(MESSAGE_MAX),
            user: None,
            ca: None,
            cert: None,
            key: None,
            password: None,
            link_key: None,
            suite: Setting::default_of(Suite::Light),
            side: None,
            target: Some(Setting { value: target, from: From::Option }),
        }
    }
}

/// The default of both time-outs.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// The default baud rate.
pub const BAUD: u32 = 115_200;

/// The default size of the largest message in bytes.
pub const MESSAGE_MAX: u32 = 1 << 20;
