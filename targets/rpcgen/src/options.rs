//! What the generated Rust is to be like.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::check::Counted;
use crate::lex::Preprocessor;

/// What strings and variable-length opaque data are in Rust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Data {
    /// `heapless::String` and `heapless::Vec`, which hold their bytes: a value may be kept, and takes the room of its
    /// bound.
    #[default]
    Owned,
    /// `&str` and `&[u8]` in the buffer that was received: nothing is copied, and a bound costs nothing but the buffer's
    /// room. Within arrays, linked lists of them and optional data they are owned all the same.
    Borrowed,
}

/// Whether firmware has the text of its own interface in it, for hosts to read back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Description {
    /// It has not.
    #[default]
    None,
    /// It has, without the comments.
    Bare,
    /// It has, with the comments.
    Commented,
}

/// Options of the compiler: `Options::new().data(Data::Borrowed).compile("proto/sensor.x")`.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) data: Data,
    pub(crate) strings_as_bytes: bool,
    pub(crate) bytes: u32,
    pub(crate) elements: u32,
    pub(crate) nodes: u32,
    pub(crate) levels: u32,
    pub(crate) levels_of: BTreeMap<String, u32>,
    pub(crate) bounds: BTreeMap<String, u32>,
    /// What an option states the bound of all of.
    pub(crate) chosen: Vec<Counted>,
    pub(crate) externals: BTreeMap<String, String>,
    pub(crate) oneway: Vec<String>,
    pub(crate) idempotent: Vec<String>,
    pub(crate) description: Description,
    pub(crate) preprocessor: Preprocessor,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data: Data::Owned,
            strings_as_bytes: false,
            bytes: 1024,
            elements: 16,
            nodes: 16,
            levels: 16,
            levels_of: BTreeMap::new(),
            bounds: BTreeMap::new(),
            chosen: Vec::new(),
            externals: BTreeMap::new(),
            oneway: Vec::new(),
            idempotent: Vec::new(),
            description: Description::None,
            preprocessor: Preprocessor::default(),
        }
    }
}

impl Options {
    /// Owned data; at most 1024 bytes, 16 elements, 16 nodes of a list or a tree and 16 levels of a tree where the file
    /// states no bound.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether data are owned or borrowed.
    #[must_use]
    pub fn data(mut self, data: Data) -> Self {
        self.data = data;
        self
    }

    /// Strings are bytes, `&[u8]` and `heapless::Vec<u8, N>`, for peers that send other encodings than UTF-8: names of
    /// files, say. As text they would be refused. On the wire it is the same.
    #[must_use]
    pub fn strings_as_bytes(mut self, are: bool) -> Self {
        self.strings_as_bytes = are;
        self
    }

    /// The most bytes of `string<>` and `opaque<>`, from 1.
    #[must_use]
    pub fn unbounded_bytes(mut self, bytes: u32) -> Self {
        self.bytes = bytes.max(1);
        self.chosen.push(Counted::Bytes);
        self
    }

    /// The most elements of arrays `<>`, from 1.
    #[must_use]
    pub fn unbounded_elements(mut self, elements: u32) -> Self {
        self.elements = elements.max(1);
        self.chosen.push(Counted::Elements);
        self
    }

    /// The most nodes of a linked list, from 1, and of another recursive type below its root, from 1 to 65 534.
    #[must_use]
    pub fn list_nodes(mut self, nodes: u32) -> Self {
        self.nodes = nodes.max(1);
        self.chosen.push(Counted::Nodes);
        self
    }

    /// The most levels of a recursive type below its root, from 1 to 65 534; linked lists have none. Decoding and encoding call
    /// themselves once a level, so this bounds the stack that a peer can use up.
    #[must_use]
    pub fn tree_levels(mut self, levels: u32) -> Self {
        self.levels = levels.max(1);
        self
    }

    /// The most levels of one recursive type alone, by its name in the file. Its nodes have a [`bound`](Self::bound).
    ///
    /// ```
    /// let options = oncilla_rpcgen::Options::new().bound("node", 100).levels("node", 12);
    /// let text = "struct node { int key; node *left; node *right; };";
    /// let rust = options.generate_text("tree.x", text)?.rust;
    /// assert!(rust.contains("pub type NodeTree = oncilla::xdr::Tree<Node, 100, 12>;"));
    /// # Ok::<(), oncilla_rpcgen::Error>(())
    /// ```
    #[must_use]
    pub fn levels(mut self, name: impl Into<String>, levels: u32) -> Self {
        self.levels_of.insert(name.into(), levels.max(1));
        self
    }

    /// The bound of one thing alone that the file states none for, from 1. It is called `TYPE.FIELD`, `UNION.ARM`, or
    /// `PROCEDURE.ARGUMENT`, where an argument without a name has its number, from 1; in a body without a name further
    /// names follow. Of a typedef, of a struct that is the node of a list, of a recursive type, whose nodes are counted,
    /// and of a procedure's results it is the name alone.
    ///
    /// The largest bounds make the largest call and reply, and by that the buffers of both ends.
    ///
    /// ```
    /// let options = oncilla_rpcgen::Options::new().bound("page.lines", 4).bound("line", 80);
    /// let text = "typedef string line<>; struct page { line lines<>; };";
    /// let rust = options.generate_text("page.x", text)?.rust;
    /// assert!(rust.contains("heapless::String<80>") && rust.contains("heapless::Vec<Line, 4>"));
    /// # Ok::<(), oncilla_rpcgen::Error>(())
    /// ```
    #[must_use]
    pub fn bound(mut self, path: impl Into<String>, bound: u32) -> Self {
        self.bounds.insert(path.into(), bound.max(1));
        self
    }

    /// A type that the file uses and does not define, but Rust: what it is called there, seen from the generated module
    /// (`super::NisObject`, `heapless::String<100>`, `u32`). It implements serde's traits and [`MaxSize`](https://docs.rs/oncilla), and
    /// `Clone`, `Debug` and `PartialEq`, which the types around it derive.
    ///
    /// A value of a type that is recursive may be nested 31 levels deep, or as deep as `oncilla::xdr::Deep` around it says.
    ///
    /// Where the file defines the type itself, that is an error at its place.
    #[must_use]
    pub fn external(mut self, name: impl Into<String>, path: impl Into<String>) -> Self {
        self.externals.insert(name.into(), path.into());
        self
    }

    /// A procedure, by its name in the file, that is never replied to (RFC 5531 §8). It gives void.
    #[must_use]
    pub fn oneway(mut self, procedure: impl Into<String>) -> Self {
        self.oneway.push(procedure.into());
        self
    }

    /// A procedure, by its name in the file, that does no harm when it is run twice.
    #[must_use]
    pub fn idempotent(mut self, procedure: impl Into<String>) -> Self {
        self.idempotent.push(procedure.into());
        self
    }

    /// Also makes a module `description`: a program that hands out the text of the interface, so that a host can call
    /// the device without having its files. Any state serves it; it need only be named in the table, once:
    /// `oncilla::table![sensor_1::program(), description::program()]`.
    ///
    /// The text is what the preprocessor leaves, without lines for C, packed by zlib where that makes it smaller. That
    /// of `examples/sensor/sensor.x`, three procedures and their comments, is 489 bytes instead of 923; with it and the
    /// program a Cortex-M3's firmware takes 732 bytes more of flash and 32 more of RAM, for the larger replies. It
    /// has no Rust types, so what is [`external`](Self::external) is missing in it. A device with several files
    /// includes them in one, `#include "other.x"`.
    #[must_use]
    pub fn describe(mut self, description: Description) -> Self {
        self.description = description;
        self
    }

    /// Defines a name for the preprocessor: `NAME` or `NAME=VALUE`.
    #[must_use]
    pub fn define(mut self, definition: impl Into<String>) -> Self {
        self.preprocessor = self.preprocessor.define(definition);
        self
    }

    /// Looks for included files in this folder, too.
    #[must_use]
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.preprocessor = self.preprocessor.include(folder);
        self
    }

    /// Another preprocessor, with all that is defined for it.
    #[must_use]
    pub fn preprocessor(mut self, preprocessor: Preprocessor) -> Self {
        self.preprocessor = preprocessor;
        self
    }
}
