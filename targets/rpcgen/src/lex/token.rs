//! The tokens of the language.

use std::rc::Rc;

use crate::source::Place;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a keyword.
    Word,
    /// A number, with its sign.
    Number,
    /// Text between double quotes.
    Text,
    /// Any other character. The parser checks whether it is allowed.
    Sign(char),
    /// A comment with its delimiters: `/* … */`, or `//` to the end of the line.
    Comment,
    /// A line that begins with `%`.
    Passed,
    /// The `#` that begins a line.
    Directive,
    /// The end of a line that began with `#`.
    LineEnd,
    /// The end of the last file.
    End,
}

/// A token and its place.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub kind: Kind,
    /// The text as written.
    pub text: Rc<str>,
    pub place: Place,
    /// The lines on which it begins and ends, from 0.
    pub lines: (u32, u32),
}

impl Token {
    pub fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && &*self.text == word
    }

    /// Returns the token as errors show it.
    pub fn describe(&self) -> String {
        match self.kind {
            Kind::End => "end of the file".into(),
            _ => format!("`{}`", self.text),
        }
    }
}
