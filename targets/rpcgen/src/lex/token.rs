//! The words of the language.

use std::rc::Rc;

use crate::source::Place;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a keyword.
    Word,
    /// A number, with its sign.
    Number,
    /// Text between double quotes.
    Text,
    /// Any other character; the parser says whether it belongs where it stands.
    Sign(char),
    /// A comment, with its marks: `/* … */`, or `//` to the end of the line.
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

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub kind: Kind,
    /// As it is written.
    pub text: Rc<str>,
    pub place: Place,
    /// The line that it begins on and the one that it ends on, from 0.
    pub lines: (u32, u32),
}

impl Token {
    pub fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && &*self.text == word
    }

    /// What it is called in an error.
    pub fn describe(&self) -> String {
        match self.kind {
            Kind::End => "end of the file".into(),
            _ => format!("`{}`", self.text),
        }
    }
}
