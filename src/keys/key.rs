//! The secret that two peers share.

use core::fmt;

use zeroize::Zeroize;

pub use crate::message::KeyId;

/// A key that one pair of peers shares: 16 secret bytes and their number.
///
/// `oncilla key new` makes one, in a file for the host and as a constant for firmware. Each pair of peers needs its
/// own, because the holder of a key can act as either peer.
///
/// The secret is not in the output of `Debug`, and is overwritten when the key is dropped. A `static` is never dropped:
/// it stays in flash.
///
/// # Example
/// ```
/// use oncilla::keys::{Key, KeyId};
///
/// // A real secret is random.
/// static KEY: Key = Key::new(KeyId(1), *b"sixteen bytes !!");
///
/// assert_eq!(format!("{KEY:?}"), "Key { id: KeyId(1), .. }");
/// ```
#[repr(C)] // The C library has the same type.
pub struct Key {
    id: KeyId,
    secret: [u8; 16],
}

impl Key {
    /// Creates a key.
    #[must_use]
    pub const fn new(id: KeyId, secret: [u8; 16]) -> Self {
        Self { id, secret }
    }

    /// Returns the number of the key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the secret bytes.
    pub(crate) const fn secret(&self) -> &[u8; 16] {
        &self.secret
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}
