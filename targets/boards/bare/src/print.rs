//! Text without `core::fmt`, which can panic and costs 2 kB.

/// Something that text can be written to.
pub trait Print {
    /// Writes one byte, waiting until it is taken.
    fn byte(&mut self, byte: u8);

    /// Writes a text.
    fn text(&mut self, text: &str) {
        for byte in text.bytes() {
            self.byte(byte);
        }
    }

    /// Writes a number in decimal.
    fn number(&mut self, number: u32) {
        let mut digits = [0; 10];
        let mut left = number;
        for digit in digits.iter_mut().rev() {
            *digit = left % 10;
            left /= 10;
        }
        let mut leading = true;
        for (place, digit) in digits.into_iter().enumerate() {
            // The last digit of zero is not a leading one.
            leading &= digit == 0 && place < 9;
            if !leading {
                #[expect(clippy::cast_possible_truncation, reason = "a digit is less than ten")]
                self.byte(b'0' | digit as u8);
            }
        }
    }

    /// Writes a line with a name and a number, the form in which firmware tells `cargo xtask` what it measured.
    fn figure(&mut self, name: &str, number: u32) {
        self.text(name);
        self.byte(b' ');
        self.number(number);
        self.byte(b'\n');
    }
}
