//! The token that a page presents.

use std::fmt;

use subtle::ConstantTimeEq;

/// A secret text that a page presents.
#[derive(Clone)]
pub struct Token(String);

/// The number of random bytes of a token.
const BYTES: usize = 16;

impl Token {
    /// Makes a token of the system's random numbers.
    ///
    /// # Errors
    /// The system has none.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// Returns the text, for the address of the page.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Returns whether a text is the token, in a time that does not depend on where they differ.
    pub(super) fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_not_shown() {
        let (one, two) = (Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(one.text().len(), 2 * BYTES);
        assert!(one.is(one.text()) && !one.is(two.text()) && !one.is(""));
        assert!(!format!("{one:?}").contains(one.text()));
    }
}
