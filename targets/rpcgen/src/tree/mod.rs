//! The syntax tree: what a `.x` file says, in its order, after the preprocessor.
//!
//! Names, numbers and comments are as they were written, and each thing knows its [`Place`]. Nothing is resolved
//! or checked here; [`Interface`](crate::Interface) is what has been. `Display` of a [`Specification`]
//! writes it down as a `.x` file again, which parses to the same tree.

mod bare;
mod number;
mod passed;

use crate::source::Place;
pub use number::{Base, Number};
pub use passed::Passed;

/// A whole file, with all that it includes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Specification {
    /// Definitions and lines for C, in their order.
    pub items: Vec<Item>,
    /// Comments behind the last item.
    pub comments: Vec<Comment>,
}

/// One definition, or lines for C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The comments before it, and the one at its end.
    pub comments: Comments,
    /// What it is.
    pub definition: Definition,
    /// All of it.
    pub place: Place,
}

/// What stands at the top level of a file (RFC 4506 §6.3, RFC 5531 §12.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// `const NAME = 7;`
    Constant(Constant),
    /// `typedef int name<4>;`
    Typedef(Declaration),
    /// `enum name { … };`
    Enum(Name, EnumBody),
    /// `struct name { … };`
    Struct(Name, StructBody),
    /// `union name switch (int kind) { … };`
    Union(Name, Box<UnionBody>),
    /// `program NAME { … } = 0x20000001;`
    Program(Program),
    /// `%…`: a line for the C compiler, and those that it goes on in behind a backslash. One within a definition stands
    /// before it.
    Passed(Passed),
}

impl Definition {
    /// What it is called, if it defines something.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        match self {
            Self::Constant(constant) => Some(&constant.name),
            Self::Typedef(declaration) => Some(&declaration.name),
            Self::Enum(name, _) | Self::Struct(name, _) | Self::Union(name, _) => Some(name),
            Self::Program(program) => Some(&program.name),
            Self::Passed(_) => None,
        }
    }
}

/// A comment, or several on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What is between `/*` and `*/`, or behind `//`; lines of `//` below each other are one comment.
    pub text: String,
    /// There is an empty line below it, so that it is not about what follows.
    pub apart: bool,
    /// Where it stands.
    pub place: Place,
}

/// The comments that are about something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// Those above it.
    pub before: Vec<Comment>,
    /// The one behind it on its last line, or behind the `{` of its body.
    pub behind: Option<Comment>,
}

/// A name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As it is written. In a namespace, and where what it names is in one, it is written in full: `space::name`.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

impl Name {
    /// The namespace, empty outside of all, and the name within it.
    #[must_use]
    pub fn split(&self) -> (&str, &str) {
        split(&self.text)
    }
}

/// A name in full as the namespace and the name within it.
pub(crate) fn split(name: &str) -> (&str, &str) {
    name.rsplit_once("::").unwrap_or(("", name))
}

/// A number, or the name of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `7`
    Number(Number),
    /// A constant or a member of an enum.
    Name(Name),
}

impl Value {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Number(number) => number.place,
            Self::Name(name) => name.place,
        }
    }
}

/// `const NAME = …;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// What it is called.
    pub name: Name,
    /// What it is.
    pub value: ConstantValue,
}

/// What a constant is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstantValue {
    /// A number.
    Value(Value),
    /// A text, which rpcgen knows beside the numbers of the RFC; without its quotes.
    Text(String),
}

/// A type where it is used, with what stands beside the name that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// What it consists of.
    pub specifier: Specifier,
    /// One, maybe one, or several of it.
    pub shape: Shape,
    /// All of it.
    pub place: Place,
}

/// How many of a type there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `type name`: one.
    One,
    /// `type *name`: one or none.
    Optional,
    /// `type name[…]`: so many.
    Fixed(Value),
    /// `type name<…>`: at most so many, or any number of them.
    Variable(Option<Value>),
}

/// What a type consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Specifier {
    /// A number or a bool.
    Basic(Basic),
    /// `opaque`, in a fixed or a variable shape.
    Opaque,
    /// `string`, in a variable shape.
    String,
    /// The name of another type; what stands before it (`struct name`) says nothing more.
    Named(Name),
    /// An enum without a name.
    Enum(EnumBody),
    /// A struct without a name.
    Struct(Box<StructBody>),
    /// A union without a name.
    Union(Box<UnionBody>),
}

/// Types of the language. `long` is `int`, as on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basic {
    /// `char`, a number that takes an `int` on the wire.
    Char,
    /// `unsigned char`
    UnsignedChar,
    /// `short`
    Short,
    /// `unsigned short`
    UnsignedShort,
    /// `int`, `long`
    Int,
    /// `unsigned`, `unsigned int`, `unsigned long`
    UnsignedInt,
    /// `hyper`
    Hyper,
    /// `unsigned hyper`
    UnsignedHyper,
    /// `float`
    Float,
    /// `double`
    Double,
    /// `bool`
    Bool,
}

/// A name and its type: a field, a typedef, what an arm of a union holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// What it is called.
    pub name: Name,
    /// What it is.
    pub type_: Type,
}

/// `{ MEMBER = 1, … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumBody {
    /// Its members, in their order.
    pub members: Vec<Member>,
}

/// A member of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The comments about it.
    pub comments: Comments,
    /// What it is called.
    pub name: Name,
    /// Its number. Without one, which the RFC does not know but rpcgen does, it is one more than the member before it.
    pub value: Option<Value>,
}

/// `{ int field; … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructBody {
    /// Its fields, in their order.
    pub fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The comments about it.
    pub comments: Comments,
    /// Its name and type.
    pub declaration: Declaration,
}

/// `switch (int kind) { case 1: …; default: …; }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnionBody {
    /// The number that says which arm there is.
    pub discriminant: Declaration,
    /// The arms, in their order.
    pub arms: Vec<Arm>,
    /// What is there for all other numbers, the last arm.
    pub default: Option<DefaultArm>,
}

impl UnionBody {
    /// What its arms hold.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &Declaration> {
        let arms = self.arms.iter().filter_map(|arm| arm.body.as_ref());
        arms.chain(self.default.iter().filter_map(|default| default.body.as_ref()))
    }
}

/// An arm of a union.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// The comments about it.
    pub comments: Comments,
    /// The numbers that it is for, one at least.
    pub cases: Vec<Value>,
    /// What it holds, or void.
    pub body: Option<Declaration>,
}

/// The arm for all other numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultArm {
    /// The comments about it.
    pub comments: Comments,
    /// What it holds, or void.
    pub body: Option<Declaration>,
}

/// `program NAME { version … } = 0x20000001;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What it is called.
    pub name: Name,
    /// Its versions, in their order.
    pub versions: Vec<Version>,
    /// Its number.
    pub number: Value,
}

/// `version NAME { … } = 1;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The comments about it.
    pub comments: Comments,
    /// What it is called.
    pub name: Name,
    /// Its procedures, in their order.
    pub procedures: Vec<Procedure>,
    /// Its number.
    pub number: Value,
}

/// `int NAME(int, bool) = 1;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// The comments about it.
    pub comments: Comments,
    /// What it is called.
    pub name: Name,
    /// What it gives, or void.
    pub result: Option<Type>,
    /// What it takes; nothing is void.
    pub arguments: Vec<Argument>,
    /// Its number.
    pub number: Value,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// What it is called, which rpcgen allows and the RFC does not.
    pub name: Option<Name>,
    /// What it is.
    pub type_: Type,
}
