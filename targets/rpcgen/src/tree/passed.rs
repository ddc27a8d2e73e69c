//! Lines for the C compiler, and the types that some of them define.

use super::{Basic, Declaration, Name, Shape, Specifier, Type};
use crate::source::Place;

/// A line for the C compiler, or several joined by backslashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    text: String,
    gives: Option<Box<Declaration>>,
}

impl Passed {
    /// Parses a line without its `%`. `place` is the place of the line.
    #[must_use]
    pub fn new(text: impl Into<String>, place: Place) -> Self {
        let text = text.into();
        let gives = given(&text, place).map(Box::new);
        Self { text, gives }
    }

    /// Returns the line without its `%`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the type that the line defines, like a `typedef`.
    ///
    /// Such lines are `typedef unsigned int name;`, `#define name uint64_t`, and `#define xdr_name xdr_u_int`, which
    /// states the type on the wire.
    #[must_use]
    pub fn gives(&self) -> Option<&Declaration> {
        self.gives.as_deref()
    }

    /// Returns the words of the line.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.text.split(|character: char| character != '_' && !character.is_ascii_alphanumeric())
    }
}

fn given(text: &str, place: Place) -> Option<Declaration> {
    let text = text.split("/*").next()?.split("//").next()?.trim();
    let (name, words) = match text.strip_prefix("typedef") {
        Some(rest) => {
            let mut words: Vec<_> = rest.strip_suffix(';')?.split_whitespace().collect();
            (words.pop()?, words)
        }
        None => {
            let rest = text.strip_prefix('#')?.trim_start().strip_prefix("define")?;
            let mut words = rest.split_whitespace();
            (words.next()?, words.collect())
        }
    };
    let (name, specifier) = match (name.strip_prefix("xdr_"), words.as_slice()) {
        (Some(name), [coder]) => (name, coded(coder.strip_prefix("xdr_")?, place)),
        _ => (name, specifier(&words, place)?),
    };
    is_name(name).then_some(())?;
    let type_ = Type { specifier, shape: Shape::One, place };
    Some(Declaration { name: Name { text: name.to_owned(), place }, type_ })
}

/// Converts a type of C to the type on the wire: a `long` takes four bytes there.
fn specifier(words: &[&str], place: Place) -> Option<Specifier> {
    let named = |name: &str| Name { text: name.to_owned(), place };
    match words {
        ["struct" | "enum" | "union", name] if is_name(name) => return Some(Specifier::Named(named(name))),
        ["bool"] => return Some(Specifier::Basic(Basic::Bool)),
        ["float"] => return Some(Specifier::Basic(Basic::Float)),
        ["double"] => return Some(Specifier::Basic(Basic::Double)),
        _ => {}
    }
    let count = |word: &str| words.iter().filter(|other| **other == word).count();
    let known = ["signed", "unsigned", "char", "short", "int", "long", "hyper"];
    if let [name] = words
        && !known.contains(name)
    {
        return is_name(name).then(|| Specifier::Named(named(name)));
    }
    if words.is_empty() || !words.iter().all(|word| known.contains(word)) {
        return None;
    }
    let (signed, unsigned) = if count("char") > 0 {
        (Basic::Char, Basic::UnsignedChar)
    } else if count("short") > 0 {
        (Basic::Short, Basic::UnsignedShort)
    } else if count("long") > 1 || count("hyper") > 0 {
        (Basic::Hyper, Basic::UnsignedHyper)
    } else {
        (Basic::Int, Basic::UnsignedInt)
    };
    Some(Specifier::Basic(if count("unsigned") > 0 { unsigned } else { signed }))
}

/// Returns the type that C's function `xdr_…` encodes. `name` is the part after `xdr_`.
fn coded(name: &str, place: Place) -> Specifier {
    Specifier::Basic(match name {
        "char" => Basic::Char,
        "short" => Basic::Short,
        "int" | "long" | "enum" => Basic::Int,
        "u_long" => Basic::UnsignedInt,
        "hyper" => Basic::Hyper,
        "u_hyper" => Basic::UnsignedHyper,
        "bool" => Basic::Bool,
        "float" => Basic::Float,
        "double" => Basic::Double,
        // Functions that are named after their types, and types of the file.
        _ => return Specifier::Named(Name { text: name.to_owned(), place }),
    })
}

fn is_name(word: &str) -> bool {
    let letter = |character: char| character == '_' || character.is_ascii_alphabetic();
    word.starts_with(letter) && word.chars().all(|character| letter(character) || character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gives(text: &str) -> Option<String> {
        Passed::new(text, Place::default()).gives().map(ToString::to_string)
    }

    #[test]
    fn types_of_c_are_those_that_travel() {
        for (line, given) in [
            ("typedef unsigned long long wide;", "unsigned hyper wide"),
            ("typedef long number; /* of C */", "int number"),
            ("typedef struct item item_t;", "item item_t"),
            ("#define m_quad uint64_t", "uint64_t m_quad"),
            ("# define\thalf\tunsigned short int", "unsigned short half"),
            ("#define xdr_dev_t xdr_u_int", "u_int dev_t"),
            ("#define xdr_time_t xdr_long", "int time_t"),
        ] {
            assert_eq!(gives(line).as_deref(), Some(given), "{line}");
        }
    }

    #[test]
    fn other_lines_give_none() {
        for line in [
            "",
            "#define LIMIT 17",
            "#define LIMIT (1 << 4)",
            "#define bep_len BEP.BEP_len",
            "#define FIELD(a) a",
            "#define xdr_mine(x, v) xdr_int(x, v)",
            "#define FLAG",
            "typedef char text[16];",
            "typedef struct { int a; } t;",
            "typedef int",
            "extern bool_t xdr_m_quad(XDR *, m_quad *);",
        ] {
            assert_eq!(gives(line), None, "{line}");
        }
    }
}
