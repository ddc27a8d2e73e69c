//! Least and largest encoded sizes.
//!
//! Nothing here is recursive: types may contain themselves, and a chain of types may be as long as a file.

use super::{Count, Field, Id, Integer, Kind, Schema};
use crate::format::Payload;

/// The least and the largest encoded size of a value, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The least size.
    pub min: u64,
    /// The largest size. `None` if there is none, or if it does not fit 64 bits.
    pub max: Option<u64>,
}

/// The sizes of all types, in one payload encoding.
#[derive(Clone, Debug)]
pub(crate) struct Sizes(Vec<Size>);

impl Sizes {
    pub fn new(schema: &Schema, payload: Payload) -> Self {
        let measure = Measure { schema, payload };
        // A type contains itself only through parts that may be absent, so every type has a least size.
        let least = measure.each(needs, |kind, known| Some(measure.least(kind, known)));
        let largest = measure.each(holds, |kind, known| measure.largest(kind, known));
        let sizes = least.into_iter().zip(largest);
        Self(sizes.map(|(min, max)| Size { min: min.unwrap_or(u64::MAX), max }).collect())
    }

    pub fn of(&self, id: Id) -> Size {
        self.0[id]
    }
}

/// Returns the sum of the sizes of arguments, which are encoded one after another.
pub(crate) fn sum(sizes: &Sizes, fields: &[Field]) -> Size {
    let nothing = Size { min: 0, max: Some(0) };
    fields.iter().map(|field| sizes.of(field.id)).fold(nothing, |all, size| Size {
        min: all.min.saturating_add(size.min),
        max: all.max.zip(size.max).and_then(|(a, b)| a.checked_add(b)),
    })
}

struct Measure<'s> {
    schema: &'s Schema,
    payload: Payload,
}

impl Measure<'_> {
    /// Measures each type after its parts. Types that contain themselves through such parts stay without a size.
    fn each<T: Clone>(
        &self,
        parts: impl Fn(&Kind) -> Vec<Id>,
        size: impl Fn(&Kind, &[Option<T>]) -> Option<T>,
    ) -> Vec<Option<T>> {
        let kinds = self.schema.kinds();
        let (mut users, mut missing) = (vec![Vec::new(); kinds.len()], Vec::new());
        for (id, kind) in kinds.iter().enumerate() {
            let parts = parts(kind);
            missing.push(parts.len());
            parts.into_iter().for_each(|part| users[part].push(id));
        }
        let mut sizes = vec![None; kinds.len()];
        let mut ready: Vec<_> = (0..kinds.len()).filter(|&id| missing[id] == 0).collect();
        while let Some(id) = ready.pop() {
            sizes[id] = size(&kinds[id], &sizes);
            for &user in &users[id] {
                missing[user] -= 1;
                if missing[user] == 0 {
                    ready.push(user);
                }
            }
        }
        sizes
    }

    fn least(&self, kind: &Kind, known: &[Option<u64>]) -> u64 {
        let of = |id: &Id| known[*id].unwrap_or(u64::MAX);
        match kind {
            Kind::Opaque(Count::Exactly(size)) => self.run(*size),
            Kind::Text(_) | Kind::Opaque(Count::AtMost(_)) | Kind::Array(_, Count::AtMost(_)) => self.length(0),
            Kind::Array(_, Count::Exactly(0)) => 0,
            Kind::Array(id, Count::Exactly(size)) => of(id).saturating_mul((*size).into()),
            Kind::Optional(_) | Kind::List { optional: true, .. } => self.bool(),
            Kind::List { node, optional: false } => of(node).saturating_add(self.bool()),
            Kind::Struct(fields) => fields.iter().fold(0, |sum, field| u64::saturating_add(sum, of(&field.id))),
            Kind::Union(union) => {
                let body = union.bodies().map(|body| body.map_or(0, |id| of(&id))).min().unwrap_or(0);
                self.discriminant(union.discriminant).0.saturating_add(body)
            }
            other => self.one(other).0,
        }
    }

    fn largest(&self, kind: &Kind, known: &[Option<u64>]) -> Option<u64> {
        match kind {
            Kind::Text(u32::MAX) | Kind::Opaque(Count::AtMost(u32::MAX)) | Kind::Array(_, Count::AtMost(u32::MAX)) => {
                None
            }
            Kind::Opaque(Count::Exactly(size)) => Some(self.run(*size)),
            Kind::Text(bound) | Kind::Opaque(Count::AtMost(bound)) => Some(self.length(*bound) + self.run(*bound)),
            Kind::Array(_, Count::Exactly(0)) => Some(0),
            Kind::Array(_, Count::AtMost(0)) => Some(self.length(0)),
            Kind::Array(id, Count::Exactly(size)) => known[*id]?.checked_mul((*size).into()),
            Kind::Array(id, Count::AtMost(bound)) => {
                known[*id]?.checked_mul((*bound).into())?.checked_add(self.length(*bound))
            }
            Kind::Optional(id) => known[*id]?.checked_add(self.bool()),
            Kind::List { .. } => None,
            Kind::Struct(fields) => fields.iter().try_fold(0_u64, |sum, field| sum.checked_add(known[field.id]?)),
            Kind::Union(union) => {
                let mut bodies = union.bodies().map(|body| body.map_or(Some(0), |id| known[id]));
                let body = bodies.try_fold(0, |largest, body| Some(body?.max(largest)))?;
                self.discriminant(union.discriminant).1.checked_add(body)
            }
            other => Some(self.one(other).1),
        }
    }

    /// Returns the least and the largest size of a type without parts.
    fn one(&self, kind: &Kind) -> (u64, u64) {
        match (self.payload, kind) {
            (_, Kind::Double) => (8, 8),
            (Payload::Xdr, Kind::Integer(Integer { wide: true, .. })) => (8, 8),
            (_, Kind::Float) | (Payload::Xdr, _) => (4, 4),
            (Payload::Postcard, Kind::Integer(integer)) => match integer.bits() {
                8 => (1, 1),
                bits => (1, u64::from(bits).div_ceil(7)),
            },
            (Payload::Postcard, Kind::Enum(_)) => (1, 5),
            (Payload::Postcard, _) => (1, 1),
        }
    }

    /// Returns the least and the largest size of the number that selects an arm.
    fn discriminant(&self, id: Id) -> (u64, u64) {
        match (self.payload, self.schema.kind(id)) {
            // Numbers of arms have at least 32 bits, also those of a bool.
            (Payload::Postcard, Kind::Integer(Integer { wide: true, .. })) => (1, 10),
            (Payload::Postcard, Kind::Bool) => (1, 1),
            (Payload::Postcard, _) => (1, 5),
            (Payload::Xdr, kind) => self.one(kind),
        }
    }

    fn bool(&self) -> u64 {
        self.one(&Kind::Bool).0
    }

    fn length(&self, length: u32) -> u64 {
        match self.payload {
            Payload::Xdr => 4,
            Payload::Postcard => u64::from((u32::BITS - length.leading_zeros()).div_ceil(7).max(1)),
        }
    }

    fn run(&self, length: u32) -> u64 {
        match self.payload {
            Payload::Xdr => u64::from(length).next_multiple_of(4),
            Payload::Postcard => length.into(),
        }
    }
}

/// Returns the types that the smallest value of a type has as parts. A union has one of them.
fn needs(kind: &Kind) -> Vec<Id> {
    match kind {
        Kind::Array(_, Count::AtMost(_)) | Kind::Optional(_) | Kind::List { optional: true, .. } => Vec::new(),
        other => holds(other),
    }
}

/// Returns the types that values of a type can have as parts.
fn holds(kind: &Kind) -> Vec<Id> {
    match kind {
        Kind::Array(_, Count::Exactly(0) | Count::AtMost(0)) => Vec::new(),
        Kind::Array(id, _) | Kind::Optional(id) | Kind::List { node: id, .. } => vec![*id],
        Kind::Struct(fields) => fields.iter().map(|field| field.id).collect(),
        Kind::Union(union) => union.bodies().flatten().collect(),
        _ => Vec::new(),
    }
}
