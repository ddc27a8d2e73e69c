//! `fleet.toml`: the devices of a gateway, its broker and its limits, checked.

mod file;
mod pattern;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use oncilla_device::settings::Settings as DeviceSettings;
use oncilla_dynamic::Interface;
use oncilla_fleet::wire::Name;

pub use file::User;

/// The settings of a gateway.
#[derive(Debug)]
pub struct Settings {
    /// The name of the fleet, the first level of its topics.
    pub fleet: Name,
    /// The name of this gateway.
    pub gateway: Name,
    /// How the broker is reached.
    pub broker: Broker,
    /// The devices that this gateway may serve, by their names.
    pub devices: BTreeMap<Name, Arc<Device>>,
    /// The credentials of the broker's users.
    pub users: BTreeMap<Name, User>,
    /// What all devices share.
    pub limits: Limits,
    /// Calls that wait for devices that are away, if the gateway has a journal.
    pub queue: Option<Queue>,
    /// Where health and metrics are asked for.
    pub health: Option<Listen>,
}

/// How the broker is reached.
#[derive(Clone, Debug)]
pub struct Broker {
    /// The name or address of its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the connection is inside TLS.
    pub tls: bool,
    /// The user's name.
    pub user: Option<String>,
    /// The file with the password, which is read at each connection.
    pub password_file: Option<PathBuf>,
    /// The authorities that TLS trusts, a PEM file.
    pub ca: Option<PathBuf>,
    /// The own certificate and its private key, PEM files.
    pub own: Option<(PathBuf, PathBuf)>,
    /// How often the broker is asked whether it is there.
    pub keep_alive: Duration,
}

/// A device that the gateway may serve.
#[derive(Debug)]
pub struct Device {
    /// Its name in topics.
    pub name: Name,
    /// Its groups.
    pub groups: Vec<Name>,
    /// Where it is, its time-outs and its keys.
    pub settings: DeviceSettings,
    /// Its interface, if it does not describe itself: the text of the file, and what it says.
    pub interface: Option<(Arc<str>, Arc<Interface>)>,
    /// How often an idle device is asked whether it is there.
    pub probe: Duration,
    /// The largest number of calls that wait for the device in the gateway.
    pub calls: usize,
}

/// What all devices share.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest time-out of a call. Longer ones are shortened.
    pub timeout_max: Duration,
    /// By how much the clocks of callers may differ.
    pub clock_tolerance: Duration,
    /// The number of calls that are remembered, to drop repeated ones.
    pub remembered: usize,
    /// How long calls may take when the gateway stops.
    pub stop: Duration,
}

/// The queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The file of the journal.
    pub journal: PathBuf,
    /// The largest number of calls that wait for one device.
    pub per_device: usize,
    /// The longest time that a call waits. Longer ones are shortened.
    pub expiry_max: Duration,
}

/// A local address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A loopback address.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl std::fmt::Display for Listen {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(formatter),
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// An error of a file: what is wrong, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(pub(crate) String);

impl Settings {
    /// Reads the files of `[broker]`: the password and those of TLS. A gateway reads them at each connection.
    ///
    /// # Errors
    /// [`SettingsError`]: a file cannot be read, or is not what it should be.
    pub fn check_files(&self) -> Result<(), SettingsError> {
        crate::mqtt::check(&self.broker).map_err(|what| SettingsError(format!("[broker]: {what}")))
    }
}

impl std::fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}
