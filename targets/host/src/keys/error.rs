//! Why keys cannot be used.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::KeyId;

/// Why a key file cannot be used, or no key is available.
///
/// No variant contains a secret, nor does the output of `Display` and `Debug`.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// The file could not be read.
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file could not be written.
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file exists. It is not overwritten, because its keys would be lost.
    Exists(PathBuf),
    /// Other users may read or write the file.
    Mode {
        /// The file.
        path: PathBuf,
        /// Its mode, such as `0o644`.
        mode: u32,
    },
    /// The file belongs to another user, who can change it.
    Owner {
        /// The file.
        path: PathBuf,
        /// The number of that user.
        owner: u32,
    },
    /// The path is not that of a regular file, but of a folder, a FIFO or a device.
    NotRegular(PathBuf),
    /// A secret was given in the place of a path. It is not repeated here.
    Secret,
    /// A line of the file is wrong.
    Line {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong, and what to write.
        what: &'static str,
    },
    /// Two lines have the same key id.
    Twice {
        /// The file.
        path: PathBuf,
        /// The number of the second line, from 1.
        line: usize,
        /// The key id of both.
        id: KeyId,
    },
    /// The file has no key.
    Empty(PathBuf),
    /// The file has no key with this id.
    Missing {
        /// The file.
        path: PathBuf,
        /// The id that was asked for.
        id: KeyId,
        /// The ids in the file.
        ids: Vec<KeyId>,
    },
    /// The file has several keys, and none was chosen.
    Several {
        /// The file.
        path: PathBuf,
        /// The ids in the file.
        ids: Vec<KeyId>,
    },
    /// The file has more than 1 MiB.
    Large(PathBuf),
    /// The name of a key has a control character or more than 64 bytes.
    Name(String),
    /// A key file has more keys than a UDP socket or a line serves.
    Places {
        /// The number of keys.
        keys: usize,
        /// The most that can be served.
        most: usize,
    },
    /// The system has no random numbers.
    Random(String),
}

/// The ids of keys, for people.
struct Ids<'a>(&'a [KeyId]);

impl fmt::Display for Ids<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, id) in self.0.iter().take(12).enumerate() {
            write!(formatter, "{}{}", if index == 0 { "" } else { ", " }, id.0)?;
        }
        if self.0.len() > 12 { write!(formatter, " and {} more", self.0.len() - 12) } else { Ok(()) }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => {
                write!(
                    formatter,
                    "cannot read the key file {}: {source}; `oncilla key new FILE` makes one",
                    path.display()
                )
            }
            Self::Write { path, source } => {
                write!(formatter, "cannot write the key file {}: {source}", path.display())
            }
            Self::Exists(path) => write!(
                formatter,
                "{} exists and is not overwritten, because its keys would be lost; choose another name, or remove it first",
                path.display()
            ),
            Self::Mode { path, mode } => {
                let path = path.display();
                write!(
                    formatter,
                    "the key file {path} has mode {mode:04o}, so others may read or change it; run `chmod 600 {path}`, and make a new \
                     key if anybody else may have read it"
                )
            }
            Self::Owner { path, owner } => {
                let path = path.display();
                write!(
                    formatter,
                    "the key file {path} belongs to the user with the number {owner}, who can read and change it; run `chown` so \
                     that it belongs to the user of this program, or make a new key"
                )
            }
            Self::NotRegular(path) => write!(
                formatter,
                "the key file {} is not a regular file; write the keys to a file of mode 0600",
                path.display()
            ),
            Self::Secret => formatter.write_str(
                "what was given as the path of a key file looks like a secret, and is not shown; pass the path of a file, and make \
                 a new key if anybody else may have seen this one",
            ),
            Self::Line { path, line, what } => {
                write!(formatter, "line {line} of the key file {}: {what}", path.display())
            }
            Self::Twice { path, line, id } => {
                write!(
                    formatter,
                    "line {line} of the key file {}: an earlier line has the key id {}, too; give each key its own id",
                    path.display(),
                    id.0
                )
            }
            Self::Empty(path) => {
                write!(formatter, "the key file {} has no key; `oncilla key new FILE` makes one", path.display())
            }
            Self::Missing { path, id, ids } => {
                let path = path.display();
                write!(formatter, "the key file {path} has no key with the id {}; it has {}", id.0, Ids(ids))
            }
            Self::Several { path, ids } => {
                let path = path.display();
                write!(formatter, "the key file {path} has {} keys ({}); choose one by its id", ids.len(), Ids(ids))
            }
            Self::Large(path) => {
                write!(formatter, "the key file {} has more than 1 MiB; check that it is a key file", path.display())
            }
            Self::Name(name) => write!(
                formatter,
                "{name:?} cannot be the name of a key; use at most 64 bytes of text without control characters"
            ),
            Self::Places { keys, most } => write!(
                formatter,
                "{keys} keys are too many for a UDP address or a serial line; give it at most {most}, or use connections"
            ),
            Self::Random(error) => write!(formatter, "the system has no random numbers: {error}"),
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => Some(source),
            _ => None,
        }
    }
}
