//! The keys of a server.

use std::fmt;
use std::sync::Arc;

use oncilla::ProcedureId;

use super::ends::Ring;
use super::{KeyError, KeyFile, KeySuite, Keyring, Side, random};

/// The keys, the side and the suite with which clients may call a server.
///
/// Clones have the same boot number.
#[derive(Clone)]
pub struct KeyServer {
    pub(super) ring: Ring,
    pub(super) side: Side,
    pub(super) suite: KeySuite,
    pub(super) boot: u32,
    pub(super) plain: &'static [ProcedureId],
    /// The number of keys, 0 if it is not known.
    pub(crate) count: usize,
}

impl KeyServer {
    /// Takes all keys of a file: for the side [`Side::Host`], and the suite [`KeySuite::Light`].
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn new(file: &KeyFile) -> Result<Self, KeyError> {
        Ok(Self { count: file.names().len(), ..Self::by(Arc::new(file.clone()))? })
    }

    /// Takes a look-up function for keys, for example in a database. Otherwise like [`new`](Self::new).
    ///
    /// The server calls it in its own thread, also for messages of strangers, with the key number in the message.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn by(keyring: Arc<dyn Keyring + Send + Sync>) -> Result<Self, KeyError> {
        let boot = u32::from_ne_bytes(random()?);
        Ok(Self { ring: Ring(keyring), side: Side::Host, suite: KeySuite::Light, boot, plain: &[], count: 0 })
    }

    /// Sets the side of this program. Its clients have the other one.
    #[must_use]
    pub fn side(self, side: Side) -> Self {
        Self { side, ..self }
    }

    /// Sets the suite.
    #[must_use]
    pub fn suite(self, suite: KeySuite) -> Self {
        Self { suite, ..self }
    }

    /// Serves these procedures also to clients without a key.
    ///
    /// They are answered in the clear. An example is NULL, which `rpcinfo` calls. All other calls in the clear get no
    /// answer.
    #[must_use]
    pub fn allow_plain(self, procedures: &'static [ProcedureId]) -> Self {
        Self { plain: procedures, ..self }
    }
}

impl fmt::Debug for KeyServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { side, suite, .. } = self;
        formatter.debug_struct("KeyServer").field("side", side).field("suite", suite).finish_non_exhaustive()
    }
}
