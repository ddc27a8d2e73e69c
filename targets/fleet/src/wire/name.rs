//! Names: one level of a topic each.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use serde_derive::{Deserialize, Serialize};

/// The largest length of a name in bytes.
pub const NAME_MAX: usize = 64;

/// The name of a fleet, device, group, gateway, user or client.
///
/// It has 1 to 64 letters, digits, `.`, `_` and `-` of ASCII, so it is one level of a topic and has no wildcard. Clones
/// share the text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>);

impl Name {
    /// Returns the name, if the text is one.
    ///
    /// # Errors
    /// [`NameError`] states what is wrong.
    pub fn new(text: &str) -> Result<Self, NameError> {
        check(text)?;
        Ok(Self(text.into()))
    }

    /// Returns the name of a user that the broker does not know: `-`.
    #[must_use]
    pub fn nobody() -> Self {
        Self("-".into())
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Checks that a text is a name.
pub(super) fn check(text: &str) -> Result<(), NameError> {
    if text.is_empty() || text.len() > NAME_MAX {
        return Err(NameError::Length(text.len()));
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    match text.chars().find(|&letter| !u8::try_from(letter).is_ok_and(is_allowed)) {
        Some(letter) => Err(NameError::Letter(letter)),
        None => Ok(()),
    }
}

/// Why a text is not a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// The text has this number of bytes.
    Length(usize),
    /// The text contains this character.
    Letter(char),
}

impl fmt::Display for NameError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => write!(formatter, "a name has 1 to {NAME_MAX} bytes, this one has {length}"),
            Self::Letter(letter) => {
                write!(formatter, "a name has letters, digits, `.`, `_` and `-` of ASCII only, this one has {letter:?}")
            }
        }
    }
}

impl std::error::Error for NameError {}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.as_str().to_owned()
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_level_without_wildcards() {
        for good in ["a", "oven-7", "Plant_3.west", &"x".repeat(64), "-"] {
            assert_eq!(&*Name::new(good).unwrap(), good);
        }
        assert_eq!(Name::new(""), Err(NameError::Length(0)));
        assert_eq!(Name::new(&"x".repeat(65)), Err(NameError::Length(65)));
        for bad in ["a/b", "+", "#", "$share", "a b", "ä", "a\0", "a\n"] {
            assert!(matches!(Name::new(bad), Err(NameError::Letter(_))), "{bad:?}");
        }
    }
}
