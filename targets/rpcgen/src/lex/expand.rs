//! Replaces words that `#define` defines.

use std::collections::HashMap;
use std::rc::Rc;

use super::token::{Kind, Token};
use crate::source::Place;

/// The largest number of tokens that all `#define`s of a file may expand to. A few lines could expand to more than fits
/// into memory.
const EXPANSION_MAX: usize = 100_000;
/// The number of bytes of a token's text that count as one more token.
const TOKEN: usize = 64;
/// The largest number of definitions that refer to one another in a row.
const DEPTH_MAX: usize = 100;

/// The definitions.
#[derive(Default)]
pub(super) struct Macros {
    defined: HashMap<Rc<str>, Rc<[Token]>>,
    /// Definitions with arguments, and their places. They are not expanded.
    with_arguments: HashMap<Rc<str>, Place>,
    expanded: usize,
}

/// An expansion exceeded [`EXPANSION_MAX`] tokens or [`DEPTH_MAX`] levels.
pub(super) struct TooMany;

impl Macros {
    pub fn define(&mut self, name: &str, tokens: Vec<Token>) {
        self.with_arguments.remove(name);
        self.defined.insert(name.into(), tokens.into());
    }

    pub fn define_with_arguments(&mut self, name: &Token) {
        self.defined.remove(&name.text);
        self.with_arguments.insert(name.text.clone(), name.place);
    }

    /// Returns the place of a definition with arguments, if the token is its name.
    pub fn with_arguments(&self, token: &Token) -> Option<Place> {
        Some(token)
            .filter(|token| token.kind == Kind::Word)
            .and_then(|token| self.with_arguments.get(&token.text))
            .copied()
    }

    pub fn undefine(&mut self, name: &str) {
        self.defined.remove(name);
        self.with_arguments.remove(name);
    }

    pub fn is_defined(&self, name: &str) -> bool {
        self.defined.contains_key(name) || self.with_arguments.contains_key(name)
    }

    fn stands_for_others(&self, token: &Token) -> bool {
        token.kind == Kind::Word && self.defined.contains_key(&token.text)
    }

    /// Appends the expansion of a token. The tokens of the expansion get the place of the token.
    pub fn expand(&mut self, token: Token, out: &mut Vec<Token>) -> Result<(), TooMany> {
        if self.stands_for_others(&token) {
            self.replace(&token.text.clone(), &token, &mut Vec::new(), out)
        } else {
            out.push(token);
            Ok(())
        }
    }

    fn replace(
        &mut self,
        name: &Rc<str>,
        used: &Token,
        within: &mut Vec<Rc<str>>,
        out: &mut Vec<Token>,
    ) -> Result<(), TooMany> {
        within.push(name.clone());
        for token in self.defined.get(name).cloned().iter().flat_map(|tokens| tokens.iter()) {
            self.expanded += 1 + token.text.len() / TOKEN;
            if self.expanded > EXPANSION_MAX || within.len() > DEPTH_MAX {
                return Err(TooMany);
            }
            // A name in its own definition is not expanded, as in C.
            let again = self.stands_for_others(token) && !within.contains(&token.text);
            if again {
                self.replace(&token.text, used, within, out)?;
            } else {
                out.push(Token { place: used.place, lines: used.lines, ..token.clone() });
            }
        }
        within.pop();
        Ok(())
    }
}

/// Parses a definition from an option: `NAME`, which is 1, or `NAME=VALUE`.
pub(super) fn given(definition: &str) -> (&str, Token) {
    let (name, value) = definition.split_once('=').unwrap_or((definition, "1"));
    let digits = value.strip_prefix('-').unwrap_or(value);
    let number = digits.starts_with(|first: char| first.is_ascii_digit());
    let kind = if number { Kind::Number } else { Kind::Word };
    (name, Token { kind, text: value.into(), place: Place::default(), lines: (0, 0) })
}
