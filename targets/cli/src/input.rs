//! Reads files and standard input, with a limit.
//!
//! Sizes of files are not trusted: a device such as `/dev/zero` states no size, and has no end.

use std::io;
use std::path::Path;

use oncilla_device::files::{bytes, limited};
use serde_json::Value;

use crate::failure::{Done, Failure};

pub use oncilla_device::files::{check_regular, regular_text, text};

/// The largest input in bytes.
const MOST: u64 = 64 << 20;

/// Reads a file, or standard input for `-`.
pub fn read(path: &Path) -> Done<Vec<u8>> {
    let bytes = if path == Path::new("-") { limited(io::stdin().lock(), MOST) } else { bytes(path, MOST) };
    bytes.map_err(|error| Failure::usage(format_args!("cannot read {}: {error}", name(path))))
}

/// Reads a JSON value from a file, or from standard input for `-`.
pub fn json(path: &Path) -> Done<Value> {
    serde_json::from_slice(&read(path)?)
        .map_err(|error| Failure::usage(format_args!("{} is not JSON: {error}", name(path))))
}

/// Returns the name of an input for messages.
fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}
