//! The text of a key file.

use std::path::Path;

use super::{Key, KeyId};

/// The longest name of a key, in bytes.
const NAME_MAX: usize = 64;

/// What a line must have.
const FORM: &str = "write `ID SECRET NAME`: a number from 0 to 65535, 32 hexadecimal digits, and a name or nothing";

/// A line with a key: the key and its name, which may be empty.
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) name: String,
}

/// Parses a line. Returns `None` for an empty line and a comment.
///
/// The error states what is wrong, and never repeats the line: it may have a secret.
pub(super) fn line(text: &str) -> Result<Option<Entry>, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    let mut words = text.splitn(3, char::is_whitespace);
    let id = words.next().and_then(|word| word.parse().ok()).ok_or(FORM)?;
    let mut rest = words.next().unwrap_or_default();
    let mut name = words.next().unwrap_or_default().trim();
    if rest.is_empty() {
        // Several blanks between the id and the secret.
        (rest, name) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    }
    let secret = secret(rest).ok_or("the secret must have 32 hexadecimal digits")?;
    let name = name.trim();
    if !is_name(name) {
        return Err("the name must have at most 64 bytes and no control characters");
    }
    Ok(Some(Entry { key: Key::new(KeyId(id), secret), name: name.to_owned() }))
}

/// Returns whether a text may be the name of a key.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= NAME_MAX && !name.chars().any(char::is_control)
}

/// Returns whether a path looks like a secret, alone or in the line of a key file: it has 32 hexadecimal digits in a row.
///
/// Blanks, colons, hyphens and commas between the digits do not count.
pub(super) fn has_secret(path: &Path) -> bool {
    let mut row = 0;
    for byte in path.as_os_str().as_encoded_bytes() {
        row = match byte {
            byte if byte.is_ascii_hexdigit() => row + 1,
            b' ' | b'\t' | b'\n' | b':' | b'-' | b',' => row,
            _ => 0,
        };
        if row >= 32 {
            return true;
        }
    }
    false
}

fn secret(digits: &str) -> Option<[u8; 16]> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    let mut secret = [0; 16];
    if pairs.len() != secret.len() {
        return None;
    }
    for (byte, [high, low]) in secret.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(secret)
}

fn digit(character: u8) -> Option<u8> {
    let value = char::from(character).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "000102030405060708090a0b0c0d0eFF";

    #[test]
    fn a_line_has_an_id_a_secret_and_perhaps_a_name() {
        let entry = |text: &str| line(text).unwrap().map(|entry| (entry.key.id().0, entry.name));
        assert_eq!(entry(&format!("7 {SECRET}")), Some((7, String::new())));
        assert_eq!(entry(&format!("  7 \t {SECRET}   the oven, left  \r")), Some((7, "the oven, left".into())));
        assert_eq!(entry(&format!("65535 {SECRET} # 1")), Some((65_535, "# 1".into())));
        assert_eq!((entry(""), entry("   "), entry("# 7 00")), (None, None, None));
    }

    #[test]
    fn a_secret_in_the_place_of_a_path_is_recognized() {
        let spaced = SECRET.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect::<Vec<_>>();
        for text in [SECRET, &format!("7 {SECRET} oven"), &spaced.join(" "), &spaced.join(":"), &format!("{SECRET}#1")]
        {
            assert!(has_secret(Path::new(text)), "{text}");
        }
        for text in [
            "oven.key",
            "/home/ada/keys/plant-0123456789abcdef.key",
            &SECRET[1..],
            "deadbeef/deadbeef/deadbeef/deadbeef",
        ] {
            assert!(!has_secret(Path::new(text)), "{text}");
        }
    }

    #[test]
    fn wrong_lines_are_not_repeated_in_errors() {
        for text in [
            "7",
            SECRET,
            &format!("65536 {SECRET}"),
            &format!("-1 {SECRET}"),
            &format!("7 {}", &SECRET[1..]),
            &format!("7 {SECRET}0 oven"),
            &format!("7 x{}", &SECRET[1..]),
            &format!("7 {SECRET} {}", "n".repeat(65)),
            &format!("7 {SECRET} o\u{1b}ven"),
        ] {
            let error = line(text).map(|_| ()).unwrap_err();
            assert!(!error.contains(&SECRET[1..]), "{error}");
        }
    }
}
