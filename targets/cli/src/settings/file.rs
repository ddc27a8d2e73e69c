//! The configuration file: short names of devices, and defaults.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use oncilla_rpcgen::harmless;
use serde::{Deserialize, Deserializer};

use super::flags;
use super::{Side, Suite};
use crate::failure::{Done, Failure};
use crate::input;
use crate::target::{Framing, Payload};

/// The largest file that is read, in bytes.
pub const FILE_MAX: u64 = 1 << 20;

/// A configuration file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The path it was read from.
    #[serde(skip)]
    pub path: PathBuf,
    /// The device of commands that name none.
    pub target: Option<String>,
    /// Settings for all devices.
    #[serde(default)]
    pub defaults: Section,
    /// Devices by their short names.
    #[serde(default)]
    pub targets: BTreeMap<String, Named>,
}

/// A device with a short name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its target, as on the command line.
    pub address: String,
    pub interface: Option<PathBuf>,
    #[serde(default, deserialize_with = "time")]
    pub timeout: Option<Duration>,
    #[serde(default, deserialize_with = "time")]
    pub retry: Option<Duration>,
    #[serde(default, deserialize_with = "time")]
    pub connect_timeout: Option<Duration>,
    pub baud: Option<u32>,
    pub framing: Option<Framing>,
    pub payload: Option<Payload>,
    pub message_max: Option<u32>,
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub password_file: Option<PathBuf>,
    pub link_key: Option<PathBuf>,
    pub suite: Option<Suite>,
    pub side: Option<Side>,
}

/// The settings of a section.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub interface: Option<PathBuf>,
    #[serde(default, deserialize_with = "time")]
    pub timeout: Option<Duration>,
    #[serde(default, deserialize_with = "time")]
    pub retry: Option<Duration>,
    #[serde(default, deserialize_with = "time")]
    pub connect_timeout: Option<Duration>,
    pub baud: Option<u32>,
    pub framing: Option<Framing>,
    pub payload: Option<Payload>,
    pub message_max: Option<u32>,
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub password_file: Option<PathBuf>,
    pub link_key: Option<PathBuf>,
    pub suite: Option<Suite>,
    pub side: Option<Side>,
}

impl Named {
    /// Returns its settings without the address.
    pub fn section(&self) -> Section {
        let Self {
            address: _,
            interface,
            timeout,
            retry,
            connect_timeout,
            baud,
            framing,
            payload,
            message_max,
            ca,
            cert,
            key,
            password_file,
            link_key,
            suite,
            side,
        } = self.clone();
        Section {
            interface,
            timeout,
            retry,
            connect_timeout,
            baud,
            framing,
            payload,
            message_max,
            ca,
            cert,
            key,
            password_file,
            link_key,
            suite,
            side,
        }
    }
}

impl Named {
    fn paths(&mut self) -> [&mut Option<PathBuf>; 6] {
        [&mut self.interface, &mut self.ca, &mut self.cert, &mut self.key, &mut self.password_file, &mut self.link_key]
    }
}

impl Section {
    fn paths(&mut self) -> [&mut Option<PathBuf>; 6] {
        [&mut self.interface, &mut self.ca, &mut self.cert, &mut self.key, &mut self.password_file, &mut self.link_key]
    }
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    flags::duration(&text).map(Some).map_err(serde::de::Error::custom)
}

/// Returns the known key that is most similar to an unknown one.
///
/// serde's message has the unknown key and then the known ones between backticks.
fn similar(message: &str) -> Option<&str> {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = names.next().filter(|_| message.starts_with("unknown field"))?;
    names.find(|known| strsim::osa_distance(known, unknown) <= 2)
}

impl File {
    /// Reads a file. Paths in it are relative to its folder.
    pub fn read(path: &Path) -> Done<Self> {
        let text = input::text("read the configuration", path, FILE_MAX)?;
        Self::parse(path, &text)
    }

    /// Parses the text of a file.
    pub fn parse(path: &Path, text: &str) -> Done<Self> {
        let wrong = |error: toml::de::Error| {
            let what = format!("the configuration {} is wrong: {}", path.display(), error.to_string().trim_end());
            let failure = Failure::usage(harmless(&what));
            let failure = match similar(error.message()) {
                Some(known) => failure.help(format_args!("the most similar key is `{known}`")),
                None => failure,
            };
            failure.help("`oncilla config --example` shows what it may contain")
        };
        let mut file: Self = toml::from_str(text).map_err(wrong)?;
        path.clone_into(&mut file.path);
        let folder = path.parent().unwrap_or(Path::new(""));
        let of_targets = file.targets.values_mut().flat_map(Named::paths);
        for path in of_targets.chain(file.defaults.paths()).flatten() {
            *path = folder.join(&path);
        }
        Ok(file)
    }

    /// Reads the file of `--config`, or the files that exist.
    ///
    /// These are `oncilla.toml` in this folder, then the user's.
    pub fn read_all(option: Option<&Path>) -> Done<Vec<Self>> {
        match option {
            Some(path) => Ok(vec![Self::read(path)?]),
            None => Self::places().iter().filter(|path| path.is_file()).map(|path| Self::read(path)).collect(),
        }
    }

    /// Returns the paths of the files. Earlier files override later ones.
    pub fn places() -> Vec<PathBuf> {
        let mut places = vec![PathBuf::from("oncilla.toml")];
        if let Ok(base) = etcetera::choose_base_strategy() {
            places.push(etcetera::BaseStrategy::config_dir(&base).join("oncilla").join("config.toml"));
        }
        places
    }
}
