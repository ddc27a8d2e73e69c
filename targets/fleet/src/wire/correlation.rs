//! Correlation data: the number of a call.

use std::fmt;

/// The largest length of correlation data in bytes.
pub const CORRELATION_MAX: usize = 32;

/// The correlation data of a call, unique in the life of its client: 1 to 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Correlation {
    length: u8,
    bytes: [u8; CORRELATION_MAX],
}

impl Correlation {
    /// Returns the correlation data, unless it is empty or too long.
    #[must_use]
    pub fn new(data: &[u8]) -> Option<Self> {
        let mut bytes = [0; CORRELATION_MAX];
        bytes.get_mut(..data.len())?.copy_from_slice(data);
        let length = u8::try_from(data.len()).ok().filter(|&length| length > 0)?;
        Some(Self { length, bytes })
    }

    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Returns the correlation data of a text in small hexadecimal digits, as in topics.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; CORRELATION_MAX];
        let bytes = bytes.get_mut(..text.len() / 2)?;
        super::hash::from_hex(text, bytes)?;
        Self::new(bytes)
    }
}

impl fmt::Display for Correlation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Correlation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Correlation({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_data_has_1_to_32_bytes() {
        assert_eq!(Correlation::new(&[]), None);
        assert_eq!(Correlation::new(&[0; 33]), None);
        assert_eq!(Correlation::new(&[7; 32]).unwrap().as_bytes(), [7; 32]);
        // Length matters: trailing zeros are data.
        assert_ne!(Correlation::new(&[1]), Correlation::new(&[1, 0]));
    }

    #[test]
    fn hexadecimal_digits_are_written_and_read() {
        let id = Correlation::new(&[0, 1, 0xfe]).unwrap();
        assert_eq!(id.to_string(), "0001fe");
        assert_eq!(Correlation::from_hex("0001fe"), Some(id));
        for bad in ["", "0", "001", "0001FE", "zz", "+1", &"00".repeat(33), "ää"] {
            assert_eq!(Correlation::from_hex(bad), None, "{bad:?}");
        }
    }
}
