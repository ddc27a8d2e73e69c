//! Bytes as text: hexadecimal digits and base64.

use data_encoding::{BASE64, HEXLOWER};

use crate::failure::{Done, Failure};

/// Returns a number of bytes as text: `1 byte`, `12 bytes`.
pub fn count(bytes: &[u8]) -> String {
    let number = bytes.len();
    if number == 1 { "1 byte".to_owned() } else { format!("{number} bytes") }
}

/// Returns bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Returns bytes as base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Parses hexadecimal digits. Spaces and colons are ignored, and so is `0x` before each group.
pub fn parse_hex(text: &str) -> Done<Vec<u8>> {
    let groups = text.split(|c: char| c.is_whitespace() || c == ':').filter(|group| !group.is_empty());
    let digits: String = groups.map(|group| group.strip_prefix("0x").unwrap_or(group)).collect();
    if let Some(wrong) = digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(Failure::usage(format_args!("{wrong:?} is not a hexadecimal digit"))
            .help("write two digits for each byte, such as `00 00 00 2a`"));
    }
    HEXLOWER.decode(digits.to_ascii_lowercase().as_bytes()).map_err(|_| {
        Failure::usage(format_args!("{} hexadecimal digits are not a whole number of bytes", digits.len()))
            .help("write two digits for each byte, such as `00 00 00 2a`")
    })
}

/// Parses base64 with padding. Space is ignored.
pub fn parse_base64(text: &str) -> Done<Vec<u8>> {
    let text: String = text.split_whitespace().collect();
    BASE64.decode(text.as_bytes()).map_err(|error| {
        Failure::usage(format_args!("this is not base64: {error}")).help("write it with padding, such as `AAAAKg==`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_people_write_them() {
        for text in ["0000002A", "00 00 00 2a", "0x0000002a", "00:00:00:2a", "0x00 0x00 0x00 0x2a\n"] {
            assert_eq!(parse_hex(text).unwrap(), [0, 0, 0, 42], "{text}");
        }
        assert_eq!(parse_hex("").unwrap(), [0_u8; 0]);
        assert!(parse_hex("00g0").unwrap_err().what().contains("'g'"));
        assert!(parse_hex("000").unwrap_err().what().contains("3 hexadecimal digits"));
        assert!(parse_hex("é").is_err());
        assert_eq!(parse_base64("AAAA\nKg==").unwrap(), [0, 0, 0, 42]);
        assert!(parse_base64("A").is_err());
    }
}
