//! The key of a client.

use std::fmt;
use std::sync::Arc;

use oncilla::ProcedureId;

use super::{Key, KeyError, KeyFile, KeyId, Side, random};

/// The algorithms of a keyed link. Both peers must have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeySuite {
    /// [`Light`](oncilla::keys::Light): whoever obtains the key later can decrypt sessions that were recorded earlier.
    #[default]
    Light,
    /// [`ForwardSecret`](oncilla::keys::ForwardSecret): earlier sessions stay secret when the key becomes known.
    ForwardSecret,
}

/// The key, the side and the suite with which a client calls a device.
///
/// Clones have the same boot number, so the peer sees one client that connects again. A program that stands for several
/// clients creates a `KeyClient` for each.
#[derive(Clone)]
pub struct KeyClient {
    pub(super) key: Arc<Key>,
    pub(super) side: Side,
    pub(super) suite: KeySuite,
    pub(super) boot: u32,
    pub(super) plain: &'static [ProcedureId],
}

impl KeyClient {
    /// Takes the only key of a file: for the side [`Side::Host`], and the suite [`KeySuite::Light`].
    ///
    /// # Errors
    /// [`KeyError::Several`], [`KeyError::Random`].
    pub fn new(file: &KeyFile) -> Result<Self, KeyError> {
        Self::by(file.only()?)
    }

    /// Takes the key of a file that has this number. Otherwise like [`new`](Self::new).
    ///
    /// # Errors
    /// [`KeyError::Missing`], [`KeyError::Random`].
    pub fn of(file: &KeyFile, id: KeyId) -> Result<Self, KeyError> {
        Self::by(file.key(id)?)
    }

    /// Takes a key from another source than a file. Otherwise like [`new`](Self::new).
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn by(key: Arc<Key>) -> Result<Self, KeyError> {
        let boot = u32::from_ne_bytes(random()?);
        Ok(Self { key, side: Side::Host, suite: KeySuite::Light, boot, plain: &[] })
    }

    /// Sets the side of this program. The peer has the other one.
    #[must_use]
    pub fn side(self, side: Side) -> Self {
        Self { side, ..self }
    }

    /// Sets the suite.
    #[must_use]
    pub fn suite(self, suite: KeySuite) -> Self {
        Self { suite, ..self }
    }

    /// Calls these procedures in the clear, for example NULL of a server without keys.
    ///
    /// Anybody on the way can read and forge such calls and their replies.
    #[must_use]
    pub fn allow_plain(self, procedures: &'static [ProcedureId]) -> Self {
        Self { plain: procedures, ..self }
    }

    /// Returns the number of the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.key.id()
    }
}

impl fmt::Debug for KeyClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, side, suite, .. } = self;
        formatter
            .debug_struct("KeyClient")
            .field("id", &key.id())
            .field("side", side)
            .field("suite", suite)
            .finish_non_exhaustive()
    }
}
