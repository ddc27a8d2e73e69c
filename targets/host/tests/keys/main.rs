//! Links under a key on hosts: key files, clients and servers.

// Not by `required-features`: the manifest of the Python package's source distribution would name a test that is not there.
#![cfg(feature = "keys")]

mod clients;
mod files;
mod server;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use oncilla::message::{AuthStatus, Call};
use oncilla_host::keys::{KeyFile, KeyId};

oncilla::program! {
    mod ledger = 0x2000_0077, version 1 {
        /// Adds `amount` and returns the sum.
        fn add(amount: u32) -> u32 = 1;
        fn echo(data: &[u8] [..2000]) -> &[u8] [..2000] = 2, idempotent;
        /// Returns the number of the key of this call, or 0.
        fn who() -> u32 = 3, idempotent;
    }
}

#[derive(Clone, Default)]
struct Ledger {
    sum: u32,
    key: Option<KeyId>,
}

impl ledger::Service for Ledger {
    fn add(&mut self, amount: u32) -> u32 {
        self.sum += amount;
        self.sum
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
    fn who(&mut self) -> u32 {
        self.key.map_or(0, |key| key.0.into())
    }
}

fn note_key(ledger: &mut Ledger, call: &Call<'_>) -> Result<(), AuthStatus> {
    ledger.key = call.key();
    Ok(())
}

static TABLE: oncilla::Table<Ledger> = oncilla::table![ledger::program()].authorize(note_key);

const SECRET: &str = "00112233445566778899aabbccddeeff";

/// Two keys, and a second key with another secret.
const KEYS: &str = "# the plant\n11 00112233445566778899aabbccddeeff oven\n12 0123456789abcdef0123456789abcdef\n";
const WRONG: &str = "11 ff112233445566778899aabbccddeeff oven\n";

fn keys(text: &str) -> KeyFile {
    KeyFile::parse("plant.key", text).unwrap()
}

/// A folder that is removed with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("oncilla-keys-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
