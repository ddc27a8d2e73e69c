//! Where units of a message begin and end (IEEE 488.2 §7.3).

use super::Error;

/// The first unit of some bytes, with its delimiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The bytes before the delimiter.
    pub length: usize,
    /// Whether the delimiter ends the message.
    pub is_last: bool,
}

/// Finds the end of the first unit: a semicolon or a new line, outside of quotes.
pub fn find(bytes: &[u8]) -> Option<Found> {
    let mut quote = None;
    for (length, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            // A string does not contain the end of a message.
            (_, b'\n') => return Some(Found { length, is_last: true }),
            (None, b';') => return Some(Found { length, is_last: false }),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(mark), _) if mark == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// White space (IEEE 488.2 §7.4.1.2).
const fn is_space(byte: u8) -> bool {
    byte <= b' '
}

/// Separates a unit into its header and the text of its parameters. The header of an empty unit is empty.
///
/// # Errors
/// -101 or -102.
pub fn split(unit: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    if !unit.is_ascii() {
        return Err(Error::INVALID_CHARACTER);
    }
    let mut unit = unit;
    while let [first, rest @ ..] = unit
        && is_space(*first)
    {
        unit = rest;
    }
    while let [rest @ .., last] = unit
        && is_space(*last)
    {
        unit = rest;
    }
    let length = unit.iter().position(|byte| is_space(*byte)).unwrap_or(unit.len());
    let (header, parameters) = unit.split_at_checked(length).unwrap_or_default();
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'*' | b'?' | b'_');
    if !header.iter().all(allowed) {
        return Err(Error::SYNTAX);
    }
    Ok((header, parameters.trim_ascii_start()))
}
