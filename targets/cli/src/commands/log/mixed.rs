//! Text with bytes that are none: after a wrong baud rate, a restart, or of a device without frames.

use super::pieces::Piece;

/// The shortest text beside noise, in bytes. Noise has shorter ones by chance.
const TEXT_MIN: usize = 4;

/// Returns whether all bytes are text. A character at the end may be cut.
pub fn is_text(bytes: &[u8]) -> bool {
    let mut length = 0;
    bytes.utf8_chunks().all(|chunk| {
        length += chunk.valid().len() + chunk.invalid().len();
        chunk.valid().chars().all(is_printable)
            && (chunk.invalid().is_empty() || is_cut(chunk.invalid(), length, bytes))
    })
}

/// Returns whether a line of text ends in the bytes.
pub fn has_line(bytes: &[u8]) -> bool {
    runs(bytes).iter().any(|run| matches!(run, Piece::Text(text) if text.len() > TEXT_MIN && text.contains(&b'\n')))
}

/// Splits bytes into text and noise.
pub fn pieces(bytes: &[u8]) -> Vec<Piece> {
    if is_text(bytes) {
        return vec![Piece::Text(bytes.to_vec())];
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for run in runs(bytes) {
        let is_short = |text: &[u8]| text.len() < TEXT_MIN && !text.ends_with(b"\n");
        match (run, pieces.last_mut()) {
            (Piece::Text(text), last) if is_short(&text) => match last {
                Some(Piece::Dropped(noise)) => noise.extend(text),
                _ => pieces.push(Piece::Dropped(text)),
            },
            (Piece::Dropped(more), Some(Piece::Dropped(noise))) => noise.extend(more),
            (run, _) => pieces.push(run),
        }
    }
    pieces
}

/// Returns the longest runs of text and of noise.
fn runs(bytes: &[u8]) -> Vec<Piece> {
    let mut runs = Vec::new();
    let mut add = |bytes: &[u8], is_text: bool| match (runs.last_mut(), is_text) {
        (Some(Piece::Text(run)), true) | (Some(Piece::Dropped(run)), false) => run.extend_from_slice(bytes),
        (_, true) => runs.push(Piece::Text(bytes.to_vec())),
        (_, false) => runs.push(Piece::Dropped(bytes.to_vec())),
    };
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            add(character.encode_utf8(&mut [0; 4]).as_bytes(), is_printable(character));
        }
        if !chunk.invalid().is_empty() {
            add(chunk.invalid(), false);
        }
    }
    runs
}

/// Returns whether invalid bytes up to `end` are the beginning of a character, whose rest has not arrived.
fn is_cut(invalid: &[u8], end: usize, bytes: &[u8]) -> bool {
    end == bytes.len() && std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none())
}

/// Returns whether devices print the character: also tabs, bells, backspaces, form feeds and escapes.
fn is_printable(character: char) -> bool {
    !character.is_control() || matches!(character, '\t' | '\r' | '\n' | '\x07' | '\x08' | '\x0c' | '\x1b')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_may_end_amid_a_character() {
        assert!(is_text("21 °".as_bytes()) && is_text(&"21 °".as_bytes()[..4]) && is_text(b""));
        assert!(!is_text(b"\xff\xfe") && !is_text(b"\x01") && !is_text(b"\xc3ready") && !is_text(b"\x7f"));
    }

    #[test]
    fn noise_is_told_from_text() {
        let text = |text: &str| Piece::Text(text.as_bytes().to_vec());
        let noise = |bytes: &[u8]| Piece::Dropped(bytes.to_vec());
        assert_eq!(
            pieces(b"hot\n\xff\xfe\x01\x02ready\r\n"),
            [text("hot\n"), noise(b"\xff\xfe\x01\x02"), text("ready\r\n")]
        );
        assert_eq!(pieces(b"\xfft\xfe"), [noise(b"\xfft\xfe")]);
        assert!(has_line(b"\x01\x02ready\n\xff") && !has_line(b"\x01\x02\n\xff") && !has_line(b"ready\xff"));
    }
}
