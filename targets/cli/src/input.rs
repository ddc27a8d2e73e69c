//! Reads a file or standard input, with a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;

use crate::failure::{Done, Failure};

/// The largest input in bytes.
const MOST: u64 = 64 << 20;

/// Reads a file, or standard input for `-`.
pub fn read(path: &Path) -> Done<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
    };
    let read = read.map_err(|error| Failure::usage(format_args!("cannot read {}: {error}", name(path))))?;
    if read as u64 > MOST {
        return Err(Failure::usage(format_args!(
            "{} has more than {MOST} bytes, the most that is possible",
            name(path)
        )));
    }
    Ok(bytes)
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
