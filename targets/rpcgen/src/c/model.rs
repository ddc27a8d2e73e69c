//! The types of a file as C has them: what header, encoders and decoders are printed from.

use crate::tree::Basic;

/// A number of elements or bytes, and how it is written: as a constant of the file, or as a number.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub number: u64,
    pub shown: String,
}

impl Bound {
    /// Returns the size of an array in memory. C has no arrays without elements.
    pub fn size(&self) -> String {
        if self.number == 0 { "1".into() } else { self.shown.clone() }
    }
}

/// A value that is a member of a struct, an element, an argument or results.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A number or a bool.
    Basic(Basic),
    /// An enum, by its name in C.
    Enum(String),
    /// A struct with an encoder and a decoder, by its name in C.
    Type(String),
    /// `string<n>`
    Text(Bound),
    /// `opaque[n]`
    Bytes(Bound),
    /// `opaque<n>`
    Opaque(Bound),
    /// `type[n]`
    Array(Box<Kind>, Bound),
    /// `type<n>`
    Counted(Box<Kind>, Bound),
    /// `type *`
    Optional(Box<Kind>),
}

/// A member of a struct or of a union.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: String,
    pub kind: Kind,
    pub lines: Vec<String>,
}

/// A member of an enum.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub name: String,
    pub number: i32,
    pub lines: Vec<String>,
}

/// An arm of a union.
#[derive(Clone, Debug)]
pub(super) struct Arm {
    /// The cases as they are written in C. Empty for the default arm.
    pub cases: Vec<String>,
    /// The numbers of the cases.
    pub numbers: Vec<i128>,
    pub body: Option<Field>,
}

/// A type with a name in C.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub name: String,
    pub lines: Vec<String>,
    pub shape: Shape,
    /// Bytes of the largest encoding.
    pub size: u64,
    /// The macro with this number.
    pub size_macro: String,
}

/// What a type consists of.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// Another name. It has no functions.
    Alias(Kind),
    Enum(Vec<Member>),
    Struct(Vec<Field>),
    /// The discriminant, its kind, and the arms. The default arm is the last.
    Union(Field, Vec<Arm>),
    /// A typedef of an array, a string, opaque data or optional data: a struct that holds it.
    Wrapped(Kind),
    /// A linked list as an array of nodes, whose C type is named. `is_chain` if it has one node at least.
    List {
        node: String,
        bound: Bound,
        is_chain: bool,
    },
}

/// A procedure.
#[derive(Clone, Debug)]
pub(super) struct Procedure {
    /// The name in C, without that of the version.
    pub name: String,
    pub declaration: String,
    pub lines: Vec<String>,
    pub number: String,
    pub arguments: Vec<Field>,
    pub result: Option<Kind>,
    pub arguments_size: u64,
    pub results_size: u64,
    pub is_oneway: bool,
    pub is_idempotent: bool,
}

/// A version of a program.
#[derive(Clone, Debug)]
pub(super) struct Version {
    /// The name in C, before the names of its functions, and in capitals for its macros.
    pub name: String,
    pub capitals: String,
    pub shown: String,
    pub lines: Vec<String>,
    pub program: String,
    pub number: String,
    pub procedures: Vec<Procedure>,
}

/// A constant of the file.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    pub name: String,
    pub value: String,
    pub lines: Vec<String>,
}

/// All of a file.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub constants: Vec<Constant>,
    /// Each after those that it contains.
    pub types: Vec<Type>,
    pub versions: Vec<Version>,
}
