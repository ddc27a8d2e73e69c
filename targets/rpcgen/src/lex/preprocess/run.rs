//! Follows directives and replaces words.

use std::path::PathBuf;

use super::{Preprocessed, Preprocessor};
use crate::diagnostic::Diagnostic;
use crate::lex::expand::Macros;
use crate::lex::token::{Kind, Token};
use crate::lex::{condition, lexer};
use crate::source::Place;

/// A run of the preprocessor.
pub(super) struct Run<'o> {
    pub options: &'o Preprocessor,
    pub macros: Macros,
    /// The files that are being read. Each includes the next.
    pub open: Vec<PathBuf>,
    pub bytes: usize,
    /// The number of open bodies.
    pub depth: usize,
    /// A definition has begun and not ended.
    pub amid: bool,
    pub out: Preprocessed,
}

/// An `#if` without its `#endif` yet.
struct Open {
    place: Place,
    /// The current branch is read.
    active: bool,
    /// No further branch is read: one was, or the text around the condition is not read.
    done: bool,
    has_else: bool,
}

impl Run<'_> {
    pub fn error(&mut self, diagnostic: Diagnostic) {
        self.out.diagnostics.push(diagnostic);
    }

    pub fn file(&mut self, path: PathBuf, text: String) {
        let file = self.out.sources.add(path.clone(), text.clone());
        self.bytes += text.len();
        self.open.push(path);
        let tokens = lexer::tokens(file, &text, self.options.words_max(), &mut self.out.diagnostics);
        let mut conditions: Vec<Open> = Vec::new();
        let mut rest = tokens.into_iter();
        while let Some(token) = rest.next() {
            let active = conditions.last().is_none_or(|open| open.active);
            if token.kind == Kind::Directive {
                let line: Vec<_> = rest.by_ref().take_while(|token| token.kind != Kind::LineEnd).collect();
                let line: Vec<_> = line.into_iter().filter(|token| token.kind != Kind::Comment).collect();
                self.directive(&token, &line, &mut conditions, active);
            } else if active && self.header(&token) {
            } else if active {
                self.follow(&token);
                let token = self.without_arguments(token, &mut rest);
                let place = token.place;
                if self.macros.expand(token, &mut self.out.tokens).is_err() {
                    // An incomplete definition would only cause more errors.
                    self.out.tokens.clear();
                    return self.error(condition::too_many(place));
                }
            }
        }
        for open in conditions {
            self.error(Diagnostic::error(open.place, "a condition has no `#endif`").label("begins here"));
        }
        self.open.pop();
    }

    fn directive(&mut self, hash: &Token, line: &[Token], conditions: &mut Vec<Open>, active: bool) {
        // Skips `#` alone, and `# 12 "file"`, which other preprocessors write.
        let Some((word, rest)) = line.split_first().filter(|(word, _)| word.kind == Kind::Word) else { return };
        let place = hash.place.to(word.place);
        match &*word.text {
            "if" | "ifdef" | "ifndef" => self.begin(place, word, rest, conditions, active),
            "elif" | "else" => self.branch(place, word, rest, conditions),
            "endif" => {
                if conditions.pop().is_none() {
                    self.error(Diagnostic::error(place, "`#endif` without `#if`"));
                }
            }
            _ if !active => {}
            "define" => self.define(place, rest),
            "undef" => match rest {
                [name] if name.kind == Kind::Word => self.macros.undefine(&name.text),
                _ => self.error(Diagnostic::error(place, "`#undef` needs one name")),
            },
            "include" => self.include(place, rest),
            "error" => self.error(Diagnostic::error(line_of(place, rest), "the file has an `#error` here")),
            // These are for a C compiler.
            "pragma" | "ident" | "line" | "warning" => {}
            other => self.error(
                Diagnostic::error(place, format!("the directive `#{other}` is unknown"))
                    .help("lines for the C compiler begin with `%`"),
            ),
        }
    }

    fn begin(&mut self, place: Place, word: &Token, rest: &[Token], conditions: &mut Vec<Open>, active: bool) {
        let holds = active && self.holds(place, word, rest);
        conditions.push(Open { place, active: holds, done: holds || !active, has_else: false });
    }

    fn branch(&mut self, place: Place, word: &Token, rest: &[Token], conditions: &mut [Open]) {
        let Some(open) = conditions.last_mut() else {
            return self.error(Diagnostic::error(place, format!("`#{}` without `#if`", word.text)));
        };
        if open.has_else {
            let first = open.place;
            let what = format!("`#{}` after `#else`", word.text);
            return self.error(Diagnostic::error(place, what).other(first, "the condition begins here"));
        }
        let is_else = word.is_word("else");
        open.has_else = is_else;
        let wanted = !open.done && (is_else || self.holds(place, word, rest));
        open.active = wanted;
        open.done |= wanted;
    }

    fn holds(&mut self, place: Place, word: &Token, rest: &[Token]) -> bool {
        if matches!(&*word.text, "if" | "elif") {
            return condition::holds(rest, &mut self.macros, place).unwrap_or_else(|error| {
                self.error(error);
                false
            });
        }
        match rest.first() {
            Some(name) if name.kind == Kind::Word => self.macros.is_defined(&name.text) == word.is_word("ifdef"),
            _ => {
                self.error(Diagnostic::error(place, format!("`#{}` needs a name", word.text)));
                false
            }
        }
    }

    fn define(&mut self, place: Place, rest: &[Token]) {
        let Some((name, value)) = rest.split_first().filter(|(name, _)| name.kind == Kind::Word) else {
            return self.error(Diagnostic::error(place, "`#define` needs a name"));
        };
        if value.first().is_some_and(|first| first.is('(') && first.place.start == name.place.end) {
            return self.macros.define_with_arguments(name);
        }
        self.macros.define(&name.text, value.to_vec());
    }

    /// Reports a use of a definition with arguments, and replaces it by a number.
    fn without_arguments(&mut self, token: Token, rest: &mut std::vec::IntoIter<Token>) -> Token {
        let follows = rest.as_slice().iter().find(|token| token.kind != Kind::Comment);
        let Some(defined) = self.macros.with_arguments(&token).filter(|_| follows.is_some_and(|next| next.is('(')))
        else {
            return token;
        };
        let error = Diagnostic::error(token.place, format!("the definition of `{}` has arguments", token.text));
        self.error(error.label("write its expansion here instead").other(defined, "defined here"));
        let mut depth = 0usize;
        for next in rest.by_ref() {
            match next.kind {
                Kind::Sign('(') => depth += 1,
                Kind::Sign(')') if depth == 1 => break,
                Kind::Sign(')') => depth -= 1,
                _ => {}
            }
        }
        Token { kind: Kind::Number, text: "0".into(), ..token }
    }

    /// Tracks where definitions begin and end.
    fn follow(&mut self, token: &Token) {
        match token.kind {
            Kind::Comment | Kind::Passed => return,
            Kind::Sign('{') => self.depth += 1,
            Kind::Sign('}') => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        // A namespace ends with its bracket, without a semicolon.
        self.amid = !matches!(token.kind, Kind::Sign(';' | '}'));
    }
}

pub(super) fn line_of(start: Place, rest: &[Token]) -> Place {
    rest.last().map_or(start, |last| start.to(last.place))
}
