//! The expressions of `#if`.

use super::expand::Macros;
use super::token::{Kind, Token};
use crate::diagnostic::Diagnostic;
use crate::source::Place;

/// The largest number of nested brackets and `!`.
const DEPTH_MAX: usize = 32;

/// Returns whether an expression is true.
///
/// It may have numbers, names (0 unless defined), `defined`, `!`, comparisons, `&&`, `||` and brackets.
pub(super) fn holds(tokens: &[Token], macros: &mut Macros, place: Place) -> Result<bool, Diagnostic> {
    let tokens = with_names_replaced(tokens, macros, place)?;
    let mut expression = Expression { tokens: &tokens, place, depth: 0 };
    let value = expression.either()?;
    match expression.tokens.first() {
        None => Ok(value != 0),
        Some(token) => Err(unexpected(token.place)),
    }
}

/// Replaces names by their definitions, and `defined NAME` by 1 or 0.
fn with_names_replaced(tokens: &[Token], macros: &mut Macros, place: Place) -> Result<Vec<Token>, Diagnostic> {
    let mut out = Vec::new();
    let mut tokens = tokens.iter();
    while let Some(token) = tokens.next() {
        if !token.is_word("defined") {
            macros.expand(token.clone(), &mut out).map_err(|_| too_many(place))?;
            continue;
        }
        let mut name = tokens.next();
        let bracket = name.is_some_and(|token| token.is('('));
        if bracket {
            name = tokens.next();
        }
        let name = name.filter(|name| name.kind == Kind::Word).ok_or_else(|| unexpected(token.place))?;
        if bracket && !tokens.next().is_some_and(|token| token.is(')')) {
            return Err(unexpected(name.place));
        }
        let text = if macros.is_defined(&name.text) { "1" } else { "0" };
        out.push(Token { kind: Kind::Number, text: text.into(), ..token.clone() });
    }
    Ok(out)
}

type Compare = fn(&i128, &i128) -> bool;

struct Expression<'t> {
    tokens: &'t [Token],
    place: Place,
    depth: usize,
}

impl Expression<'_> {
    fn either(&mut self) -> Result<i128, Diagnostic> {
        let mut value = self.both()?;
        while self.take(&['|', '|']) {
            let right = self.both()?;
            value = i128::from(value != 0 || right != 0);
        }
        Ok(value)
    }

    fn both(&mut self) -> Result<i128, Diagnostic> {
        let mut value = self.comparison()?;
        while self.take(&['&', '&']) {
            let right = self.comparison()?;
            value = i128::from(value != 0 && right != 0);
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Result<i128, Diagnostic> {
        let left = self.operand()?;
        // Longer operators before those that are their beginnings.
        let compare: [(&[char], Compare); 6] = [
            (&['=', '='], i128::eq),
            (&['!', '='], i128::ne),
            (&['<', '='], i128::le),
            (&['>', '='], i128::ge),
            (&['<'], i128::lt),
            (&['>'], i128::gt),
        ];
        for (signs, holds) in compare {
            if self.take(signs) {
                return Ok(i128::from(holds(&left, &self.operand()?)));
            }
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<i128, Diagnostic> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Diagnostic::error(
                self.place,
                format!("more than {DEPTH_MAX} nested brackets or `!` in a condition"),
            ));
        }
        let value = self.value();
        self.depth -= 1;
        value
    }

    fn value(&mut self) -> Result<i128, Diagnostic> {
        let Some((token, rest)) = self.tokens.split_first() else {
            return Err(
                Diagnostic::error(self.place, "the condition ends too early").label("expected a value after this")
            );
        };
        self.tokens = rest;
        match token.kind {
            Kind::Word => Ok(0),
            Kind::Number => crate::tree::Number::parse(&token.text).ok_or_else(|| unexpected(token.place)),
            Kind::Sign('!') => Ok(i128::from(self.operand()? == 0)),
            Kind::Sign('(') => {
                let value = self.either()?;
                if self.take(&[')']) { Ok(value) } else { Err(unexpected(token.place)) }
            }
            _ => Err(unexpected(token.place)),
        }
    }

    fn take(&mut self, signs: &[char]) -> bool {
        let found =
            self.tokens.len() >= signs.len() && self.tokens.iter().zip(signs).all(|(token, &sign)| token.is(sign));
        if found {
            self.tokens = &self.tokens[signs.len()..];
        }
        found
    }
}

fn unexpected(place: Place) -> Diagnostic {
    Diagnostic::error(place, "the condition cannot be parsed").help(
        "conditions may have numbers, names, `defined`, `!`, `==`, `!=`, `<`, `>`, `<=`, `>=`, `&&`, `||` and brackets",
    )
}

pub(super) fn too_many(place: Place) -> Diagnostic {
    Diagnostic::error(place, "the `#define`s expand to more than 100000 words")
}
