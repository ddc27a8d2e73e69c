//! The contents of `fleet.toml`, as they are written.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

/// A file. Unknown names are errors.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    pub fleet: Spanned<String>,
    pub gateway: Spanned<String>,
    pub broker: Broker,
    #[serde(default)]
    pub defaults: Device,
    #[serde(default)]
    pub devices: BTreeMap<Spanned<String>, Device>,
    #[serde(default)]
    pub users: BTreeMap<Spanned<String>, User>,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub queue: Option<Queue>,
    #[serde(default)]
    pub health: Option<Health>,
}

/// How the broker is reached.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Broker {
    pub address: Spanned<String>,
    pub user: Option<String>,
    pub password_file: Option<PathBuf>,
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    #[serde(default, deserialize_with = "time")]
    pub keep_alive: Option<Spanned<Duration>>,
}

/// The settings of a device, or the defaults of all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Device {
    pub target: Option<Spanned<String>>,
    pub groups: Option<Vec<Spanned<String>>>,
    pub interface: Option<Spanned<String>>,
    pub payload: Option<Spanned<String>>,
    pub link_key: Option<Spanned<String>>,
    pub suite: Option<Spanned<String>>,
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    #[serde(default, deserialize_with = "time")]
    pub timeout: Option<Spanned<Duration>>,
    #[serde(default, deserialize_with = "time")]
    pub retry: Option<Spanned<Duration>>,
    #[serde(default, deserialize_with = "time")]
    pub connect_timeout: Option<Spanned<Duration>>,
    #[serde(default, deserialize_with = "time")]
    pub probe: Option<Spanned<Duration>>,
    pub calls: Option<Spanned<usize>>,
    pub message_max: Option<Spanned<u32>>,
}

/// The credential of a user's calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The number of the user.
    pub uid: u32,
    /// The number of the group.
    pub gid: u32,
}

/// What all devices share.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    #[serde(deserialize_with = "time")]
    pub timeout_max: Option<Spanned<Duration>>,
    #[serde(deserialize_with = "time")]
    pub clock_tolerance: Option<Spanned<Duration>>,
    pub remembered: Option<Spanned<usize>>,
    #[serde(deserialize_with = "time")]
    pub stop: Option<Spanned<Duration>>,
}

/// Calls that wait for devices that are away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Queue {
    pub journal: Spanned<PathBuf>,
    pub per_device: Option<Spanned<usize>>,
    #[serde(default, deserialize_with = "time")]
    pub expiry_max: Option<Spanned<Duration>>,
}

/// Where health and metrics are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Health {
    pub listen: Spanned<String>,
}

/// Reads a time such as `"500ms"`.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Spanned<Duration>>, D::Error> {
    let text = Spanned::<String>::deserialize(deserializer)?;
    let span = text.span();
    let value = humantime::parse_duration(text.get_ref()).map_err(|error| {
        serde::de::Error::custom(format!(
            "{:?} is not a time ({error}); write \"500ms\", \"5s\" or \"1h\"",
            text.get_ref()
        ))
    })?;
    Ok(Some(Spanned::new(span, value)))
}
