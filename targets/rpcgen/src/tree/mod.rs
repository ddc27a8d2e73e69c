//! The syntax tree of a `.x` file after the preprocessor, in the order of the file.
//!
//! Names, numbers and comments are as written, and each node has its [`Place`]. Nothing is resolved or checked here;
//! that is [`Interface`](crate::Interface). `Display` of a [`Specification`] writes a `.x` file again, which parses to
//! the same tree.
//!
//! ```
//! use oncilla_rpcgen::tree::Definition;
//!
//! let parsed = oncilla_rpcgen::parse_text("a.x", "const SIZE = 0x10;", &oncilla_rpcgen::Preprocessor::default());
//! let Definition::Constant(constant) = &parsed.tree.items[0].definition else { panic!("not a constant") };
//! assert_eq!(constant.name.text, "SIZE");
//! ```

mod bare;
mod comments;
mod number;
mod passed;

use crate::source::Place;
pub use comments::{Comment, Comments};
pub use number::{Base, Number};
pub use passed::Passed;

/// A whole file, with all files that it includes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Specification {
    /// Definitions and lines for C, in the order of the file.
    pub items: Vec<Item>,
    /// Comments after the last item.
    pub comments: Vec<Comment>,
}

/// A definition, or a line for C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The comments before the item, and the one at its end.
    pub comments: Comments,
    /// The definition.
    pub definition: Definition,
    /// The place of the whole item.
    pub place: Place,
}

/// A definition at the top level of a file (RFC 4506 §6.3, RFC 5531 §12.2), or a line for C.
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
    /// `%…`: a line for the C compiler, with the lines that continue it after a backslash. A line within a definition
    /// is moved before it.
    Passed(Passed),
}

impl Definition {
    /// Returns the defined name. `None` for a line for C.
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

/// A name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name as written. In a namespace, and for items of a namespace, it is written in full: `space::name`.
    pub text: String,
    /// The place of the name.
    pub place: Place,
}

impl Name {
    /// Returns the namespace, which may be empty, and the name in it.
    #[must_use]
    pub fn split(&self) -> (&str, &str) {
        split(&self.text)
    }
}

/// Splits a full name into the namespace and the name in it.
pub(crate) fn split(name: &str) -> (&str, &str) {
    name.rsplit_once("::").unwrap_or(("", name))
}

/// A number, or a name that stands for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `7`
    Number(Number),
    /// A constant or a member of an enum.
    Name(Name),
}

impl Value {
    /// Returns the place of the value.
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
    /// The name of the constant.
    pub name: Name,
    /// The value of the constant.
    pub value: ConstantValue,
}

/// The value of a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstantValue {
    /// A number.
    Value(Value),
    /// A text without its quotes. RFC 4506 has only numbers; rpcgen also accepts texts.
    Text(String),
}

/// A use of a type, with the shape of the declared item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// The type of one element.
    pub specifier: Specifier,
    /// Whether there is one element, an optional one, or an array.
    pub shape: Shape,
    /// The place of the whole type.
    pub place: Place,
}

/// The number of elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `type name`: one.
    One,
    /// `type *name`: one or none.
    Optional,
    /// `type name[…]`: exactly this number.
    Fixed(Value),
    /// `type name<…>`: at most this number, or any number.
    Variable(Option<Value>),
}

/// The type of one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Specifier {
    /// A number or a bool.
    Basic(Basic),
    /// `opaque`, in a fixed or a variable shape.
    Opaque,
    /// `string`, in a variable shape.
    String,
    /// The name of another type. A keyword before it (`struct name`) is dropped.
    Named(Name),
    /// An enum without a name.
    Enum(EnumBody),
    /// A struct without a name.
    Struct(Box<StructBody>),
    /// A union without a name.
    Union(Box<UnionBody>),
}

/// A basic type of the language. `long` is `int`, as on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basic {
    /// `char`, a number that takes four bytes on the wire.
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

/// A name and its type: a field, a typedef, or the body of an arm of a union.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The declared name.
    pub name: Name,
    /// The type.
    pub type_: Type,
}

/// `{ MEMBER = 1, … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumBody {
    /// The members, in the order of the file.
    pub members: Vec<Member>,
}

/// A member of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The comments of the member.
    pub comments: Comments,
    /// The name of the member.
    pub name: Name,
    /// The number of the member. `None` means one more than the member before, which rpcgen accepts and the RFC does
    /// not.
    pub value: Option<Value>,
}

/// `{ int field; … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructBody {
    /// The fields, in the order of the file.
    pub fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The comments of the field.
    pub comments: Comments,
    /// The name and the type of the field.
    pub declaration: Declaration,
}

/// `switch (int kind) { case 1: …; default: …; }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnionBody {
    /// The number that selects the arm.
    pub discriminant: Declaration,
    /// The arms, in the order of the file.
    pub arms: Vec<Arm>,
    /// The arm for all other numbers. It is the last.
    pub default: Option<DefaultArm>,
}

impl UnionBody {
    /// Returns the bodies of all arms.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &Declaration> {
        let arms = self.arms.iter().filter_map(|arm| arm.body.as_ref());
        arms.chain(self.default.iter().filter_map(|default| default.body.as_ref()))
    }
}

/// An arm of a union.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// The comments of the arm.
    pub comments: Comments,
    /// The numbers that select this arm. At least one.
    pub cases: Vec<Value>,
    /// The content of the arm. `None` is void.
    pub body: Option<Declaration>,
}

/// The arm for all other numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultArm {
    /// The comments of the arm.
    pub comments: Comments,
    /// The content of the arm. `None` is void.
    pub body: Option<Declaration>,
}

/// `program NAME { version … } = 0x20000001;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The name of the program.
    pub name: Name,
    /// The versions, in the order of the file.
    pub versions: Vec<Version>,
    /// The number of the program.
    pub number: Value,
}

/// `version NAME { … } = 1;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The comments of the version.
    pub comments: Comments,
    /// The name of the version.
    pub name: Name,
    /// The procedures, in the order of the file.
    pub procedures: Vec<Procedure>,
    /// The number of the version.
    pub number: Value,
}

/// `int NAME(int, bool) = 1;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// The comments of the procedure.
    pub comments: Comments,
    /// The name of the procedure.
    pub name: Name,
    /// The type of the results. `None` is void.
    pub result: Option<Type>,
    /// The arguments. Empty for void.
    pub arguments: Vec<Argument>,
    /// The number of the procedure.
    pub number: Value,
}

/// An argument of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The name of the argument, which rpcgen accepts and the RFC does not.
    pub name: Option<Name>,
    /// The type of the argument.
    pub type_: Type,
}
