//! A line of text in fixed memory.

use heapless::Vec;

/// A line to print or to store, of at most [`MAX`](Self::MAX) bytes. The rest is left out.
///
/// `core::fmt` would be shorter to write, but it can panic and takes 2 kB.
#[derive(Default)]
pub struct Line(Vec<u8, { Line::MAX }>);

impl Line {
    /// The size of a line in bytes.
    pub const MAX: usize = 64;

    /// Returns an empty line.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        for byte in text.bytes() {
            self.push(byte);
        }
        self
    }

    /// Appends a number in decimal.
    #[must_use]
    pub fn number(mut self, number: u32) -> Self {
        let mut unit = 1_000_000_000;
        while unit > 1 && number < unit {
            unit /= 10;
        }
        while unit > 0 {
            self.push(b'0' | (number / unit % 10) as u8);
            unit /= 10;
        }
        self
    }

    fn push(&mut self, byte: u8) {
        // In a full line, the rest is left out.
        let _ = self.0.push(byte);
    }

    /// Returns the line as text. Empty if a character of several bytes was cut.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn numbers_are_decimal() {
        for number in [0, 7, 10, 999, 1_000, 4_294_967_295] {
            assert_eq!(Line::new().number(number).as_str().parse(), Ok(number));
        }
    }

    #[test]
    fn what_is_too_much_is_left_out() {
        let line = Line::new().text(core::str::from_utf8(&[b'x'; 60]).unwrap_or_default()).text("12345");
        assert!(line.as_str().ends_with("x1234"));
    }
}
