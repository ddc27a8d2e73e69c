//! Options of the compiler.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::check::Counted;
use crate::lex::Preprocessor;

/// Where strings, opaque data, arrays, lists and recursive types have their memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Data {
    /// `heapless::String` and `heapless::Vec`. A value can be kept, and takes the memory of its bound.
    #[default]
    Owned,
    /// `&str` and `&[u8]` in the receive buffer.
    ///
    /// Nothing is copied, and a bound costs no memory but room in the buffer. In arrays, linked lists and optional
    /// data, the data are owned.
    Borrowed,
    /// `String`, `Vec` and `Box`, for hosts. A value takes the memory of what it holds.
    ///
    /// Needs the feature `alloc` of `oncilla`. Bounds of the file are checked; where it states none, only the size of
    /// the message limits a value.
    Heap,
}

/// Whether firmware contains the text of its own interface, for hosts to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Description {
    /// No text.
    #[default]
    None,
    /// The text without comments.
    Bare,
    /// The text with comments.
    Commented,
}

/// Options of the compiler: `Options::new().data(Data::Borrowed).compile("proto/sensor.x")`.
///
/// In a build script:
///
/// ```no_run
/// use oncilla_rpcgen::{Data, Options};
///
/// fn main() -> Result<(), oncilla_rpcgen::Error> {
///     Options::new().data(Data::Borrowed).unbounded_bytes(64).compile("proto/sensor.x")
/// }
/// ```
///
/// Without files:
///
/// ```
/// let rust = oncilla_rpcgen::Options::new().generate_text("name.x", "typedef string name<16>;")?.rust;
/// assert!(rust.contains("pub type Name = heapless::String<16>;"));
/// # Ok::<(), oncilla_rpcgen::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) data: Data,
    pub(crate) strings_as_bytes: bool,
    pub(crate) bytes: u32,
    pub(crate) elements: u32,
    pub(crate) nodes: u32,
    pub(crate) levels: Option<u32>,
    pub(crate) levels_of: BTreeMap<String, u32>,
    pub(crate) bounds: BTreeMap<String, u32>,
    /// The kinds of bounds that an option sets for all items.
    pub(crate) chosen: Vec<Counted>,
    pub(crate) externals: BTreeMap<String, String>,
    pub(crate) oneway: Vec<String>,
    pub(crate) idempotent: Vec<String>,
    pub(crate) limit: Option<u32>,
    pub(crate) description: Description,
    /// What names of C begin with.
    pub(crate) prefix: String,
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
            levels: None,
            levels_of: BTreeMap::new(),
            bounds: BTreeMap::new(),
            chosen: Vec::new(),
            externals: BTreeMap::new(),
            oneway: Vec::new(),
            idempotent: Vec::new(),
            limit: None,
            description: Description::None,
            prefix: String::new(),
            preprocessor: Preprocessor::default(),
        }
    }
}

/// The assumed number of levels of a tree.
const LEVELS: u32 = 16;
/// The assumed limit of messages of data on the heap, in bytes.
const LIMIT: u32 = 4 << 20;

impl Options {
    /// Returns the number of levels of all trees for which no option states another.
    pub(crate) fn all_levels(&self) -> u32 {
        self.levels.unwrap_or(LEVELS)
    }

    /// Returns the number of levels of the trees of one recursive type.
    pub(crate) fn levels_in(&self, name: &str) -> u32 {
        self.levels_of.get(name).copied().unwrap_or_else(|| self.all_levels())
    }

    /// Returns the limit of messages of data on the heap.
    pub(crate) fn limit(&self) -> u32 {
        self.limit.unwrap_or(LIMIT)
    }
}

impl Options {
    /// Uses owned data, and where the file states no bound: 1024 bytes, 16 elements, 16 nodes, 16 levels of a tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether strings and opaque data are owned or borrowed.
    #[must_use]
    pub fn data(mut self, data: Data) -> Self {
        self.data = data;
        self
    }

    /// Generates `&[u8]` or `heapless::Vec<u8, N>` for strings, if `are` is true.
    ///
    /// For peers that send other encodings than UTF-8, for example as file names. As text, such strings would be
    /// refused. The wire format is the same.
    #[must_use]
    pub fn strings_as_bytes(mut self, are: bool) -> Self {
        self.strings_as_bytes = are;
        self
    }

    /// Sets the bound of `string<>` and `opaque<>` in bytes. At least 1.
    #[must_use]
    pub fn unbounded_bytes(mut self, bytes: u32) -> Self {
        self.bytes = bytes.max(1);
        self.chosen.push(Counted::Bytes);
        self
    }

    /// Sets the bound of arrays `<>` in elements. At least 1.
    #[must_use]
    pub fn unbounded_elements(mut self, elements: u32) -> Self {
        self.elements = elements.max(1);
        self.chosen.push(Counted::Elements);
        self
    }

    /// Sets the largest number of nodes of linked lists, and of other recursive types below their roots.
    ///
    /// At least 1; for recursive types at most 65 534. Recursive types on the heap have no such bound.
    #[must_use]
    pub fn list_nodes(mut self, nodes: u32) -> Self {
        self.nodes = nodes.max(1);
        self.chosen.push(Counted::Nodes);
        self
    }

    /// Sets the largest number of levels of recursive types below their roots, from 1 to 65 534.
    ///
    /// Decoding and encoding recurse once for each level, so this bounds the stack that a peer can use up. Linked lists
    /// have no levels.
    ///
    /// On the heap it is the nesting of pointers, arrays and unions from the root on, from 1 to 255. Without it, all
    /// types of a message together may be nested 32 levels deep.
    #[must_use]
    pub fn tree_levels(mut self, levels: u32) -> Self {
        self.levels = Some(levels.max(1));
        self
    }

    /// Sets the largest number of levels of one recursive type, by its name in the file.
    ///
    /// The number of its nodes is set by [`bound`](Self::bound).
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

    /// Sets the bound of one item for which the file states none. At least 1.
    ///
    /// | item | path |
    /// |---|---|
    /// | a field of a struct | `TYPE.FIELD` |
    /// | an arm of a union | `UNION.ARM` |
    /// | an argument | `PROCEDURE.ARGUMENT`, or its number from 1 if it has no name |
    /// | the results of a procedure | `PROCEDURE` |
    /// | a typedef | `TYPE` |
    /// | the nodes of a list or of a recursive type | `TYPE` |
    /// | a field in a body without a name | the names of the fields around it, then its own: `TYPE.FIELD.FIELD` |
    ///
    /// The largest bounds determine the largest call and reply, and so the buffers of both peers.
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

    /// Sets the Rust type of a name that the file uses and does not define.
    ///
    /// `path` is the type as seen from the generated module: `super::NisObject`, `heapless::String<100>`, `u32`. The
    /// type implements serde's traits, [`MaxSize`](https://docs.rs/oncilla), `Clone`, `Debug` and `PartialEq`, which
    /// the types around it derive. A value of a recursive type may be nested 31 levels deep, or as deep as
    /// `oncilla::xdr::Deep` around it allows.
    ///
    /// If the file defines the type itself, that is an error at its place.
    #[must_use]
    pub fn external(mut self, name: impl Into<String>, path: impl Into<String>) -> Self {
        self.externals.insert(name.into(), path.into());
        self
    }

    /// Marks a procedure one-way, by its name in the file: the server sends no reply (RFC 5531 §8).
    ///
    /// Its results must be `void`.
    #[must_use]
    pub fn oneway(mut self, procedure: impl Into<String>) -> Self {
        self.oneway.push(procedure.into());
        self
    }

    /// Marks a procedure idempotent, by its name in the file: it may be executed twice, and its replies are not
    /// remembered.
    #[must_use]
    pub fn idempotent(mut self, procedure: impl Into<String>) -> Self {
        self.idempotent.push(procedure.into());
        self
    }

    /// Sets the most bytes that the arguments or the results of one call may take, for data on the heap.
    ///
    /// At least 1. A server refuses longer arguments with GARBAGE_ARGS before it takes memory for them. An interface
    /// whose largest message would take 1 GiB or more needs a limit; if none is stated, it is 4 MiB, with a note.
    ///
    /// ```
    /// use oncilla_rpcgen::{Data, Options};
    ///
    /// let text = "program LOG { version LOG_1 { void LOG_WRITE(string line<>) = 1; } = 1; } = 0x20000001;";
    /// let rust = Options::new().data(Data::Heap).message_limit(65_536).generate_text("log.x", text)?.rust;
    /// assert!(rust.contains("pub mod log_1 = 0x20000001, version 1, limit MESSAGE_LIMIT {"));
    /// assert!(rust.contains("fn write(line: String [..]) = 1;"));
    /// # Ok::<(), oncilla_rpcgen::Error>(())
    /// ```
    #[must_use]
    pub fn message_limit(mut self, bytes: u32) -> Self {
        self.limit = Some(bytes.max(1));
        self
    }

    /// Also generates a module `description`: a program that returns the text of the interface.
    ///
    /// With it, a host can call the device without having its files. Any state serves the program. List it once in the
    /// table: `oncilla::table![sensor_1::program(), description::program()]`.
    ///
    /// **The text** is the output of the preprocessor, without lines for C, compressed with zlib if that makes it
    /// smaller. The text of `examples/sensor/sensor.x`, three procedures with comments, takes 489 bytes instead of 923.
    /// With it and the program, firmware of a Cortex-M3 takes 732 more bytes of flash and 32 more bytes of RAM, for the
    /// larger replies.
    ///
    /// **Limits.** The text has no Rust types, so types that are [`external`](Self::external) are missing. A device
    /// with several files includes them in one file by `#include "other.x"`.
    #[must_use]
    pub fn describe(mut self, description: Description) -> Self {
        self.description = description;
        self
    }

    /// Sets what all names of the generated C begin with: `"sensor_"` makes `sensor_reading` of `reading`.
    ///
    /// Constants and members of enums get it in capitals. Use it where names of the file are also names of the program.
    /// A prefix consists of letters, digits and `_`, and does not begin with a digit: other characters are left out.
    #[must_use]
    pub fn prefix(mut self, prefix: impl AsRef<str>) -> Self {
        let letters = prefix.as_ref().chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_');
        self.prefix = letters.skip_while(char::is_ascii_digit).collect();
        self
    }

    /// Defines a name for the preprocessor: `NAME` or `NAME=VALUE`.
    #[must_use]
    pub fn define(mut self, definition: impl Into<String>) -> Self {
        self.preprocessor = self.preprocessor.define(definition);
        self
    }

    /// Also searches this folder for included files.
    #[must_use]
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.preprocessor = self.preprocessor.include(folder);
        self
    }

    /// Replaces the preprocessor, with all its definitions and folders.
    #[must_use]
    pub fn preprocessor(mut self, preprocessor: Preprocessor) -> Self {
        self.preprocessor = preprocessor;
        self
    }
}
