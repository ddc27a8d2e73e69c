//! Reads files, with a limit.
//!
//! Sizes of files are not trusted: a device such as `/dev/zero` states no size, and has no end.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::failure::{Done, Failure};

/// Reads a text of at most `most` bytes, also from a pipe. `verb` is for errors: "read the rules".
pub fn text(verb: &str, path: &Path, most: u64) -> Done<String> {
    bytes(path, most).and_then(utf8).map_err(|error| Failure::file(verb, path, &error))
}

/// Reads the text of a regular file, which the command or another process reads again later.
///
/// A FIFO has nothing the second time, and waits for a writer.
pub fn regular_text(verb: &str, path: &Path, most: u64) -> Done<String> {
    check_regular(path).map_err(|error| Failure::file(verb, path, &error))?;
    text(verb, path, most)
}

/// Refuses FIFOs, devices, sockets and folders.
pub fn check_regular(path: &Path) -> io::Result<()> {
    let is_regular = fs::metadata(path)?.is_file();
    if is_regular { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "this is not a regular file")) }
}

/// Reads a file of at most `most` bytes.
pub fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    limited(File::open(path)?, most)
}

/// Reads an input to its end, at most this many bytes.
pub fn limited(input: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if input.take(most + 1).read_to_end(&mut bytes)? as u64 > most {
        let what = format!("it has more than {most} bytes, the most that is possible");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

fn utf8(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let what = format!("byte {} is not UTF-8", error.utf8_error().valid_up_to());
        io::Error::new(io::ErrorKind::InvalidData, what)
    })
}
