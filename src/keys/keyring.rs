//! Where an acceptor finds its keys.

use super::{Key, KeyId};

/// The keys that an acceptor accepts, by their numbers.
///
/// Slices and arrays of [`Key`] are keyrings; the place of a key is its index. Firmware has one in flash. A host with
/// many devices implements it for its own collection:
///
/// ```
/// use oncilla::keys::{Key, KeyId, Keyring};
/// use std::collections::BTreeMap;
///
/// /// The keys of all devices, each with its place.
/// struct Devices(BTreeMap<KeyId, (usize, Key)>);
///
/// impl Keyring for Devices {
///     fn find(&self, id: KeyId) -> Option<(usize, &Key)> {
///         self.0.get(&id).map(|(place, key)| (*place, key))
///     }
/// }
/// ```
///
/// **Places.** An acceptor has a fixed number of places for sessions. Each key has its own place, so that no key takes
/// the session of another key. A key whose place the acceptor does not have is not accepted. A connection has one peer,
/// so its acceptor needs one place only, for the first key that verifies.
pub trait Keyring {
    /// Returns the place of a key, counted from 0, and the key. Returns `None` for an unknown key.
    fn find(&self, id: KeyId) -> Option<(usize, &Key)>;
}

impl Keyring for [Key] {
    fn find(&self, id: KeyId) -> Option<(usize, &Key)> {
        self.iter().enumerate().find(|(_, key)| key.id() == id)
    }
}

impl<const N: usize> Keyring for [Key; N] {
    fn find(&self, id: KeyId) -> Option<(usize, &Key)> {
        self.as_slice().find(id)
    }
}

impl Keyring for Key {
    fn find(&self, id: KeyId) -> Option<(usize, &Key)> {
        (self.id() == id).then_some((0, self))
    }
}

impl<K: Keyring + ?Sized> Keyring for &K {
    fn find(&self, id: KeyId) -> Option<(usize, &Key)> {
        K::find(self, id)
    }
}
