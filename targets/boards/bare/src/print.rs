//! Text without `core::fmt`, which can panic and takes 2 kB.

/// A destination for text.
pub trait Print {
    /// Writes one byte, and waits until it is taken.
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
            // The last digit is never a leading zero.
            leading &= digit == 0 && place < 9;
            if !leading {
                #[expect(clippy::cast_possible_truncation, reason = "a digit is less than ten")]
                self.byte(b'0' | digit as u8);
            }
        }
    }

    /// Writes a line with a name and a number. `cargo xtask` reads measurements in this form.
    fn figure(&mut self, name: &str, number: u32) {
        self.text(name);
        self.byte(b' ');
        self.number(number);
        self.byte(b'\n');
    }
}
