//! Secrets in the place of a path.

use std::path::Path;

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

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "000102030405060708090a0b0c0d0eFF";

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
}
