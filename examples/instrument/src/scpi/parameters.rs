//! Parameters of commands (IEEE 488.2 §7.7, SCPI-99 volume 1, §7).

use super::{Error, header::is_word};

/// The parameters of a unit, separated by commas.
#[derive(Clone, Debug)]
pub struct Parameters<'a> {
    /// `None` when all were taken.
    rest: Option<&'a [u8]>,
}

impl<'a> Parameters<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { rest: (!text.is_empty()).then_some(text) }
    }

    /// Takes the next parameter, if there is one.
    pub fn optional(&mut self) -> Option<Parameter<'a>> {
        let rest = self.rest?;
        let (first, after) = match rest.iter().position(|byte| *byte == b',') {
            Some(comma) => (rest.get(..comma), rest.get(comma.wrapping_add(1)..)),
            None => (Some(rest), None),
        };
        self.rest = after;
        first.map(|text| Parameter(text.trim_ascii()))
    }

    /// Takes the next parameter.
    ///
    /// # Errors
    /// -109, if there is none.
    pub fn required(&mut self) -> Result<Parameter<'a>, Error> {
        self.optional().ok_or(Error::MISSING_PARAMETER)
    }

    /// Returns how many there are.
    pub(super) fn count(mut self) -> usize {
        let mut count = 0_usize;
        while self.optional().is_some() {
            count = count.wrapping_add(1);
        }
        count
    }
}

/// A parameter as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a>(&'a [u8]);

/// The bounds of a number, and its default.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The number that `MINimum` stands for.
    pub min: i64,
    /// The number that `MAXimum` stands for.
    pub max: i64,
    /// The number that `DEFault` stands for.
    pub default: i64,
}

impl Parameter<'_> {
    /// Returns whether it is this word in its short or long form, such as `ASCii`.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        is_word(self.0, word)
    }

    /// Returns the value that stands beside the word.
    ///
    /// # Errors
    /// -224, if it is none of the words.
    pub fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Error> {
        let found = words.iter().find(|(word, _)| self.is(word));
        found.map(|(_, value)| *value).ok_or(Error::ILLEGAL_PARAMETER)
    }

    /// Returns a Boolean (SCPI-99 volume 1, §7.3).
    ///
    /// # Errors
    /// -104, if it is neither a word nor a number.
    pub fn boolean(&self) -> Result<bool, Error> {
        match self.one_of(&[("ON", true), ("OFF", false)]) {
            Ok(on) => Ok(on),
            Err(_) => Ok(scaled(self.0, 0, "")? != 0),
        }
    }

    /// Returns a number times 10 to the power of `scale`, rounded. Its unit may be `unit`, with a multiplier.
    ///
    /// `MINimum`, `MAXimum` and `DEFault` stand for the bounds (SCPI-99 volume 1, §7.2.1).
    ///
    /// # Errors
    /// -222, if it is out of bounds; -104, -121, -123 or -131, if it is no number.
    pub fn number(&self, scale: i32, unit: &str, bounds: Bounds) -> Result<i64, Error> {
        let words = [("MINimum", bounds.min), ("MAXimum", bounds.max), ("DEFault", bounds.default)];
        if let Ok(number) = self.one_of(&words) {
            return Ok(number);
        }
        let number = scaled(self.0, scale, unit)?;
        if (bounds.min..=bounds.max).contains(&number) { Ok(number) } else { Err(Error::OUT_OF_RANGE) }
    }

    /// Returns a register's value of at most `max`, in decimal or as `#H`, `#Q` or `#B` (IEEE 488.2 §7.7.4).
    ///
    /// # Errors
    /// -222, if it is out of bounds; -104, -121 or -123, if it is no number.
    pub fn bits(&self, max: u16) -> Result<u16, Error> {
        let number = match self.0 {
            [b'#', letter, digits @ ..] => {
                let base = match letter.to_ascii_uppercase() {
                    b'H' => 16,
                    b'Q' => 8,
                    b'B' => 2,
                    _ => return Err(Error::DATA_TYPE),
                };
                based(digits, base)?
            }
            text => scaled(text, 0, "")?,
        };
        let number = u16::try_from(number).map_err(|_| Error::OUT_OF_RANGE)?;
        if number <= max { Ok(number) } else { Err(Error::OUT_OF_RANGE) }
    }
}

fn based(digits: &[u8], base: u32) -> Result<i64, Error> {
    if digits.is_empty() {
        return Err(Error::INVALID_NUMBER);
    }
    let mut number = 0_i64;
    for digit in digits {
        let digit = char::from(*digit).to_digit(base).ok_or(Error::INVALID_NUMBER)?;
        number = number.saturating_mul(i64::from(base)).saturating_add(i64::from(digit));
    }
    Ok(number)
}

/// The largest exponent (IEEE 488.2 §7.7.2.4.1).
const EXPONENT_MAX: i32 = 32_000;

/// Reads a decimal number times 10 to the power of `scale`, rounded; one that is too large saturates.
fn scaled(text: &[u8], scale: i32, unit: &str) -> Result<i64, Error> {
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let mut digits = 0_i64;
    let (mut any, mut point, mut exponent) = (false, false, 0_i32);
    while let [byte, after @ ..] = rest {
        match byte {
            b'.' if !point => point = true,
            b'0'..=b'9' => {
                any = true;
                // Digits that an i64 cannot hold only move the decimal point.
                if digits < i64::MAX / 100 {
                    digits = digits.saturating_mul(10).saturating_add(i64::from(byte.wrapping_sub(b'0')));
                    exponent = exponent.saturating_sub(i32::from(point));
                } else {
                    exponent = exponent.saturating_add(i32::from(!point));
                }
            }
            _ => break,
        }
        rest = after;
    }
    if !any {
        // A word where a number must be, or a sign alone.
        return Err(if text.first().is_some_and(u8::is_ascii_alphabetic) {
            Error::DATA_TYPE
        } else {
            Error::INVALID_NUMBER
        });
    }
    if let [b'e' | b'E', after @ ..] = rest
        && let Some((shift, after)) = exponent_of(after)?
    {
        exponent = exponent.saturating_add(shift);
        rest = after;
    }
    exponent = exponent.saturating_add(multiplier(rest.trim_ascii_start(), unit)?).saturating_add(scale);
    let number = shifted(digits, exponent);
    Ok(if negative { number.saturating_neg() } else { number })
}

/// Reads the digits of an exponent. Returns `None` if there are none: then the letter begins a suffix.
fn exponent_of(text: &[u8]) -> Result<Option<(i32, &[u8])>, Error> {
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let mut exponent = 0_i32;
    let mut any = false;
    while let [byte @ b'0'..=b'9', after @ ..] = rest {
        any = true;
        exponent = exponent.saturating_mul(10).saturating_add(i32::from(byte.wrapping_sub(b'0')));
        rest = after;
    }
    if exponent > EXPONENT_MAX {
        return Err(Error::EXPONENT_TOO_LARGE);
    }
    Ok(any.then_some((if negative { exponent.saturating_neg() } else { exponent }, rest)))
}

/// Returns the power of ten of a suffix, such as -3 of `mV` (IEEE 488.2 §7.7.3, table 7-2).
fn multiplier(suffix: &[u8], unit: &str) -> Result<i32, Error> {
    if suffix.is_empty() {
        return Ok(0);
    }
    let split = suffix.len().checked_sub(unit.len()).ok_or(Error::INVALID_SUFFIX)?;
    let (before, after) = suffix.split_at_checked(split).ok_or(Error::INVALID_SUFFIX)?;
    if unit.is_empty() || !after.eq_ignore_ascii_case(unit.as_bytes()) {
        return Err(Error::INVALID_SUFFIX);
    }
    const MULTIPLIERS: [(&[u8], i32); 6] = [(b"", 0), (b"MA", 6), (b"K", 3), (b"M", -3), (b"U", -6), (b"N", -9)];
    let found = MULTIPLIERS.iter().find(|(letters, _)| letters.eq_ignore_ascii_case(before));
    found.map(|(_, power)| *power).ok_or(Error::INVALID_SUFFIX)
}

/// Returns a number times a power of ten: rounded, and saturated.
fn shifted(mut number: i64, mut power: i32) -> i64 {
    while power > 0 && number != 0 && number != i64::MAX {
        number = number.saturating_mul(10);
        power = power.saturating_sub(1);
    }
    while power < -1 && number != 0 {
        number /= 10;
        power = power.saturating_add(1);
    }
    if power == -1 { number.saturating_add(5) / 10 } else { number }
}
