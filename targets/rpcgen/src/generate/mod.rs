//! From a checked interface to Rust.
//!
//! The modules use each other in circles: each generates one kind of item, items contain each other, and all of them
//! are methods of one `Generator`.

pub(crate) mod bounds;
mod description;
pub(crate) mod docs;
mod heap;
mod items;
mod large;
mod memory;
pub(crate) mod names;
mod parts;
mod programs;
mod trees;
mod types;
mod values;
mod wire;
pub(crate) mod words;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use crate::check::Interface;
use crate::options::Options;
use crate::tree::{Definition, Field, StructBody};
use bounds::Bounds;
pub(crate) use large::large;
use memory::Layouts;
use names::Names;
pub(crate) use wire::assumes_limit;

/// The longest line that rustfmt leaves unchanged.
const WIDTH: usize = 100;

/// Generates Rust for an interface without errors, formatted like rustfmt. `file` is the name of the source in the
/// first line.
///
/// [`Options::generate`] does all steps.
#[must_use]
pub fn generate(interface: &Interface<'_>, file: &str, options: &Options) -> String {
    let generator = Generator::new(interface, options);
    generator.items();
    generator.description();
    let head = generator.head(file);
    head + &generator.text.into_inner()
}

struct Generator<'i, 't> {
    interface: &'i Interface<'t>,
    options: &'i Options,
    names: Names<'t>,
    bounds: Bounds,
    layouts: RefCell<Layouts>,
    /// Whether types have a lifetime, as far as known.
    borrowing: RefCell<HashMap<String, bool>>,
    needs_unsigned_char: Cell<bool>,
    needs_external: RefCell<BTreeSet<String>>,
    needs_unbounded: [Cell<bool>; 4],
    needs_limit: Cell<bool>,
    text: RefCell<String>,
}

impl<'i, 't> Generator<'i, 't> {
    fn new(interface: &'i Interface<'t>, options: &'i Options) -> Self {
        Self {
            interface,
            options,
            names: Names::new(interface, options),
            bounds: Bounds::new(interface, options),
            layouts: RefCell::default(),
            borrowing: RefCell::default(),
            needs_unsigned_char: Cell::default(),
            needs_external: RefCell::default(),
            needs_unbounded: Default::default(),
            needs_limit: Cell::default(),
            text: RefCell::default(),
        }
    }
}

impl Generator<'_, '_> {
    /// Returns the beginning of the file. It is generated last, when it is known what the file needs.
    fn head(&self, file: &str) -> String {
        let mut head = format!("// Generated from {file} by oncilla-rpcgen. Do not edit: changes are lost.\n\n");
        let externals = self.needs_external.borrow();
        for name in externals.iter() {
            let (rust, path) = (self.names.external(name), &self.options.externals[name]);
            let _ = match path.rsplit_once("::") {
                Some((_, last)) if last == rust => writeln!(head, "use {path};"),
                Some(_) if is_path(path) => writeln!(head, "use {path} as {rust};"),
                // A type with arguments, an array or a primitive.
                _ => writeln!(head, "type {rust} = {path};"),
            };
        }
        if !externals.is_empty() {
            head.push('\n');
        }
        let trees = !self.names.trees.is_empty();
        let nodes =
            if trees { "nodes in a linked list, and in a tree below its root" } else { "nodes in a linked list" };
        let bounds = [
            ("bytes in a string or in opaque data", self.options.bytes),
            ("elements in an array", self.options.elements),
            (nodes, self.options.nodes),
            ("levels in a tree below its root", self.options.all_levels()),
        ];
        for (which, (what, bound)) in bounds.into_iter().enumerate() {
            if self.needs_unbounded[which].get() {
                let name = &self.names.unbounded[which];
                let _ = write!(
                    head,
                    "/// The largest number of {what}, where the file states none.\npub const {name}: usize = {bound};\n\n"
                );
            }
        }
        if self.needs_limit.get() {
            let (name, limit) = (&self.names.limit, self.options.limit());
            let _ = write!(
                head,
                "/// The most bytes that the arguments or the results of one call may take.\npub const {name}: usize = {limit};\n\n"
            );
        }
        if self.needs_unsigned_char.get() {
            head += "oncilla::xdr_struct! {\n    /// An `unsigned char` in an array. It takes four bytes on the wire.\n    \
                     #[derive(Clone, Copy, Debug, PartialEq, Eq)]\n    pub struct UnsignedChar {\n        \
                     /// `unsigned char`\n        pub value: u8,\n    }\n}\n\n";
        }
        head
    }

    fn items(&self) {
        let mut programs = self.names.modules.iter();
        for item in self.interface.items() {
            match &item.definition {
                Definition::Constant(constant) => self.constant(constant, &item.comments),
                Definition::Typedef(declaration) => self.typedef(declaration, &item.comments),
                Definition::Enum(name, body) => {
                    let rust = self.names.type_(&name.text);
                    self.enum_(body, rust, &docs::lines(&item.comments, &format!("enum {}", name.text)));
                }
                Definition::Struct(name, body) => self.named_struct(&name.text, body, &item.comments),
                Definition::Union(name, body) => {
                    let (rust, group) = (self.names.type_(&name.text), self.interface.group(&name.text));
                    self.union(body, rust, group, &docs::lines(&item.comments, &format!("union {}", name.text)));
                    self.tree(&name.text);
                }
                Definition::Program(program) => {
                    let modules = programs.next().map_or(&[][..], Vec::as_slice);
                    self.program(program, modules, &item.comments);
                }
                Definition::Passed(_) => {
                    let given = self.interface.given(item).into_iter();
                    given.for_each(|declaration| self.typedef(declaration, &item.comments));
                }
            }
        }
    }

    /// Returns the fields of a struct, without the link if it is a node of a list.
    fn fields<'b>(&self, body: &'b StructBody, name: Option<&str>) -> impl Iterator<Item = &'b Field> {
        let link = name.is_some_and(|name| self.interface.is_list(name));
        body.fields.iter().take(body.fields.len() - usize::from(link))
    }

    /// Begins an item at the top level.
    fn separate(&self) {
        let mut text = self.text.borrow_mut();
        if !text.is_empty() {
            text.push('\n');
        }
    }

    fn line(&self, indent: usize, line: &str) {
        let mut text = self.text.borrow_mut();
        if !line.is_empty() {
            text.extend(std::iter::repeat_n("    ", indent));
            text.push_str(line);
        }
        text.push('\n');
    }

    fn docs(&self, indent: usize, lines: &[String]) {
        for line in lines {
            self.line(indent, if line.is_empty() { "///".to_owned() } else { format!("/// {line}") }.as_str());
        }
    }

    /// Writes `pub const NAME: u32 = value;` and the like, on two lines if it is too long for one.
    fn assign(&self, indent: usize, left: &str, right: &str) {
        if 4 * indent + left.len() + right.len() + " = ;".len() <= WIDTH {
            self.line(indent, &format!("{left} = {right};"));
        } else {
            self.line(indent, &format!("{left} ="));
            self.line(indent + 1, &format!("{right};"));
        }
    }
}

/// Returns whether a Rust type is a path, which `use` accepts.
fn is_path(type_: &str) -> bool {
    type_.chars().all(|character| character == '_' || character == ':' || character.is_alphanumeric())
}
