//! A cursor over the tokens, which collects comments and errors.

use crate::diagnostic::Diagnostic;
use crate::lex::{Kind, Token};
use crate::source::{Place, Sources};
use crate::tree::{Comment, Name, Number, Value};

use super::lexemes::{Lexeme, lexemes};

/// Words that cannot be names (RFC 4506 §6.4, RFC 5531 §12.3), and those that rpcgen adds.
const KEYWORDS: [&str; 24] = [
    "bool",
    "case",
    "char",
    "const",
    "default",
    "double",
    "enum",
    "float",
    "hyper",
    "int",
    "long",
    "opaque",
    "program",
    "quadruple",
    "short",
    "string",
    "struct",
    "switch",
    "typedef",
    "union",
    "unsigned",
    "version",
    "void",
    "signed",
];

/// Parsing failed, and the error has been reported.
#[derive(Debug)]
pub(super) struct Wrong;

pub(super) type Parse<T> = Result<T, Wrong>;

/// A position in the tokens.
pub(super) struct Cursor {
    lexemes: Vec<Lexeme>,
    at: usize,
    diagnostics: Vec<Diagnostic>,
    /// The last token was a line for C, and the next is one too.
    pub passing: bool,
    /// The nesting of bodies without names.
    pub depth: usize,
}

impl Cursor {
    pub fn new(tokens: Vec<Token>, sources: &Sources, diagnostics: Vec<Diagnostic>) -> Self {
        Self { lexemes: lexemes(tokens, sources), at: 0, diagnostics, passing: false, depth: 0 }
    }

    pub fn finish(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Returns the next token. At the end it is always [`Kind::End`].
    pub fn peek(&self) -> &Token {
        &self.lexemes[self.at].token
    }

    /// Returns the token `ahead` places after the next.
    pub fn peek_at(&self, ahead: usize) -> &Token {
        &self.lexemes[(self.at + ahead).min(self.lexemes.len() - 1)].token
    }

    /// Returns the token after the next.
    pub fn peek_second(&self) -> &Token {
        self.peek_at(1)
    }

    pub fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.lexemes.len() - 1);
        token
    }

    /// Returns the place of the last token.
    pub fn last_place(&self) -> Place {
        self.lexemes[self.at.saturating_sub(1)].token.place
    }

    pub fn take_before(&mut self) -> Vec<Comment> {
        std::mem::take(&mut self.lexemes[self.at].before)
    }

    /// Takes the comment after the last token.
    pub fn take_behind(&mut self) -> Option<Comment> {
        self.lexemes[self.at.saturating_sub(1)].behind.take()
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports an error and returns [`Wrong`].
    pub fn wrong<T>(&mut self, diagnostic: Diagnostic) -> Parse<T> {
        self.report(diagnostic);
        Err(Wrong)
    }

    /// Reports that the next token is not what was expected.
    pub fn expected<T>(&mut self, what: &str) -> Parse<T> {
        let error = unexpected(self.peek());
        self.wrong(error.label(format!("expected {what}")))
    }

    pub fn take(&mut self, sign: char) -> bool {
        let found = self.peek().is(sign);
        if found {
            self.next();
        }
        found
    }

    pub fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek().is_word(word);
        if found {
            self.next();
        }
        found
    }

    pub fn sign(&mut self, sign: char) -> Parse<()> {
        if self.take(sign) { Ok(()) } else { self.expected(&format!("`{sign}`")) }
    }

    /// Parses the `;` at the end of an item. A missing `;` is reported after the item that it should end.
    pub fn semicolon(&mut self) -> Parse<()> {
        if self.take(';') {
            return Ok(());
        }
        let (last, next) = (self.last_place(), self.peek().clone());
        let stray = matches!(next.kind, Kind::Sign(_) | Kind::Number);
        if stray && !next.is('}') {
            return self.expected("`;`");
        }
        self.wrong(Diagnostic::error(last, "a `;` is missing").label("expected `;` after this"))
    }

    /// Parses a name that is not a keyword.
    pub fn name(&mut self, what: &str) -> Parse<Name> {
        let token = self.peek().clone();
        if token.kind != Kind::Word {
            return self.expected(what);
        }
        if KEYWORDS.contains(&&*token.text) {
            let error = Diagnostic::error(token.place, format!("`{}` is a keyword", token.text));
            return self.wrong(error.label(format!("expected {what}")));
        }
        self.next();
        Ok(Name { text: token.text.to_string(), place: token.place })
    }

    /// Parses a name that is defined elsewhere, possibly in a namespace: `name`, `space::name`.
    pub fn reference(&mut self, what: &str) -> Parse<Name> {
        let mut name = self.name(what)?;
        let follows = |cursor: &Self| {
            let (first, second) = (cursor.peek(), cursor.peek_second());
            let colons = first.is(':') && second.is(':') && first.place.end == second.place.start;
            colons && first.place.file == second.place.file && cursor.peek_at(2).kind == Kind::Word
        };
        while follows(self) {
            self.next();
            self.next();
            let part = self.name(what)?;
            name.text.push_str("::");
            name.text.push_str(&part.text);
            name.place = name.place.to(part.place);
        }
        Ok(name)
    }

    /// Returns whether the next token is a name that is not a keyword.
    pub fn is_name(&self) -> bool {
        self.peek().kind == Kind::Word && !KEYWORDS.contains(&&*self.peek().text)
    }

    /// Parses a number, or a name that stands for one.
    pub fn value(&mut self, what: &str) -> Parse<Value> {
        let token = self.peek().clone();
        if token.kind != Kind::Number {
            return self.reference(what).map(Value::Name);
        }
        self.next();
        match Number::parse(&token.text) {
            Some(value) => Ok(Value::Number(Number { text: token.text.to_string(), value, place: token.place })),
            None => self.wrong(
                Diagnostic::error(token.place, format!("`{}` is not a number", token.text))
                    .label("expected decimal, octal (`017`) or hexadecimal (`0x1f`) digits, at most 64 bits"),
            ),
        }
    }
}

/// Returns the error for a token in the wrong place.
fn unexpected(token: &Token) -> Diagnostic {
    let help = match token.kind {
        Kind::Sign('/') => "comments are `/* … */`, or `//` and the rest of the line",
        Kind::Sign('%') => "the `%` of a line for the C compiler must be in the first column",
        Kind::Sign('#') => "a directive must be on its own line",
        Kind::Sign(sign) if !"{}()<>[],;:=*".contains(sign) => {
            return Diagnostic::error(token.place, format!("a stray {}", token.describe()));
        }
        _ => return Diagnostic::error(token.place, format!("unexpected {}", token.describe())),
    };
    Diagnostic::error(token.place, format!("a stray {}", token.describe())).help(help)
}
