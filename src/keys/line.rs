//! A line of a key file.

use super::{Key, KeyId};

/// The longest name of a key, in bytes.
const NAME_MAX: usize = 64;

/// What a line must have.
const FORM: &str = "write `ID SECRET NAME`: a number from 0 to 65535, 32 hexadecimal digits, and a name or nothing";

impl Key {
    /// Parses a line of a key file: the id, the secret as 32 hexadecimal digits, and perhaps a name for people.
    ///
    /// Returns `None` for an empty line and for a comment, which begins with `#`. The files are those of `oncilla key
    /// new`.
    ///
    /// ```
    /// use oncilla::keys::{Key, KeyId};
    ///
    /// let (key, name) = Key::parse_line("7 000102030405060708090a0b0c0d0e0f the oven")?.ok_or("no key")?;
    /// assert_eq!((key.id(), name), (KeyId(7), "the oven"));
    /// # Ok::<(), &str>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong, and what to write. The text never repeats the line, which may have a secret.
    pub fn parse_line(line: &str) -> Result<Option<(Self, &str)>, &'static str> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let (id, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let id = id.parse().map_err(|_| FORM)?;
        let rest = rest.trim_start();
        let (digits, name) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let secret = secret(digits).ok_or("the secret must have 32 hexadecimal digits")?;
        let name = name.trim();
        if !Self::is_name(name) {
            return Err("the name must have at most 64 bytes and no control characters");
        }
        Ok(Some((Self::new(KeyId(id), secret), name)))
    }

    /// Returns whether a text may be the name of a key in a file: at most 64 bytes, and no control characters.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        name.len() <= NAME_MAX && !name.chars().any(char::is_control)
    }
}

fn secret(digits: &str) -> Option<[u8; 16]> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    let pairs: &[[u8; 2]; 16] = pairs.try_into().ok()?;
    let mut secret = [0; 16];
    for (byte, [high, low]) in secret.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(secret)
}

fn digit(character: u8) -> Option<u8> {
    let value = char::from(character).to_digit(16)?;
    u8::try_from(value).ok()
}
