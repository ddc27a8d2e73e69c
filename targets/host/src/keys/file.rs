//! Files with keys.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::misplaced;
use super::{Key, KeyError, KeyId, Keyring, random};

/// The largest file, in bytes.
const FILE_MAX: u64 = 1 << 20;

/// The keys of a file: those of one device, or of many.
///
/// A file is text. A line has the id of a key, its secret as 32 hexadecimal digits, and an optional name for people:
///
/// ```text
/// # The plant. Made by `oncilla key new`.
/// 1 000102030405060708090a0b0c0d0e0f thermostat
/// 2 101112131415161718191a1b1c1d1e1f the oven on the left
/// ```
///
/// Empty lines and lines that begin with `#` are comments. No two keys have the same id.
///
/// **Secrets.** On Unix systems, a file that other users may read or write is refused: it must have mode 0600 or 0400,
/// and belong to this user or to root. Windows has no modes, and its access control lists are not checked: keep the file in a folder of this user. The text
/// is overwritten in memory after it was parsed, and the keys when the last clone is dropped. `Debug` shows ids and
/// names.
///
/// It is a [`Keyring`]: the place of a key is its position in the file. A program with keys from another source
/// implements that trait, and passes it to [`KeyServer::by`](super::KeyServer::by).
#[derive(Clone)]
pub struct KeyFile(Arc<Keys>);

struct Keys {
    path: PathBuf,
    keys: Vec<(Arc<Key>, String)>,
    places: BTreeMap<KeyId, usize>,
}

impl KeyFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`KeyError`] when the file cannot be read or is no regular file, other users own it or may read it, or a line is
    /// wrong.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let failed = |source| KeyError::Read { path: path.to_owned(), source };
        let file = match open(path) {
            Ok(file) => file,
            // A secret in the place of a path must not reach a terminal or a log.
            Err(_) if misplaced::has_secret(path) => return Err(KeyError::Secret),
            Err(source) => return Err(failed(source)),
        };
        // Of the file that was opened, not of the path: that may become another file.
        check(path, &file)?;
        // With room for all of it, so that no copy stays behind when the text grows.
        let size = file.metadata().map_or(0, |metadata| metadata.len()).clamp(4096, FILE_MAX);
        let mut text = Zeroizing::new(String::with_capacity(usize::try_from(size).unwrap_or_default() + 64));
        file.take(FILE_MAX + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > FILE_MAX {
            return Err(KeyError::Large(path.to_owned()));
        }
        Self::parse(path, &text)
    }

    /// Parses the text of a file. `path` is for errors.
    ///
    /// # Errors
    /// [`KeyError`] when a line is wrong or there is no key.
    pub fn parse(path: impl AsRef<Path>, text: &str) -> Result<Self, KeyError> {
        let path = path.as_ref().to_owned();
        let (mut keys, mut places) = (Vec::new(), BTreeMap::new());
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            let entry = Key::parse_line(text).map_err(|what| KeyError::Line { path: path.clone(), line, what })?;
            let Some((key, name)) = entry else { continue };
            let id = key.id();
            if places.insert(id, keys.len()).is_some() {
                return Err(KeyError::Twice { path, line, id });
            }
            keys.push((Arc::new(key), name.to_owned()));
        }
        if keys.is_empty() {
            return Err(KeyError::Empty(path));
        }
        Ok(Self(Arc::new(Keys { path, keys, places })))
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Returns the ids and names of the keys, in the order of the file.
    pub fn names(&self) -> impl ExactSizeIterator<Item = (KeyId, &str)> {
        self.0.keys.iter().map(|(key, name)| (key.id(), &**name))
    }

    /// Returns the key of an id.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn key(&self, id: KeyId) -> Result<Arc<Key>, KeyError> {
        let key = self.0.places.get(&id).and_then(|&place| self.0.keys.get(place));
        let missing = || KeyError::Missing { path: self.0.path.clone(), id, ids: self.ids() };
        key.map(|(key, _)| Arc::clone(key)).ok_or_else(missing)
    }

    /// Returns the only key.
    ///
    /// # Errors
    /// [`KeyError::Several`].
    pub fn only(&self) -> Result<Arc<Key>, KeyError> {
        match &*self.0.keys {
            [(key, _)] => Ok(Arc::clone(key)),
            _ => Err(KeyError::Several { path: self.0.path.clone(), ids: self.ids() }),
        }
    }

    fn ids(&self) -> Vec<KeyId> {
        self.0.keys.iter().map(|(key, _)| key.id()).collect()
    }
}

impl Keyring for KeyFile {
    fn find(&self, id: KeyId) -> Option<(usize, &Key)> {
        let place = *self.0.places.get(&id)?;
        self.0.keys.get(place).map(|(key, _)| (place, &**key))
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.names().collect();
        formatter.debug_struct("KeyFile").field("path", &self.0.path).field("keys", &names).finish()
    }
}

/// A new key, to be written to a file and into firmware.
///
/// Its secret is overwritten in memory when it is dropped, and is not in the output of `Debug`.
pub struct NewKey {
    id: KeyId,
    name: String,
    secret: Zeroizing<[u8; 16]>,
}

impl NewKey {
    /// Makes a key of random numbers of the system. The name is for people, and may be empty.
    ///
    /// # Errors
    /// [`KeyError::Random`]. [`KeyError::Name`] when the name has a control character or more than 64 bytes.
    pub fn random(id: KeyId, name: &str) -> Result<Self, KeyError> {
        let name = name.trim();
        if !Key::is_name(name) {
            return Err(KeyError::Name(name.to_owned()));
        }
        Ok(Self { id, name: name.to_owned(), secret: Zeroizing::new(random()?) })
    }

    /// Returns the number of the key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the 16 secret bytes. Only the two peers may have them.
    #[must_use]
    pub fn secret(&self) -> &[u8; 16] {
        &self.secret
    }

    /// Writes a new file with this key.
    ///
    /// On Unix systems only this user may read it (mode 0600).
    ///
    /// # Errors
    /// [`KeyError::Exists`], [`KeyError::Write`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), KeyError> {
        let Self { id, name, secret } = self;
        let mut text = Zeroizing::new(String::with_capacity(256));
        text.push_str("# A secret key of a keyed link: id, secret, name. Keep it from others.\n");
        text.push_str(&id.0.to_string());
        text.push(' ');
        for byte in secret.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
            }
        }
        if !name.is_empty() {
            text.push(' ');
            text.push_str(name);
        }
        text.push('\n');
        write_secret(path.as_ref(), &text)
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NewKey").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Writes a file that only this user may read. The file must not exist.
fn write_secret(path: &Path, text: &str) -> Result<(), KeyError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
        _ => KeyError::Write { path: path.to_owned(), source },
    };
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

/// Opens a file. A FIFO without a writer does not block.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nix::fcntl::OFlag::O_NONBLOCK.bits());
    options.open(path)
}

/// Refuses what is no regular file, and a file that others own, may read or may write.
fn check(path: &Path, file: &File) -> Result<(), KeyError> {
    let metadata = file.metadata().map_err(|source| KeyError::Read { path: path.to_owned(), source })?;
    if !metadata.is_file() {
        return Err(KeyError::NotRegular(path.to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        let mode = metadata.mode() & 0o7777;
        if !is_owner(metadata.uid(), nix::unistd::geteuid().as_raw()) {
            return Err(KeyError::Owner { path: path.to_owned(), owner: metadata.uid() });
        }
        if mode & 0o077 != 0 {
            return Err(KeyError::Mode { path: path.to_owned(), mode });
        }
    }
    Ok(())
}

/// Returns whether a user may own the key file of this process: it is its own user, or root.
#[cfg(unix)]
const fn is_owner(owner: u32, me: u32) -> bool {
    owner == me || owner == 0
}

#[cfg(all(test, unix))]
mod tests {
    use super::is_owner;

    #[test]
    fn a_key_file_belongs_to_this_user_or_to_root() {
        assert!(is_owner(1000, 1000) && is_owner(0, 1000) && is_owner(0, 0));
        assert!(!is_owner(1001, 1000) && !is_owner(1000, 0));
    }
}
