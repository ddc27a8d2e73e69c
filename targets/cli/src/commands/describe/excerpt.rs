//! A definition and all that it uses, as a text that is an interface itself.

use std::collections::{HashMap, HashSet};

use oncilla_rpcgen::tree::{
    ConstantValue, Declaration, Definition, EnumBody, Item, Procedure, Program, Shape, Specification, Specifier, Type,
    UnionBody, Value, Version,
};

/// Returns the definition of a name, in capitals or small letters, with what it uses.
pub fn of_item(tree: &Specification, name: &str) -> Option<Specification> {
    let is = |same: &dyn Fn(&str) -> bool| {
        tree.items.iter().position(|item| item.definition.name().is_some_and(|name| same(&name.text)))
    };
    let found = is(&|text| text == name).or_else(|| is(&|text| text.eq_ignore_ascii_case(name)))?;
    Some(with_uses(tree, found, tree.items.get(found)?.clone()))
}

/// Returns the text of a definition alone.
pub fn declaration(tree: &Specification, name: &str) -> Option<String> {
    let item = tree.items.iter().find(|item| item.definition.name().is_some_and(|it| it.text == name))?;
    let text = Specification { items: vec![alone(item)], comments: Vec::new() }.to_string();
    Some(text.trim_end().to_owned())
}

/// Returns a procedure in its program and version, with the types that it uses.
pub fn of_procedure(tree: &Specification, [program, version, procedure]: [&str; 3]) -> Specification {
    let is_it = |item: &&Item| matches!(&item.definition, Definition::Program(it) if it.name.text == program);
    let mut item = None;
    for (index, candidate) in tree.items.iter().enumerate().filter(|(_, item)| is_it(item)) {
        let mut candidate = candidate.clone();
        if let Definition::Program(program) = &mut candidate.definition {
            keep(program, version, procedure);
            if !program.versions.is_empty() {
                item = Some((index, candidate));
            }
        }
    }
    item.map_or_else(Specification::default, |(index, item)| with_uses(tree, index, item))
}

/// Removes all procedures but one.
fn keep(program: &mut Program, version: &str, procedure: &str) {
    program.versions.retain(|it| it.name.text == version);
    for version in &mut program.versions {
        version.procedures.retain(|it| it.name.text == procedure);
    }
    program.versions.retain(|version| !version.procedures.is_empty());
}

/// Returns an item, in place of the one at `index`, after all that it uses.
fn with_uses(tree: &Specification, index: usize, item: Item) -> Specification {
    // The members of an enum are numbers too.
    let mut places = HashMap::new();
    for (place, item) in tree.items.iter().enumerate() {
        places.extend(item.definition.name().map(|name| (name.text.as_str(), place)));
        if let Definition::Enum(_, body) = &item.definition {
            places.extend(body.members.iter().map(|member| (member.name.text.as_str(), place)));
        }
    }
    let mut used = HashSet::from([index]);
    let mut left = Uses::of(&item);
    while let Some(name) = left.pop() {
        if let Some(&place) = places.get(name)
            && used.insert(place)
            && let Some(item) = tree.items.get(place)
        {
            left.extend(Uses::of(item));
        }
    }
    let kept = tree.items.iter().enumerate().filter(|(place, _)| used.contains(place));
    let items = kept.map(|(place, it)| alone(if place == index { &item } else { it })).collect();
    Specification { items, comments: Vec::new() }
}

/// Returns an item without comments before an empty line, such as a licence.
fn alone(item: &Item) -> Item {
    let mut item = item.clone();
    let before = &mut item.comments.before;
    let apart = before.iter().rposition(|comment| comment.apart).map_or(0, |place| place + 1);
    before.drain(..apart);
    item
}

/// Collects the names that a definition uses.
#[derive(Default)]
struct Uses<'t>(Vec<&'t str>);

impl<'t> Uses<'t> {
    fn of(item: &'t Item) -> Vec<&'t str> {
        let mut uses = Self::default();
        match &item.definition {
            Definition::Constant(constant) => {
                if let ConstantValue::Value(value) = &constant.value {
                    uses.value(value);
                }
            }
            Definition::Typedef(declaration) => uses.declaration(declaration),
            Definition::Enum(_, body) => uses.members(body),
            Definition::Struct(_, body) => body.fields.iter().for_each(|field| uses.declaration(&field.declaration)),
            Definition::Union(_, body) => uses.union(body),
            Definition::Program(program) => uses.program(program),
            Definition::Passed(_) => {}
        }
        uses.0
    }

    fn program(&mut self, program: &'t Program) {
        self.value(&program.number);
        for Version { number, procedures, .. } in &program.versions {
            self.value(number);
            for Procedure { number, result, arguments, .. } in procedures {
                self.value(number);
                result.iter().for_each(|type_| self.type_(type_));
                arguments.iter().for_each(|argument| self.type_(&argument.type_));
            }
        }
    }

    fn value(&mut self, value: &'t Value) {
        if let Value::Name(name) = value {
            self.0.push(&name.text);
        }
    }

    fn declaration(&mut self, declaration: &'t Declaration) {
        self.type_(&declaration.type_);
    }

    fn members(&mut self, body: &'t EnumBody) {
        body.members.iter().filter_map(|member| member.value.as_ref()).for_each(|value| self.value(value));
    }

    fn union(&mut self, body: &'t UnionBody) {
        self.declaration(&body.discriminant);
        for arm in &body.arms {
            arm.cases.iter().for_each(|value| self.value(value));
            arm.body.iter().for_each(|body| self.declaration(body));
        }
        body.default.iter().filter_map(|default| default.body.as_ref()).for_each(|body| self.declaration(body));
    }

    fn type_(&mut self, type_: &'t Type) {
        if let Shape::Fixed(value) | Shape::Variable(Some(value)) = &type_.shape {
            self.value(value);
        }
        match &type_.specifier {
            Specifier::Named(name) => self.0.push(&name.text),
            Specifier::Enum(body) => self.members(body),
            Specifier::Struct(body) => body.fields.iter().for_each(|field| self.declaration(&field.declaration)),
            Specifier::Union(body) => self.union(body),
            Specifier::Basic(_) | Specifier::Opaque | Specifier::String => {}
        }
    }
}
