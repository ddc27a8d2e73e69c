//! Parses types.

use super::cursor::{Cursor, Parse};
use crate::diagnostic::Diagnostic;
use crate::lex::Kind;
use crate::tree::{Basic, Declaration, Shape, Specifier, Type};

/// The largest nesting of bodies without names.
const DEPTH_MAX: usize = 32;

impl Cursor {
    /// Parses a type, a name and a shape. Refuses `void`.
    pub fn declaration(&mut self, what: &str) -> Parse<Declaration> {
        let start = self.peek().place;
        if self.peek().is_word("void") {
            return self.wrong(Diagnostic::error(start, "`void` is not allowed here").label("expected a type").help(
                "`void` is allowed in an arm of a union, as the result of a procedure, or alone for no arguments",
            ));
        }
        let specifier = self.specifier()?;
        let optional = self.take('*');
        let name = self.name(what)?;
        let shape = self.shape(optional)?;
        let type_ = Type { specifier, shape, place: start.to(self.last_place()) };
        self.check_brackets(&type_, &name.text)?;
        Ok(Declaration { name, type_ })
    }

    fn shape(&mut self, optional: bool) -> Parse<Shape> {
        let open = self.peek().place;
        let shape = if self.take('[') {
            let size = self.value("the number of elements")?;
            self.sign(']')?;
            Shape::Fixed(size)
        } else if self.take('<') {
            self.bound()?
        } else {
            return Ok(if optional { Shape::Optional } else { Shape::One });
        };
        if optional {
            return self.wrong(
                Diagnostic::error(open, "optional data cannot be an array")
                    .help("define a type for the array with `typedef`"),
            );
        }
        if self.peek().is('[') || self.peek().is('<') {
            let place = self.peek().place;
            return self.wrong(
                Diagnostic::error(place, "an array of arrays").help("define a type for the inner array with `typedef`"),
            );
        }
        Ok(shape)
    }

    /// Parses a bound after its `<`.
    pub fn bound(&mut self) -> Parse<Shape> {
        if self.take('>') {
            return Ok(Shape::Variable(None));
        }
        let bound = self.value("the largest number of elements, or `>`")?;
        self.sign('>')?;
        Ok(Shape::Variable(Some(bound)))
    }

    /// Checks that `opaque` and `string` have brackets, and `string` those of a variable length.
    fn check_brackets(&mut self, type_: &Type, name: &str) -> Parse<()> {
        let help = match (&type_.specifier, &type_.shape) {
            (Specifier::Opaque, Shape::One | Shape::Optional) => {
                format!("write `opaque {name}[8]` or `opaque {name}<8>`")
            }
            (Specifier::String, Shape::One | Shape::Optional | Shape::Fixed(_)) => format!("write `string {name}<8>`"),
            _ => return Ok(()),
        };
        let what = if type_.specifier == Specifier::String {
            "`string` without its bound"
        } else {
            "`opaque` without brackets"
        };
        self.wrong(Diagnostic::error(type_.place, what).label("the length is missing").help(help))
    }

    /// Parses a type without its shape.
    pub fn specifier(&mut self) -> Parse<Specifier> {
        let token = self.peek().clone();
        if token.kind != Kind::Word {
            return self.expected("a type");
        }
        let basic = match &*token.text {
            "unsigned" | "signed" => {
                self.next();
                return Ok(Specifier::Basic(self.signed_or_unsigned(token.is_word("signed"))));
            }
            "char" => Basic::Char,
            "short" | "int" | "long" => {
                self.next();
                // `short int`, `long int`
                if !token.is_word("int") {
                    self.take_word("int");
                }
                return Ok(Specifier::Basic(if token.is_word("short") { Basic::Short } else { Basic::Int }));
            }
            "hyper" => Basic::Hyper,
            "float" => Basic::Float,
            "double" => Basic::Double,
            "bool" => Basic::Bool,
            "quadruple" => {
                return self.wrong(
                    Diagnostic::error(token.place, "`quadruple` is not supported")
                        .label("Rust has no such type")
                        .help("use `opaque …[16]` for its bytes"),
                );
            }
            "opaque" => return self.simple(Specifier::Opaque),
            "string" => return self.simple(Specifier::String),
            "enum" | "struct" | "union" => return self.body_or_name(&token.text),
            _ => return self.reference("a type").map(Specifier::Named),
        };
        self.simple(Specifier::Basic(basic))
    }

    fn simple(&mut self, specifier: Specifier) -> Parse<Specifier> {
        self.next();
        Ok(specifier)
    }

    /// Parses the rest of a type after `unsigned` or `signed`. `unsigned` alone is an `unsigned int`.
    fn signed_or_unsigned(&mut self, signed: bool) -> Basic {
        let of = |unsigned: Basic, same: Basic| if signed { same } else { unsigned };
        let basic = match &*self.peek().text {
            "char" => of(Basic::UnsignedChar, Basic::Char),
            "short" => of(Basic::UnsignedShort, Basic::Short),
            "int" | "long" => of(Basic::UnsignedInt, Basic::Int),
            // `quad` is a name elsewhere.
            "hyper" | "quad" => of(Basic::UnsignedHyper, Basic::Hyper),
            _ => return of(Basic::UnsignedInt, Basic::Int),
        };
        let first = self.next();
        if first.is_word("short") || first.is_word("long") {
            self.take_word("int");
        }
        basic
    }

    /// Parses `struct name`, or a body without a name.
    fn body_or_name(&mut self, keyword: &str) -> Parse<Specifier> {
        let place = self.next().place;
        let body = self.peek().is('{') || self.peek().is_word("switch");
        if !body {
            return self.reference(&format!("the name of a type, or the body of the {keyword}")).map(Specifier::Named);
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return self.wrong(Diagnostic::error(place, format!("more than {DEPTH_MAX} nested types")));
        }
        let specifier = self.unnamed_body(keyword);
        self.depth -= 1;
        specifier
    }

    /// Parses a body without a name. The comment after its `{` belongs to no named item and is dropped.
    fn unnamed_body(&mut self, keyword: &str) -> Parse<Specifier> {
        Ok(match keyword {
            "enum" => Specifier::Enum(self.enum_body(&mut None)?),
            "struct" => Specifier::Struct(self.struct_body(&mut None)?.into()),
            _ => Specifier::Union(self.union_body(&mut None)?.into()),
        })
    }
}
