//! From an interface to its plan, with the Python classes.

use std::collections::HashMap;

use oncilla_dynamic::{Case, Field as Of, Interface, Member, Procedure, Shape, Type};
use pyo3::call::PyCallArgs;
use pyo3::prelude::*;

use super::names::{OF_STRUCTS, arm_of, attributes_of, camel, names_of};
use super::put::field_names;
use super::{Arm, Enum, Field, Node, Plan, Selector, Union};

/// Builds the plan of an interface.
pub struct Builder<'i, 'p> {
    plan: Plan,
    known: HashMap<Type<'i>, usize>,
    /// The module that makes classes.
    types: Bound<'p, PyModule>,
    /// Classes that are there already.
    given: Classes,
    /// The names of structs that are nodes of linked lists, by the node: pointers to one may have names of their own.
    nodes: HashMap<Type<'i>, &'i str>,
}

/// Classes by the paths of their types in the file: `sample`, or `sample.part` for a type without a name.
pub type Classes = HashMap<String, Py<PyAny>>;

/// The names of a list of fields in the file and in Python, with annotations and comments.
type Row = (String, String, String, String);

impl<'i, 'p> Builder<'i, 'p> {
    pub fn new(py: Python<'p>, given: Classes) -> PyResult<Self> {
        let types = py.import("oncilla_rpc._types")?;
        Ok(Self { plan: Plan::default(), known: HashMap::new(), types, given, nodes: HashMap::new() })
    }

    /// Adds all named types of an interface.
    pub fn all(&mut self, interface: &'i Interface) -> PyResult<()> {
        for type_ in interface.types() {
            if let (Shape::List { node, min: 1 }, Some(name)) = (type_.shape(), type_.defined_name()) {
                self.nodes.insert(node, name);
            }
        }
        for type_ in interface.types() {
            let index = self.node(type_, "", "")?;
            let index = match (type_.shape(), self.plan.nodes.get(index)) {
                // The class is that of a node.
                (Shape::List { min: 1, .. }, Some(Node::Array { element, .. })) => *element,
                _ => index,
            };
            let py = self.types.py();
            let class = match self.plan.nodes.get(index) {
                Some(Node::Enum(Enum { class, .. }) | Node::Struct { class, .. }) => class.clone_ref(py),
                Some(Node::Union(union)) => union.class.clone_ref(py),
                _ => continue,
            };
            self.plan.classes.push((type_.name().unwrap_or_default().to_owned(), class));
        }
        Ok(())
    }

    pub fn finish(self) -> Plan {
        self.plan
    }

    /// Returns the class of a type: the one that is given, or one that `make` makes with its arguments.
    fn class(&self, path: &str, make: &str, arguments: impl PyCallArgs<'p>) -> PyResult<Bound<'p, PyAny>> {
        match self.given.get(path) {
            Some(class) => Ok(class.bind(self.types.py()).clone()),
            None => self.types.getattr(make)?.call1(arguments),
        }
    }

    /// Returns the index of a type. `owner` and `path` name a type that is declared where it is used, in Python and in
    /// the file.
    pub fn node(&mut self, type_: Type<'i>, owner: &str, path: &str) -> PyResult<usize> {
        if let Some(&index) = self.known.get(&type_) {
            return Ok(index);
        }
        let index = self.plan.nodes.len();
        self.plan.nodes.push(Node::Bool);
        self.known.insert(type_, index);
        let name = type_.defined_name().map_or_else(|| owner.to_owned(), camel);
        let path = type_.defined_name().unwrap_or(path);
        let node = match type_.shape() {
            Shape::Bool => Node::Bool,
            Shape::Integer { .. } => Node::Integer,
            Shape::Float | Shape::Double => Node::Real,
            Shape::Text { .. } => Node::Text,
            Shape::Opaque { .. } => Node::Opaque,
            Shape::Array { element, max, .. } => {
                let max = max.map_or(usize::MAX, |max| max as usize);
                Node::Array { element: self.node(element, &name, path)?, max }
            }
            Shape::List { node, .. } => {
                let named = self.nodes.get(&node).map(|path| (camel(path), *path));
                let (name, path) = named.as_ref().map_or((&*name, path), |(name, path)| (&**name, *path));
                Node::Array { element: self.node(node, name, path)?, max: usize::MAX }
            }
            Shape::Optional(inner) => {
                let nested = matches!(inner.shape(), Shape::Optional(_));
                Node::Optional { inner: self.node(inner, &name, path)?, nested }
            }
            Shape::Enum(members) => self.enum_((&name, path), &members, type_.documentation())?,
            Shape::Struct(fields) => self.struct_((&name, path), &fields, type_.documentation())?,
            Shape::Union { discriminant, cases, default } => {
                self.union((&name, path), discriminant, &cases, default.as_ref(), type_.documentation())?
            }
        };
        if let Some(place) = self.plan.nodes.get_mut(index) {
            *place = node;
        }
        Ok(index)
    }

    /// Returns the fields of a struct, or the arguments of a procedure.
    pub fn fields(&mut self, fields: &[Of<'i>], owner: &str, path: &str) -> PyResult<Vec<Field>> {
        self.fields_with(names_of(fields.iter().map(|field| field.name)), fields, owner, path)
    }

    fn fields_with(&mut self, names: Vec<String>, fields: &[Of<'i>], owner: &str, path: &str) -> PyResult<Vec<Field>> {
        let of = |(field, attribute): (&Of<'i>, String)| {
            let inner = format!("{path}.{}", field.name);
            let node = self.node(field.type_, &format!("{owner}{}", camel(field.name)), &inner)?;
            Ok(Field { name: field.name.to_owned(), attribute, node, optional: field.optional })
        };
        fields.iter().zip(names).map(of).collect()
    }

    fn enum_(&self, (name, path): (&str, &str), members: &[Member<'_>], documentation: &str) -> PyResult<Node> {
        let names = names_of(members.iter().map(|member| member.name));
        let rows: Vec<(String, i32)> = names.iter().cloned().zip(members.iter().map(|member| member.number)).collect();
        let comments = table(members.iter().zip(&names).map(|(member, name)| (name.as_str(), member.documentation)));
        let class = self.class(path, "make_enum", (name, rows, join(documentation, &comments)))?;
        let (mut by_name, mut by_number, mut renamed) = (HashMap::new(), HashMap::new(), HashMap::new());
        for member in members {
            let value = class.call1((member.number,))?;
            let name: String = value.getattr("name")?.extract()?;
            if name != member.name {
                renamed.entry(name).or_insert_with(|| member.name.to_owned());
            }
            by_name.insert(member.name.to_owned(), value.unbind());
            by_number.entry(i64::from(member.number)).or_insert_with(|| member.name.to_owned());
        }
        Ok(Node::Enum(Enum { class: class.unbind(), by_name, by_number, renamed }))
    }

    fn struct_(&mut self, (name, path): (&str, &str), fields: &[Of<'i>], documentation: &str) -> PyResult<Node> {
        let names = attributes_of(fields.iter().map(|field| field.name), &OF_STRUCTS);
        let mut plan = self.fields_with(names, fields, name, path)?;
        let row = |(of, field): (&Of<'i>, &Field)| -> Row {
            (
                of.name.to_owned(),
                field.attribute.clone(),
                annotation(of.type_, &format!("{name}{}", camel(of.name))),
                of.documentation.to_owned(),
            )
        };
        let rows: Vec<Row> = fields.iter().zip(&plan).map(row).collect();
        let optional: Vec<bool> = plan.iter().map(|field| field.optional).collect();
        let class = self.class(path, "make_struct", (name, rows, optional, documentation))?;
        // A generated class may have chosen other names.
        if let Some(names) = field_names(&class)
            && names.len() == plan.len()
        {
            plan.iter_mut().zip(names).for_each(|(field, name)| field.attribute = name);
        }
        Ok(Node::Struct { class: class.unbind(), fields: plan })
    }

    fn union(
        &mut self,
        (name, path): (&str, &str),
        discriminant: Type<'i>,
        cases: &[Case<'i>],
        default: Option<&Case<'i>>,
        documentation: &str,
    ) -> PyResult<Node> {
        let index = self.node(discriminant, &format!("{name}Case"), &format!("{path}.case"))?;
        let selector = match self.plan.nodes.get(index) {
            Some(Node::Enum(_)) => Selector::Enum(index),
            Some(Node::Integer) => Selector::Integer,
            _ => Selector::Bool,
        };
        let body = |builder: &mut Self, case: &Case<'i>| {
            let (inner, path) = (format!("{name}{}", camel(case.field)), format!("{path}.{}", case.field));
            case.body.map(|body| builder.node(body, &inner, &path)).transpose()
        };
        let mut nodes = HashMap::new();
        for case in cases {
            nodes.insert(case.name.clone(), body(self, case)?);
        }
        let of_default = default.map(|case| body(self, case)).transpose()?;
        let names: Vec<_> = cases.iter().chain(default).map(|case| arm_of(case)).collect();
        let mut arms = HashMap::new();
        for (case, attribute) in cases.iter().chain(default).zip(&names).filter(|(case, _)| case.body.is_some()) {
            arms.insert(case.name.clone(), Arm { name: case.field.to_owned(), attribute: attribute.clone() });
        }
        // The names of cases are those of the members in Python.
        let py = self.types.py();
        let name_of = |case: &Case<'i>| match self.plan.nodes.get(index) {
            Some(Node::Enum(members)) => {
                let member = members.by_name.get(&case.name).and_then(|member| member.getattr(py, "name").ok());
                member.and_then(|name| name.extract(py).ok()).unwrap_or_else(|| case.name.clone())
            }
            _ => case.name.clone(),
        };
        let row = |(case, attribute): (&Case<'i>, &String)| -> Row {
            let type_ = case
                .body
                .map_or_else(|| "None".to_owned(), |body| annotation(body, &format!("{name}{}", camel(case.field))));
            (name_of(case), attribute.clone(), type_, case.documentation.to_owned())
        };
        let rows: Vec<Row> = cases.iter().chain(default).zip(&names).map(row).collect();
        let class = self.class(
            path,
            "make_union",
            (name, annotation(discriminant, &format!("{name}Case")), rows, documentation),
        )?;
        Ok(Node::Union(Box::new(Union { class: class.unbind(), selector, cases: nodes, default: of_default, arms })))
    }
}

/// Returns the type of a value in Python's words.
///
/// `owner` is the name of a class that is declared where it is used.
fn annotation(type_: Type<'_>, owner: &str) -> String {
    let name = type_.defined_name().map_or_else(|| owner.to_owned(), camel);
    match type_.shape() {
        Shape::Bool => "bool".to_owned(),
        Shape::Integer { .. } => "int".to_owned(),
        Shape::Float | Shape::Double => "float".to_owned(),
        Shape::Text { .. } => "str".to_owned(),
        Shape::Opaque { .. } => "bytes".to_owned(),
        // A recursive type has a name, so this ends.
        Shape::Array { element, .. } | Shape::List { node: element, .. } => {
            format!("list[{}]", element_of(element, &name))
        }
        Shape::Optional(inner) => format!("{} | None", element_of(inner, &name)),
        Shape::Enum(_) | Shape::Struct(_) | Shape::Union { .. } => name,
    }
}

/// Returns the annotation of a part, by its name if it has a class.
fn element_of(type_: Type<'_>, owner: &str) -> String {
    match (type_.shape(), type_.name()) {
        (Shape::Array { .. } | Shape::List { .. }, Some(_)) => "list".to_owned(),
        (Shape::Optional(_), Some(name)) => format!("{} | None", camel(name)),
        _ => annotation(type_, owner),
    }
}

/// Returns the comments of a type with those of its parts.
fn table<'t>(parts: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let line = |(name, comment): (&str, &str)| format!("{name}: {}", comment.replace('\n', " "));
    parts.filter(|(_, comment)| !comment.is_empty()).map(line).collect::<Vec<_>>().join("\n")
}

fn join(first: &str, second: &str) -> String {
    [first, second].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Returns the lines of a docstring: the declaration, the comment, and the arguments with theirs.
pub fn docstring(procedure: &Procedure<'_>, name: &str, arguments: &[Field]) -> String {
    let fields: Vec<_> = procedure.argument_fields().collect();
    let signature: Vec<String> = fields
        .iter()
        .zip(arguments)
        .map(|(field, argument)| format!("{}: {}", argument.attribute, annotation(field.type_, &camel(field.name))))
        .collect();
    let result = procedure.result().map_or_else(|| "None".to_owned(), |result| annotation(result, "Result"));
    let comments =
        table(fields.iter().zip(arguments).map(|(field, argument)| (argument.attribute.as_str(), field.documentation)));
    let head = format!("{name}({}) -> {result}", signature.join(", "));
    join(
        &join(&head, procedure.documentation()),
        &join(&comments, &format!("Declared as: {}", procedure.declaration())),
    )
}
