//! Responses (IEEE 488.2 §8).

use super::buffer::Buffer;

/// The bytes of the output queue.
pub(super) const OUT: usize = 256;

/// Room for the response of one unit in the output queue.
#[derive(Debug)]
pub struct Reply<'a> {
    out: &'a mut Buffer<OUT>,
    indefinite: bool,
}

/// The most bytes of one number.
pub const NUMBER_MAX: usize = 20;

impl<'a> Reply<'a> {
    pub(super) fn new(out: &'a mut Buffer<OUT>) -> Self {
        Self { out, indefinite: false }
    }

    /// Returns the bytes for which there is room.
    #[must_use]
    pub fn room(&self) -> usize {
        self.out.room()
    }

    pub(super) const fn is_indefinite(&self) -> bool {
        self.indefinite
    }

    /// Adds bytes. Those that do not fit are lost: a unit runs only with room for [`RESPONSE_MAX`](super::RESPONSE_MAX).
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.out.push(bytes);
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Adds arbitrary ASCII, which ends only with the message: no query may follow (IEEE 488.2 §8.7.11).
    pub fn arbitrary(&mut self, text: &str) {
        self.indefinite = true;
        self.text(text);
    }

    /// Adds a text in quotes (IEEE 488.2 §8.7.8). It contains no quotes.
    pub fn quoted(&mut self, text: &str) {
        self.text("\"");
        self.text(text);
        self.text("\"");
    }

    /// Adds an integer, NR1 (IEEE 488.2 §8.7.2).
    pub fn integer(&mut self, number: i64) {
        if number < 0 {
            self.text("-");
        }
        let (digits, first) = digits(number.unsigned_abs());
        self.bytes(digits.get(first..).unwrap_or_default());
    }

    /// Adds millionths as a floating point number, NR3 (IEEE 488.2 §8.7.4): `+1.25000000E+00`.
    pub fn millionths(&mut self, number: i64) {
        self.text(if number < 0 { "-" } else { "+" });
        let (digits, first) = digits(number.unsigned_abs());
        let digits = digits.get(first..).unwrap_or_default();
        let digit = |place: usize| digits.get(place).copied().unwrap_or(b'0');
        self.bytes(&[digit(0), b'.']);
        for place in 1..=8 {
            self.bytes(&[digit(place)]);
        }
        // Zero has the exponent 0.
        let exponent = if number == 0 { 0 } else { (digits.len() as i8).wrapping_sub(7) };
        let [tens, ones] = [exponent.unsigned_abs() / 10, exponent.unsigned_abs() % 10];
        self.bytes(&[b'E', if exponent < 0 { b'-' } else { b'+' }, tens | b'0', ones | b'0']);
    }

    /// Adds the head of a definite length block of fewer than 10⁹ bytes (IEEE 488.2 §8.7.9): `#42048`.
    pub fn block(&mut self, length: u32) {
        let (digits, first) = digits(length.into());
        let digits = digits.get(first..).unwrap_or_default();
        self.bytes(&[b'#', (digits.len() as u8) | b'0']);
        self.bytes(digits);
    }
}

/// Returns the decimal digits, at the end of the array, and the place of the first.
fn digits(mut number: u64) -> ([u8; NUMBER_MAX], usize) {
    let mut digits = [b'0'; NUMBER_MAX];
    let mut first = NUMBER_MAX;
    for place in digits.iter_mut().rev() {
        *place = ((number % 10) as u8) | b'0';
        first = first.wrapping_sub(1);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    (digits, first)
}
