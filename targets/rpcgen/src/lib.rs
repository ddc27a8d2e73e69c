//! Compiles `.x` files, the language of `rpcgen` (RFC 4506 §6, RFC 5531 §12), to Rust for `oncilla`.
//!
//! The generated Rust has the types, a client, a service trait, a table and all sizes as constants, for firmware and
//! hosts. C peers keep using `rpcgen` on the same files.
//!
//! # In a build script
//! `Cargo.toml`:
//!
//! ```toml
//! [dependencies]
//! heapless = "0.9" # Not with `Data::Heap`.
//! oncilla = "0.1"
//!
//! [build-dependencies]
//! oncilla-rpcgen = { version = "0.1", default-features = false }
//! ```
//!
//! `proto/sensor.x`:
//!
//! ```c
//! program SENSOR {
//!     version SENSOR_1 {
//!         int TEMPERATURE(unsigned int channel) = 1;
//!     } = 1;
//! } = 0x20000042;
//! ```
//!
//! `build.rs`, without options:
//!
//! ```no_run
//! fn main() -> Result<(), oncilla_rpcgen::Error> {
//!     oncilla_rpcgen::compile("proto/sensor.x")
//! }
//! ```
//!
//! `build.rs`, with [`Options`] for what the file does not state, such as bounds for `string<>`, borrowed data, or
//! procedures marked idempotent:
//!
//! ```no_run
//! use oncilla_rpcgen::{Data, Options};
//!
//! fn main() -> Result<(), oncilla_rpcgen::Error> {
//!     Options::new().data(Data::Borrowed).unbounded_bytes(64).idempotent("TEMPERATURE").compile("proto/sensor.x")
//! }
//! ```
//!
//! `src/lib.rs` includes the result. The module of an interface has the name of its version:
//!
//! ```ignore
//! #![no_std]
//!
//! pub mod sensor {
//!     include!(concat!(env!("OUT_DIR"), "/sensor.rs"));
//! }
//!
//! use sensor::sensor_1;
//!
//! pub struct Device;
//!
//! impl sensor_1::Service for Device {
//!     fn temperature(&mut self, channel: u32) -> i32 {
//!         channel as i32
//!     }
//! }
//!
//! pub static TABLE: oncilla::Table<Device> = oncilla::table![sensor_1::program()];
//! ```
//!
//! A procedure with several arguments needs `rpcgen -N` on the C side, because `rpcgen` alone accepts one argument. The
//! command `oncilla-rpcgen FILE.x -o FILE.rs` generates the same Rust as a build script.
//! With `--language python` it generates Python instead: [`Options::generate_python`]. With `--language c` it generates C for
//! `oncilla.h`, without an allocator: [`Options::generate_c`].
//!
//! # How types are translated
//!
//! | `.x` | Rust |
//! |---|---|
//! | `int`, `long`; `unsigned`; `hyper`; `unsigned hyper` | `i32`, `u32`, `i64`, `u64` |
//! | `char`, `short` and unsigned | `i8`, `u8`, `i16`, `u16`; four bytes on the wire. `oncilla::xdr::chars_to_text` and `text_to_chars` convert arrays of `char` to and from text. In arrays, `unsigned char` is a struct `UnsignedChar`, because a bare `u8` is opaque data there |
//! | `float`, `double`, `bool` | `f32`, `f64`, `bool` |
//! | `string<16>`, `opaque<16>` | `heapless::String<16>` and `heapless::Vec<u8, 16>`, or `&str` and `&[u8]`; with [`Options::strings_as_bytes`], strings are bytes too |
//! | `opaque[16]`, `int[4]`, `int[99]` | `[u8; 16]`, `[i32; 4]`, `oncilla::xdr::Array<i32, 99>` |
//! | `int<4>` | `heapless::Vec<i32, 4>` |
//! | `int *` | `Option<i32>` |
//! | `struct node { …; node *next; }` and `node *` | `oncilla::xdr::List<Node, N>`; `Node` has no link. A `node` that is not a pointer is a `NodeChain` of one or more nodes |
//! | `struct node { …; node *left; node *right; }` and other recursive types | a node, by `oncilla::xdr_node!`, and `NodeTree`, an `oncilla::xdr::Tree` with a root of this type; outside of the type, a pointer to it is an `Option<NodeTree>` |
//! | `enum`, `union`, `struct` | `oncilla::xdr_enum!`, `xdr_union!`, `xdr_struct!` |
//! | `const` | `usize` if it is used as a size, otherwise the first of `u32`, `i32`, `u64` and `i64` that holds it; `&str` for a text |
//! | `program`, `version` | `oncilla::program!`: a module with the name of each version, and a module with the largest sizes of each procedure's arguments and results |
//!
//! With [`Data::Heap`], for hosts, and `oncilla` with the feature `alloc`, other types differ. Their bounds stand beside the
//! type and are checked; `[..]` is no bound:
//!
//! | `.x` | Rust on the heap |
//! |---|---|
//! | `string<16>`, `string<>`; `opaque<16>` | `String [..16]`, `String [..]`; `Vec<u8> [..16]` |
//! | `int<4>`; `name names<4>` with `typedef string name<16>` | `Vec<i32> [..4]`; `Vec<Name> [..4] [..16]` |
//! | `struct node { …; node *next; }` and `node *` | `oncilla::xdr::VecList<Node> [..]`, of any length |
//! | `struct node { …; node *left; node *right; }` | `Node`, with `left: Option<Box<Node>> [..]` |
//! | `foo *`, an arm with a `foo` | `Option<Foo>`, `Arm(Foo)`; if a `Foo` takes more than 56 bytes, `Option<Box<Foo>>` and `Arm(Box<Foo>)` |
//! | `program` whose messages have no bound | the module has a limit, `MESSAGE_LIMIT`: [`Options::message_limit`]. There is no module with sizes of single procedures |
//!
//! - **Names** follow Rust's conventions: `nfs_fh` becomes `NfsFh`, keywords are escaped, and a name that two items
//!   would share gets a number. A prefix up to a `_` that all members of an enum share is removed (`FAN_ON`, `FAN_OFF`
//!   become `On`, `Off`), and so is `NFSPROC_` of procedures. The documentation of each item has its declaration in the
//!   file, and the comments directly above or after it.
//! - **Unions.** An arm has the name of its case. `default` is `Default` and holds the number that was received, also a
//!   number that its enum does not have. An enum alone refuses such numbers. An arm that several cases share has the
//!   name of its field, and also holds the number. A `bool` is `False` or `True`; other numbers are refused, in a
//!   discriminant as in a field.
//! - **Procedure 0** is not generated, because every server answers it. A procedure 0 with arguments or results, which
//!   `rpcgen` accepts, is left out with a note.
//! - **Bounds.** A list or an array takes the memory of its bound, for each element of an array around it.
//!   [`Options::list_nodes`] and [`Options::unbounded_elements`] set bounds for all lists and arrays,
//!   [`Options::bound`] for one. Where neither the file nor an option states a bound, the compiler assumes one, and
//!   larger values fail at run time. Cargo shows one warning with the number of assumed bounds; `oncilla-rpcgen
//!   --assumed FILE.x` lists them. Types of 512 KiB or more in memory are warnings too. Data on the heap need no bounds,
//!   and none are assumed.
//!
//! # The supported language
//! **RFC 4506 and RFC 5531:** all but `quadruple`, which Rust does not have.
//!
//! **`rpcgen`:** `unsigned` alone, `struct foo x`, `long`, `char`, `short`, C's names for integers (`u_int`,
//! `uint32_t`, `quad_t`, `longlong_t` …), `netobj`, `des_block`, `MAXNETNAMELEN`; several arguments, named arguments
//! and string arguments; enums without numbers, or with a number twice; text constants; use before definition. Also
//! types of RPC's headers: `wrapstring`, `opaque_auth`, `authsys_parms`, `netbuf`, `time_t`.
//!
//! **Lines that begin with `%`** are skipped with a note. A number or a type that such a line defines can be used as
//! with `rpcgen`: `%typedef unsigned long id;`, `%#define id uint32_t`, `%#define xdr_id xdr_u_int`. `%#include
//! "file.h"` reads `file.x` if it is found. [`Preprocessor`] describes the preprocessor.
//!
//! **xdrpp and xdrgen:** `//` comments, `namespace a { … }` and `a::name`. In Rust a name has no namespace, unless the
//! file uses the name in several.
//!
//! **Recursive types:** a struct or a union may contain itself through pointers, arrays, arms of unions and other
//! types. The file states no bound for that: [`Options::list_nodes`] and [`Options::tree_levels`] do, or
//! [`Options::bound`] and [`Options::levels`] for one type. The documentation of each tree states the memory that it
//! takes. On the heap, a tree has no bound of nodes. Without an option its levels count among the 32 by which a message
//! may be nested; with one, the type outside of the tree is a `NodeTree`, an `oncilla::xdr::Deep` with its own levels.
//!
//! # The syntax tree
//! [`parse_file`] and [`parse_text`] parse a file to a [`tree`] with its names, comments, numbers as they are written,
//! and places; its `Display` is a `.x` file again. [`check`] reports errors and resolves names, and [`generate`]
//! generates Rust. Other tools can use each step alone.
//!
//! # Devices that describe themselves
//! With [`Options::describe`], firmware contains the text of its interface, compressed with zlib, and a program that
//! returns it: number 0x3FFFDE5C, version 1, with procedures 1 (the size) and 2 (a piece), as defined by
//! [`DESCRIPTION_X`]. With the feature `read`, `read_description` reads the text and parses it like [`parse_received`].
//! A tool can so call a device without having its files: `examples/describe.rs`.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `command` | yes | the command `oncilla-rpcgen`; a build script does without it |
//! | `read` | no | `read_description` and `DescriptionReader`, and with it a dependency on `oncilla` |

mod assumed;
mod c;
mod check;
// For the command `oncilla`, which has the same options. Not for other programs.
#[cfg(feature = "command")]
#[doc(hidden)]
pub mod command;
mod compare;
mod compile;
mod description;
mod diagnostic;
mod excerpt;
mod generate;
mod harmless;
mod lex;
mod options;
mod parse;
mod print;
mod python;
mod source;
pub mod tree;

pub use check::{Counted, Defined, Interface, Meaning, Prelude, Unbounded, check};
pub use compare::{Agreement, Comparison, Difference, Part, compare};
pub use compile::{COutput, Error, Output, PythonOutput, compile};
pub use description::DESCRIPTION_X;
#[cfg(feature = "read")]
pub use description::{DescriptionReader, ReadError, read_description};
pub use diagnostic::{Diagnostic, Report, Severity};
pub use generate::generate;
pub use harmless::harmless;
pub use lex::Preprocessor;
pub use options::{Data, Description, Options};
pub use parse::{Parsed, parse_file, parse_received, parse_text};
pub use python::generate_python;
pub use source::{Place, Source, Sources};

/// What the compiler of `.proto` files shares with this one. Not for other programs.
#[doc(hidden)]
pub mod shared {
    pub use crate::generate::docs::escape;
    pub use crate::generate::words::{Used, snake};
    pub use crate::harmless::harmless;
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
