//! Random numbers that need not be secret.

use std::hash::{BuildHasher, RandomState};

/// Returns a random number that other programs are unlikely to have. It is no secret.
pub fn number() -> u64 {
    RandomState::new().hash_one(std::process::id())
}
