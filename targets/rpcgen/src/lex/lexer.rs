//! Splits a file into tokens.

use std::rc::Rc;

use super::token::{Kind, Token};
use crate::diagnostic::Diagnostic;
use crate::harmless::harmless;
use crate::source::Place;

/// The byte order mark of UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The largest length of a word in characters. C compilers need not distinguish more than 63 characters of a name.
const WORD_MAX: usize = 255;

/// The largest number of tokens.
pub(super) fn tokens(file: usize, text: &str, max: usize, diagnostics: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut lexer = Lexer { file, text, at: 0, line: 0, directive: false, line_start: true, tokens: Vec::new(), max };
    lexer.run(diagnostics);
    lexer.tokens
}

struct Lexer<'t> {
    file: usize,
    text: &'t str,
    at: usize,
    line: u32,
    /// The current line began with `#`.
    directive: bool,
    /// The current line has only blanks so far.
    line_start: bool,
    tokens: Vec<Token>,
    /// The most of them.
    max: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn is_first_column(&self) -> bool {
        let before = self.text.get(..self.at).unwrap_or_default();
        before.is_empty() || before.ends_with('\n') || before.strip_prefix(BYTE_ORDER_MARK) == Some("")
    }

    fn run(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        while let Some(character) = self.rest().chars().next() {
            if self.tokens.len() >= self.max {
                let place = Place::new(self.file, self.at..self.at + character.len_utf8());
                diagnostics.push(Diagnostic::error(place, format!("more than {} words", self.max)));
                break;
            }
            match character {
                '\n' => self.newline(),
                // The line continues.
                '\\' if self.directive && line_break(&self.rest()[1..]).is_some() => {
                    self.at += 1 + line_break(&self.rest()[1..]).unwrap_or_default();
                    self.line += 1;
                }
                _ if character.is_whitespace() => self.at += character.len_utf8(),
                '#' if self.line_start => {
                    self.directive = true;
                    self.take(Kind::Directive, 1);
                }
                // Editors of Windows begin a file with it.
                BYTE_ORDER_MARK if self.at == 0 => self.at += character.len_utf8(),
                '%' if self.is_first_column() => {
                    self.take(Kind::Passed, line_length(self.rest()));
                }
                _ => self.token(character, diagnostics),
            }
        }
        if self.directive {
            self.take(Kind::LineEnd, 0);
        }
    }

    fn newline(&mut self) {
        if self.directive {
            self.take(Kind::LineEnd, 0);
            self.directive = false;
        }
        self.at += 1;
        self.line += 1;
        self.line_start = true;
    }

    fn token(&mut self, character: char, diagnostics: &mut Vec<Diagnostic>) {
        let rest = self.rest();
        if rest.starts_with("/*") {
            return self.comment(diagnostics);
        }
        if rest.starts_with("//") {
            let length = rest.find(['\r', '\n']).unwrap_or(rest.len());
            return self.take(Kind::Comment, length);
        }
        if character == '"' {
            return self.quoted(diagnostics);
        }
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        if digits.starts_with(|first: char| first.is_ascii_digit()) {
            let length = word_length(digits) + rest.len() - digits.len();
            self.word(Kind::Number, length, diagnostics);
        } else if is_word(character) {
            self.word(Kind::Word, word_length(rest), diagnostics);
        } else {
            self.take(Kind::Sign(character), character.len_utf8());
        }
    }

    /// Appends a name, a keyword or a number. A long one is cut, because many items may have it in their names.
    fn word(&mut self, kind: Kind, length: usize, diagnostics: &mut Vec<Diagnostic>) {
        self.take(kind, length);
        if let Some(token) = self.tokens.last_mut().filter(|_| length > WORD_MAX) {
            // A word is ASCII.
            token.text = token.text.get(..WORD_MAX).unwrap_or_default().into();
            let error = Diagnostic::error(token.place, format!("a word of {length} characters"));
            diagnostics.push(error.label(format!("at most {WORD_MAX} characters")));
        }
    }

    fn comment(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let rest = self.rest();
        let length = match rest.get(2..).and_then(|inner| inner.find("*/")) {
            Some(length) => length + 4,
            None => {
                let start = Place::new(self.file, self.at..self.at + 2);
                diagnostics.push(
                    Diagnostic::error(start, "a comment does not end").label("begins here").help("end it with `*/`"),
                );
                rest.len()
            }
        };
        let before = self.line_start;
        self.take(Kind::Comment, length);
        // A comment counts as blanks for what follows.
        self.line_start = before;
    }

    fn quoted(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let inner = &self.rest()[1..];
        // The search ends at the line's end, so that a line with many texts is not searched repeatedly.
        let length = inner.find(['"', '\n']).unwrap_or(inner.len());
        match inner[length..].starts_with('"') {
            true => {
                self.take(Kind::Text, length + 2);
                self.refuse_harm(&inner[..length], diagnostics);
            }
            false => {
                self.take(Kind::Text, length + 1);
                let place = self.tokens.last().map(|token| token.place).unwrap_or_default();
                diagnostics
                    .push(Diagnostic::error(place, "a text does not end").help("end it with `\"` on the same line"));
            }
        }
    }

    /// Reports a text with characters that cannot be shown. A value must not be changed, so it is not escaped.
    fn refuse_harm(&self, text: &str, diagnostics: &mut Vec<Diagnostic>) {
        if harmless(text) != text {
            let place = self.tokens.last().map(|token| token.place).unwrap_or_default();
            let error = Diagnostic::error(place, "a text contains a character that cannot be shown");
            diagnostics.push(error.label("it is escaped here").help("remove it: terminals and editors obey it"));
        }
    }

    fn take(&mut self, kind: Kind, length: usize) {
        let raw = &self.rest()[..length];
        // The text is printed in trees, notes and generated documentation.
        let text: Rc<str> = harmless(raw).into();
        let first = self.line;
        self.line += raw.bytes().filter(|&byte| byte == b'\n').count() as u32;
        let place = Place::new(self.file, self.at..self.at + length);
        self.tokens.push(Token { kind, text, place, lines: (first, self.line) });
        self.at += length;
        self.line_start = false;
    }
}

/// Returns the length of the first line in bytes, with the lines that continue it after a backslash.
fn line_length(text: &str) -> usize {
    let ends = text.match_indices('\n').map(|(at, _)| at);
    let last = |&at: &usize| {
        let line = text.get(..at).unwrap_or_default();
        !line.strip_suffix('\r').unwrap_or(line).ends_with('\\')
    };
    ends.into_iter().find(last).unwrap_or(text.len())
}

/// Returns the length in bytes of the line break at the beginning of the text.
fn line_break(text: &str) -> Option<usize> {
    ["\n", "\r\n"].into_iter().find(|end| text.starts_with(end)).map(str::len)
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_ascii_alphanumeric()
}

fn word_length(text: &str) -> usize {
    text.find(|character| !is_word(character)).unwrap_or(text.len())
}
