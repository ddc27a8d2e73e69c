//! Estimates the memory of values: on a 32-bit processor, and of data on the heap on a 64-bit processor. The real layout
//! is rustc's.

use std::collections::HashMap;

use super::Generator;
use crate::check::{Defined, Meaning, Prelude};
use crate::options::Data;
use crate::tree::{Basic, Shape, Specifier, StructBody, Type, UnionBody, Value};

/// Size and alignment in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub size: u64,
    align: u64,
}

/// A number of 32 bits, or a number of elements.
const WORD: Layout = Layout::of(4);
/// A `Link`.
const LINK: Layout = Layout::of(2);
/// A `Box`, also an optional one.
const BOX: Layout = Layout::of(8);
/// A `String`, a `Vec` or a list on the heap.
const VEC: Layout = Layout { size: 24, align: 8 };
/// The size from which optional data and the contents of arms are in a `Box`.
///
/// With it no type takes more than 16 times its smallest encoding, so an array of small messages' parts, such as arms
/// without a value, does not take much more memory than the message.
const BOXED: u64 = 57;

impl Layout {
    const fn of(size: u64) -> Self {
        Self { size, align: size }
    }

    /// Returns the layout of `count` values side by side.
    fn times(self, count: u64) -> Self {
        Self { size: self.size.saturating_mul(count), align: self.align }
    }

    /// Returns the layout of at most `count` values and their number.
    fn counted(self, count: u64) -> Self {
        WORD.and(self.times(count)).padded()
    }

    /// Returns the layout of an optional value or a variant, with a tag of `tag` bytes.
    fn tagged(self, tag: u64) -> Self {
        self.and(Self::of(tag)).padded()
    }

    fn and(self, other: Self) -> Self {
        Self { size: self.size.saturating_add(other.size), align: self.align.max(other.align) }
    }

    fn or(self, other: Self) -> Self {
        Self { size: self.size.max(other.size), align: self.align.max(other.align) }
    }

    fn padded(self) -> Self {
        Self { size: self.size.checked_next_multiple_of(self.align.max(1)).unwrap_or(u64::MAX), ..self }
    }
}

/// The depth to which nested types are computed. A chain of types may be as long as the file.
const DEPTH_MAX: usize = 100;

/// The layouts of types. Each is computed once, because a type may be used many times.
#[derive(Default)]
pub(super) struct Layouts {
    known: HashMap<String, Layout>,
    /// The layouts of the elements of arenas, by group.
    held: HashMap<usize, Layout>,
    depth: usize,
}

impl Layouts {
    /// Returns the layout of a tree: its root, and `nodes` elements of the arena.
    pub fn tree(root: Layout, held: Layout, nodes: u64) -> Layout {
        held.counted(nodes).and(root).padded()
    }

    /// Returns the layout of the arena's elements, if it is known.
    pub fn held(&self, group: usize) -> Option<Layout> {
        self.held.get(&group).copied()
    }

    /// Computes the layout of an element that holds a node of any of these types.
    pub fn set_held(&mut self, group: usize, nodes: &[Layout]) -> Layout {
        let largest = nodes.iter().fold(Layout::default(), |largest, &node| largest.or(node));
        let held = if nodes.len() > 1 { largest.tagged(1) } else { largest };
        self.held.insert(group, held);
        held
    }

    /// Returns the size in bytes of a type, by its name in the file.
    pub fn size(&mut self, of: &Generator<'_, '_>, name: &str) -> u64 {
        self.named(of, name, None).size
    }

    /// Returns the layout of a node of a group, by its name in the file.
    pub fn root(&mut self, of: &Generator<'_, '_>, name: &str, group: usize) -> Layout {
        self.named(of, name, Some(group))
    }

    /// Returns the layout of a node of a group.
    pub fn node(&mut self, of: &Generator<'_, '_>, type_: &Type, group: usize) -> Layout {
        self.one(of, type_, Some(group))
    }

    fn type_(&mut self, of: &Generator<'_, '_>, type_: &Type, group: Option<usize>) -> Layout {
        let group = group.filter(|&group| of.interface.touches(type_, group));
        let bytes = matches!(type_.specifier, Specifier::String | Specifier::Opaque);
        let linked = group.is_some() && super::trees::node(of.interface, &of.names, type_).is_some();
        match &type_.shape {
            Shape::One => self.one(of, type_, group),
            Shape::Variable(_) if of.on_heap() => VEC,
            Shape::Optional if of.on_heap() && of.pointed_at(type_).is_some() => VEC,
            Shape::Optional if of.on_heap() && self.is_boxed(of, type_, group) => BOX,
            Shape::Optional if of.on_heap() => self.one(of, type_, group).tagged(1),
            Shape::Optional if linked => LINK,
            Shape::Optional if of.pointed_at(type_).is_some() => {
                self.one(of, type_, None).counted(of.options.nodes.into())
            }
            Shape::Optional => self.one(of, type_, group).tagged(1),
            Shape::Fixed(size) if bytes => Layout::of(1).times(number(of, size)),
            Shape::Fixed(size) => self.one(of, type_, group).times(number(of, size)),
            // A slice.
            Shape::Variable(_) if bytes && of.options.data == Data::Borrowed => WORD.times(2),
            Shape::Variable(bound) => {
                let unbounded = if bytes { of.options.bytes } else { of.options.elements };
                let unbounded = of.bounds.of_type(type_).unwrap_or(unbounded);
                let bound = bound.as_ref().map_or_else(|| unbounded.into(), |bound| number(of, bound));
                let element = match (bytes, linked) {
                    (true, _) => Layout::of(1),
                    (_, true) => LINK,
                    _ => self.one(of, type_, group),
                };
                element.counted(bound)
            }
        }
    }

    /// Returns whether what a pointer points to, or what an arm holds, is in a `Box`.
    pub fn is_boxed(&mut self, of: &Generator<'_, '_>, type_: &Type, group: Option<usize>) -> bool {
        let group = group.filter(|&group| of.interface.touches(type_, group));
        let is_body = super::trees::node(of.interface, &of.names, type_).is_some();
        match type_.shape {
            Shape::Optional if is_body && (group.is_some() || of.is_recursive(type_)) => true,
            Shape::Optional | Shape::One => of.is_plain(type_) && self.one(of, type_, group).size >= BOXED,
            Shape::Fixed(_) => of.is_plain(type_) && self.type_(of, type_, group).size >= BOXED,
            Shape::Variable(_) => false,
        }
    }

    fn one(&mut self, of: &Generator<'_, '_>, type_: &Type, group: Option<usize>) -> Layout {
        match &type_.specifier {
            // A list of one or more nodes.
            Specifier::Named(name) if of.on_heap() && of.interface.is_list(&name.text) => {
                self.named(of, &name.text, group).and(VEC).padded()
            }
            Specifier::Basic(basic) => of_basic(*basic),
            Specifier::Named(name) => self.named(of, &name.text, group),
            Specifier::Enum(_) => WORD,
            Specifier::Struct(body) => self.struct_(of, body, None, group),
            Specifier::Union(body) => self.union(of, body, group),
            Specifier::Opaque | Specifier::String => Layout::default(),
        }
    }

    fn named(&mut self, of: &Generator<'_, '_>, name: &str, group: Option<usize>) -> Layout {
        // In its group a name is a node, elsewhere a tree.
        let key = if group.is_some() { format!("{name} within") } else { name.to_owned() };
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        if self.depth == DEPTH_MAX {
            return Layout::default();
        }
        self.depth += 1;
        let layout = match of.interface.meaning(name) {
            Some(Meaning::Prelude(Prelude::Basic(basic))) => of_basic(basic),
            Some(Meaning::Prelude(Prelude::Fixed(size))) => Layout::of(1).times(size.into()),
            Some(Meaning::Prelude(Prelude::Variable(_))) if of.on_heap() => VEC,
            Some(Meaning::Prelude(Prelude::Variable(bound))) => Layout::of(1).counted(bound.into()),
            Some(Meaning::Defined(defined)) => match of.interface.group(name).filter(|_| group.is_none()) {
                Some(group) if of.on_heap() => self.named(of, name, Some(group)),
                Some(group) if of.interface.body_in_the_end(name).is_some() => {
                    self.named(of, name, Some(group)).and(of.held_layout(self, group).counted(of.nodes_of(name).into()))
                }
                _ => self.defined(of, name, defined, group),
            },
            Some(Meaning::External) | None => Layout::default(),
        };
        self.depth -= 1;
        self.known.insert(key, layout.padded());
        layout.padded()
    }

    fn defined(&mut self, of: &Generator<'_, '_>, name: &str, defined: Defined<'_>, group: Option<usize>) -> Layout {
        match defined {
            Defined::Typedef(declaration) => self.type_(of, &declaration.type_, group),
            Defined::Enum(_) => WORD,
            Defined::Struct(body) => self.struct_(of, body, Some(name), group),
            Defined::Union(body) => self.union(of, body, group),
        }
    }

    fn struct_(
        &mut self,
        of: &Generator<'_, '_>,
        body: &StructBody,
        name: Option<&str>,
        group: Option<usize>,
    ) -> Layout {
        let fields = of.fields(body, name).map(|field| self.type_(of, &field.declaration.type_, group));
        fields.fold(Layout::default(), Layout::and).padded()
    }

    fn union(&mut self, of: &Generator<'_, '_>, body: &UnionBody, group: Option<usize>) -> Layout {
        let mut of_arm = |type_: &Type| {
            let by_value = matches!(type_.shape, Shape::One | Shape::Fixed(_));
            let is_boxed = of.on_heap() && by_value && self.is_boxed(of, type_, group);
            if is_boxed { BOX } else { self.type_(of, type_, group) }
        };
        let largest = body.bodies().map(|arm| of_arm(&arm.type_)).fold(Layout::default(), Layout::or);
        // An arm for several numbers holds the received number.
        let several = body.default.is_some() || body.arms.iter().any(|arm| arm.cases.len() > 1);
        let number = if several { WORD } else { Layout::default() };
        largest.and(number).tagged(1)
    }
}

fn number(of: &Generator<'_, '_>, value: &Value) -> u64 {
    of.interface.value(value).ok().and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
}

fn of_basic(basic: Basic) -> Layout {
    Layout::of(match basic {
        Basic::Char | Basic::UnsignedChar | Basic::Bool => 1,
        Basic::Short | Basic::UnsignedShort => 2,
        Basic::Int | Basic::UnsignedInt | Basic::Float => 4,
        Basic::Hyper | Basic::UnsignedHyper | Basic::Double => 8,
    })
}
