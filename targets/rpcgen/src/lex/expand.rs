//! `#define`: words that stand for others.

use std::collections::HashMap;
use std::rc::Rc;

use super::token::{Kind, Token};
use crate::source::Place;

/// Tokens that all `#define`s of a file together may expand to. A few lines could make more than fit into memory.
const EXPANSION_MAX: usize = 100_000;
/// Bytes of a text for which it counts as one more token.
const TOKEN: usize = 64;
/// Definitions that stand for one another in a row.
const DEPTH_MAX: usize = 100;

/// What is defined.
#[derive(Default)]
pub(super) struct Macros {
    defined: HashMap<Rc<str>, Rc<[Token]>>,
    /// Those with arguments, and where they stand. They are not followed.
    with_arguments: HashMap<Rc<str>, Place>,
    expanded: usize,
}

/// More tokens than [`EXPANSION_MAX`], or more depth than [`DEPTH_MAX`].
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

    /// Where a word is defined that has arguments, if it is.
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

    /// Appends what a token stands for, which is said to stand where the token does.
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
            // A name within itself stands for itself, as in C.
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

/// A definition that was not made in a file: `NAME`, which is 1, or `NAME=VALUE`.
pub(super) fn given(definition: &str) -> (&str, Token) {
    let (name, value) = definition.split_once('=').unwrap_or((definition, "1"));
    let digits = value.strip_prefix('-').unwrap_or(value);
    let number = digits.starts_with(|first: char| first.is_ascii_digit());
    let kind = if number { Kind::Number } else { Kind::Word };
    (name, Token { kind, text: value.into(), place: Place::default(), lines: (0, 0) })
}
