//! The parts of types, for help, completion, tables and schemas.

use crate::interface::Interface;
use crate::schema::{self, Count, Kind};
use crate::type_::Type;

/// The parts of a type.
///
/// Parts are [`Type`]s, so a program decides how far it follows a recursive type.
///
/// ```
/// use oncilla_dynamic::{Interface, Shape};
///
/// let interface = Interface::parse(
///     "struct reading {
///          string place<16>; /* The room. */
///          int millidegrees;
///      };",
/// )?;
/// let Shape::Struct(fields) = interface.type_("reading")?.shape() else { panic!("not a struct") };
/// let lines: Vec<_> = fields.iter().map(|field| format!("{}: {}", field.name, field.type_)).collect();
/// assert_eq!(lines, ["place: string<16>", "millidegrees: int"]);
/// assert_eq!(fields[0].documentation, "The room.");
/// assert!(matches!(fields[1].type_.shape(), Shape::Integer { low: -0x8000_0000, high: 0x7fff_ffff, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape<'i> {
    /// `bool`
    Bool,
    /// An integer type.
    Integer {
        /// The name in the language, such as `unsigned int`.
        name: &'static str,
        /// The least value.
        low: i128,
        /// The largest value.
        high: i128,
    },
    /// `float`
    Float,
    /// `double`
    Double,
    /// `string<max>`
    Text {
        /// The largest number of bytes. `None` if the file states none.
        max: Option<u32>,
    },
    /// `opaque[size]`, with both numbers equal, or `opaque<max>`
    Opaque {
        /// The least number of bytes.
        min: u32,
        /// The largest number of bytes. `None` if the file states none.
        max: Option<u32>,
    },
    /// An array: `element[size]`, with both numbers equal, or `element<max>`
    Array {
        /// The type of an element.
        element: Type<'i>,
        /// The least number of elements.
        min: u32,
        /// The largest number of elements. `None` if the file states none.
        max: Option<u32>,
    },
    /// `type *`: a value or none.
    Optional(Type<'i>),
    /// An enum, with its members in the order of the file.
    Enum(Vec<Member<'i>>),
    /// A struct, with its fields in the order of the file.
    Struct(Vec<Field<'i>>),
    /// A linked list, whose JSON is an array of nodes.
    List {
        /// The struct of one node, without the link to the next.
        node: Type<'i>,
        /// The least number of nodes: 0 for a pointer, 1 for a node itself.
        min: u32,
    },
    /// A union.
    Union {
        /// The type that selects the case: a bool, an integer or an enum.
        discriminant: Type<'i>,
        /// The cases, in the order of the file.
        cases: Vec<Case<'i>>,
        /// The arm for all other numbers. Its name is `default`.
        default: Option<Case<'i>>,
    },
}

/// A member of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'i> {
    /// The name.
    pub name: &'i str,
    /// The number on the wire.
    pub number: i32,
    /// The comment in the file, which may be empty.
    pub documentation: &'i str,
}

/// A field of a struct, or an argument of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'i> {
    /// The name.
    pub name: &'i str,
    /// The type.
    pub type_: Type<'i>,
    /// Whether the value may be left out of an object: optional data and linked lists.
    pub optional: bool,
    /// The comment in the file, which may be empty.
    pub documentation: &'i str,
}

/// A case of a union.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case<'i> {
    /// The name in JSON.
    ///
    /// It is a member of the enum, a number, `true` or `false`; `default` for the default arm.
    pub name: String,
    /// The type of the value. `None` is void.
    pub body: Option<Type<'i>>,
    /// The name of the field in the file. Empty if the arm is void.
    pub field: &'i str,
    /// The comment in the file, which may be empty.
    pub documentation: &'i str,
}

impl<'i> Field<'i> {
    pub(crate) fn new(interface: &'i Interface, field: &'i schema::Field) -> Self {
        let optional = interface.schema.may_be_left_out(field.id);
        Self { name: &field.name, type_: Type::new(interface, field.id), optional, documentation: &field.documentation }
    }
}

/// Returns the shape of a type.
pub(crate) fn of(type_: Type<'_>) -> Shape<'_> {
    let (interface, schema) = (type_.interface, &type_.interface.schema);
    let at = |id| Type::new(interface, id);
    match schema.kind(type_.id) {
        Kind::Bool => Shape::Bool,
        Kind::Integer(integer) => Shape::Integer { name: integer.name, low: integer.low, high: integer.high },
        Kind::Float => Shape::Float,
        Kind::Double => Shape::Double,
        Kind::Text(bound) => Shape::Text { max: stated(*bound) },
        Kind::Opaque(count) => {
            let (min, max) = range(*count);
            Shape::Opaque { min, max }
        }
        Kind::Array(id, count) => {
            let (min, max) = range(*count);
            Shape::Array { element: at(*id), min, max }
        }
        Kind::Optional(id) => Shape::Optional(at(*id)),
        Kind::Enum(members) => Shape::Enum(
            members
                .members()
                .iter()
                .map(|member| Member {
                    name: &member.name,
                    number: member.number,
                    documentation: &member.documentation,
                })
                .collect(),
        ),
        Kind::Struct(fields) => Shape::Struct(fields.iter().map(|field| Field::new(interface, field)).collect()),
        Kind::List { node, optional } => Shape::List { node: at(*node), min: (!optional).into() },
        Kind::Union(union) => {
            let cases = union.cases().iter();
            let name = |number| union.case_name(schema, number).into_owned();
            Shape::Union {
                discriminant: at(union.discriminant),
                cases: cases.map(|case| of_arm(interface, name(case.number), &case.arm)).collect(),
                default: union.default.as_ref().map(|arm| of_arm(interface, "default".into(), arm)),
            }
        }
    }
}

fn of_arm<'i>(interface: &'i Interface, name: String, arm: &'i schema::Arm) -> Case<'i> {
    let body = arm.body.map(|id| Type::new(interface, id));
    Case { name, body, field: &arm.field, documentation: &arm.documentation }
}

/// Returns a bound, unless it is the largest number that a length can be.
fn stated(bound: u32) -> Option<u32> {
    (bound != u32::MAX).then_some(bound)
}

fn range(count: Count) -> (u32, Option<u32>) {
    match count {
        Count::Exactly(size) => (size, Some(size)),
        Count::AtMost(bound) => (0, stated(bound)),
    }
}
