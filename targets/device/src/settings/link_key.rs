//! The key of a link: its file, its suite and its side.

use std::fmt;
use std::path::{Path, PathBuf};

use oncilla_host::keys::{KeyClient, KeyError, KeyFile, KeyId, KeyServer, KeySuite, Side as KeySide};

use super::Settings;
use crate::failure::{Done, Failure};

/// The algorithms of a keyed link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde_derive::Deserialize, serde_derive::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Suite {
    /// Whoever obtains the key later can decrypt what was recorded earlier
    Light,
    /// What was recorded earlier stays secret when the key becomes known
    ForwardSecret,
}

/// The side of this command: one peer of each pair is the host, the other one the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde_derive::Deserialize, serde_derive::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// This command is the host, the peer is the device
    Host,
    /// This command is the device, the peer is the host
    Device,
}

impl Suite {
    /// Returns the suite with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Light, Self::ForwardSecret].into_iter().find(|suite| suite.to_string() == name)
    }
}

impl Side {
    /// Returns the side with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Host, Self::Device].into_iter().find(|side| side.to_string() == name)
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Light => "light",
            Self::ForwardSecret => "forward-secret",
        })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Host => "host",
            Self::Device => "device",
        })
    }
}

impl std::convert::From<Suite> for KeySuite {
    fn from(suite: Suite) -> Self {
        match suite {
            Suite::Light => Self::Light,
            Suite::ForwardSecret => Self::ForwardSecret,
        }
    }
}

impl std::convert::From<Side> for KeySide {
    fn from(side: Side) -> Self {
        match side {
            Side::Host => Self::Host,
            Side::Device => Self::Device,
        }
    }
}

/// The keys of a file that was read, and the id that was chosen.
pub struct LinkKey {
    file: KeyFile,
    id: Option<KeyId>,
}

impl LinkKey {
    /// Reads the file of `FILE[#ID]`.
    pub fn read(given: &Path) -> Done<Self> {
        let (path, id) = split(given);
        Ok(Self { file: KeyFile::read(path).map_err(wrong)?, id })
    }

    /// Returns the key of an id, unless another one was chosen.
    pub fn find(&self, id: KeyId) -> Option<std::sync::Arc<oncilla_host::keys::Key>> {
        self.id.is_none_or(|chosen| chosen == id).then(|| self.file.key(id).ok()).flatten()
    }

    /// Returns the key with which this command calls.
    pub fn client(&self, settings: &Settings) -> Done<KeyClient> {
        let key = match self.id {
            Some(id) => KeyClient::of(&self.file, id),
            None => KeyClient::new(&self.file),
        };
        let side = settings.side.as_ref().map_or(Side::Host, |side| side.value);
        Ok(key.map_err(wrong)?.suite(settings.suite.value.into()).side(side.into()))
    }

    /// Returns the keys that this command serves: that of the id, or all of the file.
    pub fn server(&self, settings: &Settings) -> Done<KeyServer> {
        let keys = match self.id {
            Some(id) => self.file.key(id).and_then(|key| KeyServer::by(std::sync::Arc::new(One(key)))),
            None => KeyServer::new(&self.file),
        };
        let side = settings.side.as_ref().map_or(Side::Device, |side| side.value);
        Ok(keys.map_err(wrong)?.suite(settings.suite.value.into()).side(side.into()))
    }
}

/// One key of a file.
struct One(std::sync::Arc<oncilla_host::keys::Key>);

impl oncilla_host::keys::Keyring for One {
    fn find(&self, id: KeyId) -> Option<(usize, &oncilla_host::keys::Key)> {
        self.0.find(id)
    }
}

/// Divides `FILE#ID`. A `#` that no number follows belongs to the name of the file.
pub fn split(given: &Path) -> (PathBuf, Option<KeyId>) {
    let divided = given.to_str().and_then(|text| text.rsplit_once('#'));
    match divided.and_then(|(file, id)| Some((file, id.parse().ok()?))) {
        Some((file, id)) => (file.into(), Some(KeyId(id))),
        None => (given.to_owned(), None),
    }
}

/// Names the key of `FILE[#ID]` for people, without reading the file again.
pub fn name(given: &Path) -> String {
    match split(given) {
        (path, Some(id)) => format!("key {} of {}", id.0, path.display()),
        (path, None) => format!("the key of {}", path.display()),
    }
}

/// Returns the failure of a key file: exit code 2.
pub fn wrong(error: KeyError) -> Failure {
    let several = matches!(error, KeyError::Several { .. });
    let failure = Failure::usage(error);
    if several { failure.help("choose one: `--link-key FILE#ID`; `oncilla key show FILE` lists them") } else { failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_have_an_id() {
        let split = |text: &str| {
            let (path, id) = split(Path::new(text));
            (path.to_str().unwrap().to_owned(), id.map(|id| id.0))
        };
        assert_eq!(split("oven.key"), ("oven.key".into(), None));
        assert_eq!(split("a/plant.key#12"), ("a/plant.key".into(), Some(12)));
        assert_eq!(split("plant#2.key"), ("plant#2.key".into(), None));
        assert_eq!(split("plant.key#99999"), ("plant.key#99999".into(), None));
        assert_eq!(split("plant#1#2"), ("plant#1".into(), Some(2)));
    }
}
