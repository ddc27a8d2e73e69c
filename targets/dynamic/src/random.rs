//! Random values of a type, and its least value.

use serde_json::{Map, Value};

use crate::shape::Shape;
use crate::type_::Type;

/// The largest number of elements or bytes of variable size.
const VARIABLE_MAX: u32 = 8;

/// The level below which optional data are absent and variable sizes are 0.
const DEEP: usize = 6;

/// The level below which nothing is created: such types have no finite value.
const DEEPEST: usize = 64;

impl Type<'_> {
    /// Returns a value of the type, chosen by the numbers that `source` returns.
    ///
    /// For simulators and tests. All values within the bounds of the type are possible, but data of variable size have
    /// at most 8 bytes or elements. With a source that always returns 0, the value is the least: numbers are 0, lists
    /// and texts empty, optional data absent, and an enum or a union has its first member or case. Of arrays of a fixed
    /// size that are larger than the memory of [`Limits`](crate::Limits), only a part is made. [`encode`](Self::encode)
    /// refuses it.
    ///
    /// ```
    /// # use oncilla_dynamic::Interface;
    /// let interface = Interface::parse("struct reading { string place<16>; int millidegrees; };")?;
    /// let value = interface.type_("reading")?.random(&mut || 0);
    /// assert_eq!(value, serde_json::json!({"place": "", "millidegrees": 0}));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn random(&self, source: &mut dyn FnMut() -> u64) -> Value {
        let left = self.interface.format.limits.memory / size_of::<Value>();
        at(*self, 0, &mut Source { next: source, left })
    }
}

/// The numbers that choose a value.
struct Source<'s> {
    next: &'s mut dyn FnMut() -> u64,
    /// The number of values and bytes that may still be created.
    left: usize,
}

impl Source<'_> {
    /// Lowers a number of values or bytes to those that may still be created.
    fn take(&mut self, count: u32) -> u32 {
        let taken = usize::try_from(count).unwrap_or(usize::MAX).min(self.left);
        self.left -= taken;
        // No more than `count`.
        taken as u32
    }
}

fn at(type_: Type<'_>, level: usize, source: &mut Source<'_>) -> Value {
    if level > DEEPEST {
        return Value::Null;
    }
    let part = |type_, source: &mut Source<'_>| at(type_, level + 1, source);
    match type_.shape() {
        Shape::Bool => (below(2, source) == 1).into(),
        Shape::Integer { low, high, .. } => integer(low, high, source),
        Shape::Float | Shape::Double => (below(2_000_001, source) as f64 / 1000.0).into(),
        Shape::Text { max } => {
            let length = length(0, max, level, source);
            let letter = |_| char::from(b'a' + below(26, source) as u8);
            (0..length).map(letter).collect::<String>().into()
        }
        Shape::Opaque { min, max } => {
            let length = length(min, max, level, source);
            let bytes: Vec<_> = (0..length).map(|_| below(256, source) as u8).collect();
            type_.interface.format.bytes.write(&bytes).into()
        }
        Shape::Array { element, min, max } => {
            let length = length(min, max, level, source);
            (0..length).map(|_| part(element, source)).collect()
        }
        Shape::List { node, min } => {
            let length = length(min, None, level, source);
            (0..length).map(|_| part(node, source)).collect()
        }
        Shape::Optional(inner) => {
            let is_absent = level >= DEEP || below(2, source) == 0;
            let value = if is_absent { Value::Null } else { part(inner, source) };
            match type_.interface.schema.has_null(inner.id) {
                // Where `null` is a value of the data, optional data are an array of one element or none.
                true if is_absent => Value::Array(Vec::new()),
                true => vec![value].into(),
                false => value,
            }
        }
        Shape::Enum(members) => {
            members.get(below(members.len() as u64, source) as usize).map_or(Value::Null, |member| member.name.into())
        }
        Shape::Struct(fields) => {
            let fields = fields.iter().map(|field| (field.name.to_owned(), part(field.type_, source)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Shape::Union { discriminant, cases, default } => {
            let number = if level >= DEEP { 0 } else { below(cases.len() as u64, source) };
            let (name, body) = match (cases.get(number as usize), default) {
                (Some(case), _) => (case.name.clone(), case.body),
                // Without cases, every number is the default.
                (None, Some(default)) => (text(&part(discriminant, source)), default.body),
                (None, None) => return Value::Null,
            };
            let body = body.map_or(Value::Null, |body| part(body, source));
            Value::Object(Map::from_iter([(name, body)]))
        }
    }
}

/// Returns the name of a case.
fn text(discriminant: &Value) -> String {
    discriminant.as_str().map_or_else(|| discriminant.to_string(), ToOwned::to_owned)
}

/// Returns a number below `count`, or 0.
fn below(count: u64, source: &mut Source<'_>) -> u64 {
    (source.next)().checked_rem(count).unwrap_or_default()
}

/// Returns a number within the bounds. It is 0 for a source of 0, if that is within the bounds.
fn integer(low: i128, high: i128, source: &mut Source<'_>) -> Value {
    let span = high - low + 1;
    let number = (i128::from((source.next)()) - low.min(0)) % span + low;
    u64::try_from(number).map_or_else(|_| i64::try_from(number).unwrap_or_default().into(), Value::from)
}

/// Returns a number of bytes or elements.
///
/// A fixed number is unchanged, unless it exceeds what may still be created.
fn length(min: u32, max: Option<u32>, level: usize, source: &mut Source<'_>) -> u32 {
    let most = max.unwrap_or(u32::MAX).min(VARIABLE_MAX).max(min);
    let length = if level >= DEEP { min } else { min + below(u64::from(most - min) + 1, source) as u32 };
    source.take(length)
}
