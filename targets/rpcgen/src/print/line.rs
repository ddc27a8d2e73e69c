//! Prints parts of a tree in one line, for documentation and within a file.

use std::fmt::{self, Display, Formatter, Write as _};

use super::Printer;
use crate::tree::{Basic, Comments, Constant, ConstantValue, Declaration, Procedure, Shape, Specifier, Type, Value};

/// Returns the keyword or the name of a specifier. Bodies are left out.
pub(super) fn word(specifier: &Specifier) -> &str {
    match specifier {
        Specifier::Opaque => "opaque",
        Specifier::String => "string",
        Specifier::Named(name) => &name.text,
        Specifier::Enum(_) => "enum { … }",
        Specifier::Struct(_) => "struct { … }",
        Specifier::Union(_) => "union { … }",
        Specifier::Basic(basic) => basic.word(),
    }
}

impl Basic {
    /// Returns the shortest unambiguous name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Char => "char",
            Self::UnsignedChar => "unsigned char",
            Self::Short => "short",
            Self::UnsignedShort => "unsigned short",
            Self::Int => "int",
            Self::UnsignedInt => "unsigned int",
            Self::Hyper => "hyper",
            Self::UnsignedHyper => "unsigned hyper",
            Self::Float => "float",
            Self::Double => "double",
            Self::Bool => "bool",
        }
    }
}

/// Prints one line without bodies, for documentation.
impl Display for Declaration {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Type { specifier, shape, .. } = &self.type_;
        let (star, name) = (if *shape == Shape::Optional { "*" } else { "" }, self.name.split().1);
        write!(formatter, "{} {star}{name}", word(specifier))?;
        match shape {
            Shape::One | Shape::Optional => Ok(()),
            Shape::Fixed(size) => write!(formatter, "[{size}]"),
            Shape::Variable(None) => formatter.write_str("<>"),
            Shape::Variable(Some(bound)) => write!(formatter, "<{bound}>"),
        }
    }
}

/// Prints the procedure without comments, for documentation.
impl Display for Procedure {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let comments = Comments::default();
        let mut alone = self.clone();
        alone.comments = comments;
        let mut text = String::new();
        write!(text, "{}", Alone(&alone))?;
        formatter.write_str(text.trim_end())
    }
}

struct Alone<'p>(&'p Procedure);

impl Display for Alone<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        Printer { out: formatter, indent: 0 }.procedure(self.0)
    }
}

impl Display for Constant {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "const {} = ", self.name.split().1)?;
        match &self.value {
            ConstantValue::Value(value) => write!(formatter, "{value}"),
            ConstantValue::Text(text) => write!(formatter, "\"{text}\""),
        }
    }
}

impl Display for Value {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Number(number) => &number.text,
            Self::Name(name) => &name.text,
        })
    }
}
