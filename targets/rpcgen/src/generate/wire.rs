//! Computes the largest encodings of types on the heap, to see which programs need a limit of messages.

use std::collections::HashMap;

use super::Generator;
use crate::check::{Counted, Defined, Interface, Meaning, Prelude};
use crate::options::Options;
use crate::tree::{Basic, Definition, Shape, Specifier, Type, UnionBody, Value, Version};

/// The size of a message from which `oncilla::program!` requires a limit, less the headers.
const LIMIT_FROM: u64 = (1 << 30) - 1024;
/// The size of what has no bound.
const ENDLESS: u64 = u64::MAX;
/// The depth to which nested types are computed. Deeper types are taken as having no bound.
const DEPTH_MAX: usize = 100;

/// The largest encodings of named types.
#[derive(Default)]
struct Encodings {
    known: HashMap<String, u64>,
    depth: usize,
}

/// Returns whether a message of the file has no bound, and no option states a limit.
pub(crate) fn assumes_limit(interface: &Interface<'_>, options: &Options) -> bool {
    let generator = Generator::new(interface, options);
    let programs = interface.items().filter_map(|item| match &item.definition {
        Definition::Program(program) => Some(program),
        _ => None,
    });
    let mut versions = programs.flat_map(|program| &program.versions);
    options.limit.is_none() && versions.any(|version| generator.is_limited(version))
}

impl Generator<'_, '_> {
    /// Returns whether the messages of a version have a limit: one that an option states, or one that they need.
    pub fn is_limited(&self, version: &Version) -> bool {
        self.on_heap() && (self.options.limit.is_some() || self.largest(version) >= LIMIT_FROM)
    }

    /// Returns the size of the largest arguments or results of a version.
    fn largest(&self, version: &Version) -> u64 {
        let mut encodings = Encodings::default();
        let sizes = version.procedures.iter().map(|procedure| {
            let arguments = encodings.sum(self, procedure.arguments.iter().map(|argument| &argument.type_));
            arguments.max(encodings.sum(self, procedure.result.iter()))
        });
        sizes.max().unwrap_or_default()
    }
}

impl Encodings {
    fn type_(&mut self, of: &Generator<'_, '_>, type_: &Type) -> u64 {
        let bytes = matches!(type_.specifier, Specifier::String | Specifier::Opaque);
        match &type_.shape {
            Shape::One => self.one(of, type_),
            Shape::Optional => match of.pointed_at(type_) {
                Some(node) => {
                    let nodes = of.bounds.of_list(node).or_else(|| chosen(of, Counted::Nodes));
                    times(self.named(of, node).saturating_add(4), nodes.map(u64::from)).saturating_add(4)
                }
                None => self.one(of, type_).saturating_add(4),
            },
            Shape::Fixed(size) if bytes => padded(number(of, size)),
            Shape::Fixed(size) => times(self.one(of, type_), Some(number(of, size))),
            Shape::Variable(bound) => {
                let kind = if bytes { Counted::Bytes } else { Counted::Elements };
                let stated = bound.as_ref().map(|bound| number(of, bound));
                let bound = stated.or_else(|| of.bounds.of_type(type_).or_else(|| chosen(of, kind)).map(u64::from));
                let elements = match bytes {
                    true => bound.map_or(ENDLESS, padded),
                    false => times(self.one(of, type_), bound),
                };
                elements.saturating_add(4)
            }
        }
    }

    fn one(&mut self, of: &Generator<'_, '_>, type_: &Type) -> u64 {
        match &type_.specifier {
            Specifier::Basic(basic) => of_basic(*basic),
            Specifier::Named(name) => self.named(of, &name.text),
            Specifier::Enum(_) => 4,
            Specifier::Struct(body) => self.sum(of, body.fields.iter().map(|field| &field.declaration.type_)),
            Specifier::Union(body) => self.union(of, body),
            Specifier::Opaque | Specifier::String => 0,
        }
    }

    fn named(&mut self, of: &Generator<'_, '_>, name: &str) -> u64 {
        if of.interface.is_recursive(name) || self.depth == DEPTH_MAX {
            return ENDLESS;
        }
        if let Some(&known) = self.known.get(name) {
            return known;
        }
        self.depth += 1;
        let size = match of.interface.meaning(name) {
            Some(Meaning::Prelude(Prelude::Basic(basic))) => of_basic(basic),
            Some(Meaning::Prelude(Prelude::Fixed(size))) => padded(size.into()),
            Some(Meaning::Prelude(Prelude::Variable(bound))) => padded(bound.into()).saturating_add(4),
            Some(Meaning::Defined(Defined::Typedef(declaration))) => self.type_(of, &declaration.type_),
            Some(Meaning::Defined(Defined::Enum(_))) => 4,
            Some(Meaning::Defined(Defined::Struct(body))) => {
                self.sum(of, of.fields(body, Some(name)).map(|field| &field.declaration.type_))
            }
            Some(Meaning::Defined(Defined::Union(body))) => self.union(of, body),
            // Its size is known to rustc alone.
            Some(Meaning::External) | None => 0,
        };
        self.depth -= 1;
        self.known.insert(name.to_owned(), size);
        size
    }

    fn sum<'t>(&mut self, of: &Generator<'_, '_>, types: impl Iterator<Item = &'t Type>) -> u64 {
        types.fold(0, |sum, type_| sum.saturating_add(self.type_(of, type_)))
    }

    fn union(&mut self, of: &Generator<'_, '_>, body: &UnionBody) -> u64 {
        let largest = body.bodies().map(|arm| self.type_(of, &arm.type_)).max();
        largest.unwrap_or(0).saturating_add(8)
    }
}

/// Returns the size of at most `bound` elements.
fn times(size: u64, bound: Option<u64>) -> u64 {
    bound.map_or(ENDLESS, |bound| size.saturating_mul(bound))
}

fn padded(bytes: u64) -> u64 {
    bytes.saturating_add(3) / 4 * 4
}

/// Returns the bound that an option states for all items of a kind.
fn chosen(of: &Generator<'_, '_>, kind: Counted) -> Option<u32> {
    of.options.chosen.contains(&kind).then_some(match kind {
        Counted::Bytes => of.options.bytes,
        Counted::Elements => of.options.elements,
        Counted::Nodes => of.options.nodes,
    })
}

fn number(of: &Generator<'_, '_>, value: &Value) -> u64 {
    of.interface.value(value).ok().and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
}

fn of_basic(basic: Basic) -> u64 {
    match basic {
        Basic::Hyper | Basic::UnsignedHyper | Basic::Double => 8,
        _ => 4,
    }
}
