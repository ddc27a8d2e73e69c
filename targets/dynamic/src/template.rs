//! Templates: values to fill in.

use serde_json::{Map, Value};

use crate::error::ValueError;
use crate::interface::Interface;
use crate::procedure::Procedure;
use crate::schema::{Count, Field, Id, Kind, Union};
use crate::type_::Type;

/// The estimated memory of a value, and of an object's entry without its name.
const VALUE: usize = size_of::<Value>();
const ENTRY: usize = 3 * VALUE;

type Result<T> = std::result::Result<T, ValueError>;

impl Procedure<'_> {
    /// Returns arguments to fill in, as an object with their names.
    ///
    /// They can be encoded as they are.
    ///
    /// Numbers are 0, texts and lists are empty, optional data are `null`. An enum has its first member, and a union its
    /// first case.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// let text = "struct reading { string place<16>; int millidegrees; opaque id[2]; };
    ///             program P { version V { void P_WRITE(reading what) = 1; } = 1; } = 0x20000042;";
    /// let interface = oncilla_dynamic::Interface::parse(text)?;
    /// let template = interface.procedure("write")?.template()?;
    /// assert_eq!(template, json!({"what": {"place": "", "millidegrees": 0, "id": "0000"}}));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The template exceeds [`Limits`](crate::Limits): an array of a fixed size is very large.
    pub fn template(&self) -> Result<Value> {
        Maker::new(self.interface).fields(&self.data.arguments)
    }
}

impl Type<'_> {
    /// Returns a value to fill in. See [`Procedure::template`].
    ///
    /// # Errors
    /// The template exceeds [`Limits`](crate::Limits).
    pub fn template(&self) -> Result<Value> {
        Maker::new(self.interface).value(self.id)
    }
}

/// Creates values.
///
/// Required parts of a type never contain the type itself, so each value is finite.
struct Maker<'i> {
    interface: &'i Interface,
    depth: usize,
    /// The memory that may still be taken.
    memory: usize,
}

impl<'i> Maker<'i> {
    fn new(interface: &'i Interface) -> Self {
        Self { interface, depth: 0, memory: interface.format.limits.memory }
    }

    fn value(&mut self, id: Id) -> Result<Value> {
        let limits = self.interface.format.limits;
        self.take(VALUE)?;
        if self.depth >= limits.depth {
            return Err(exceeded(format!("a template with at most {} levels of nested values", limits.depth)));
        }
        self.depth += 1;
        let schema = &self.interface.schema;
        let value = match schema.kind(id) {
            Kind::Bool => false.into(),
            Kind::Integer(_) => 0.into(),
            Kind::Float | Kind::Double => 0.0.into(),
            Kind::Text(_) | Kind::Opaque(Count::AtMost(_)) => "".into(),
            Kind::Opaque(Count::Exactly(size)) => self.zeros(*size)?,
            Kind::Array(_, Count::AtMost(_)) | Kind::List { optional: true, .. } => Value::Array(Vec::new()),
            Kind::Array(id, Count::Exactly(size)) => self.array(*id, *size)?,
            Kind::Optional(id) if schema.has_null(*id) => Value::Array(Vec::new()),
            Kind::Optional(_) => Value::Null,
            Kind::Enum(members) => members.names().next().unwrap_or_default().into(),
            Kind::Struct(fields) => self.fields(fields)?,
            Kind::List { node, optional: false } => vec![self.value(*node)?].into(),
            Kind::Union(union) => self.union(union)?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn fields(&mut self, fields: &[Field]) -> Result<Value> {
        let mut object = Map::new();
        for field in fields {
            self.take(ENTRY + field.name.len())?;
            object.insert(field.name.clone(), self.value(field.id)?);
        }
        Ok(object.into())
    }

    fn zeros(&mut self, size: u32) -> Result<Value> {
        self.take(2 * size as usize)?;
        Ok(self.interface.format.bytes.write(&vec![0; size as usize]).into())
    }

    fn array(&mut self, id: Id, size: u32) -> Result<Value> {
        let mut elements = Vec::new();
        for _ in 0..size {
            elements.push(self.value(id)?);
        }
        Ok(elements.into())
    }

    /// Returns the first case, which every union has.
    fn union(&mut self, union: &Union) -> Result<Value> {
        let number = union.cases().first().map_or(0, |case| case.number);
        let name = union.case_name(&self.interface.schema, number).into_owned();
        self.take(ENTRY + name.len())?;
        let value = union.arm(number).flatten().map_or(Ok(Value::Null), |id| self.value(id))?;
        Ok(Value::Object(Map::from_iter([(name, value)])))
    }

    fn take(&mut self, bytes: usize) -> Result<()> {
        let limit = self.interface.format.limits.memory;
        let left = self.memory.checked_sub(bytes);
        self.memory = left.ok_or_else(|| exceeded(format!("a template that takes at most {limit} bytes of memory")))?;
        Ok(())
    }
}

fn exceeded(expected: String) -> ValueError {
    ValueError { path: String::new(), expected, found: "more".into(), similar: None, offset: None }
}
