//! Compiles `.x` files, the language of `rpcgen` (RFC 4506 §6, RFC 5531 §12), to Rust for `oncilla`: types, client,
//! service trait, table, and every size as a constant, for firmware and hosts alike. C peers run `rpcgen` on the same
//! files.
//!
//! # In a build script
//!
//! ```toml
//! [dependencies]
//! heapless = "0.9"
//! oncilla = "0.1"
//!
//! [build-dependencies]
//! oncilla-rpcgen = { version = "0.1", default-features = false }
//! ```
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), oncilla_rpcgen::Error> {
//!     oncilla_rpcgen::compile("proto/sensor.x")
//! }
//! ```
//!
//! ```ignore
//! // src/lib.rs
//! pub mod sensor {
//!     include!(concat!(env!("OUT_DIR"), "/sensor.rs"));
//! }
//! ```
//!
//! [`Options`] say what the file does not: whether data are owned or borrowed, what bounds `string<>` and the like have,
//! which procedures are one-way. The command `oncilla-rpcgen FILE.x -o FILE.rs` does the same.
//!
//! # What becomes of what
//!
//! | `.x` | Rust |
//! |---|---|
//! | `int`, `long`; `unsigned`; `hyper`; `unsigned hyper` | `i32`, `u32`, `i64`, `u64` |
//! | `char`, `short` and unsigned | `i8`, `u8`, `i16`, `u16`; four bytes on the wire. Arrays of `char` are text by `oncilla::xdr::chars_to_text` and `text_to_chars`. In arrays `u8` is a struct `UnsignedChar`, as a bare `u8` there is opaque data |
//! | `float`, `double`, `bool` | `f32`, `f64`, `bool` |
//! | `string<16>`, `opaque<16>` | `heapless::String<16>` and `heapless::Vec<u8, 16>`, or `&str` and `&[u8]`; strings are bytes, too, with [`Options::strings_as_bytes`] |
//! | `opaque[16]`, `int[4]`, `int[99]` | `[u8; 16]`, `[i32; 4]`, `oncilla::xdr::Array<i32, 99>` |
//! | `int<4>` | `heapless::Vec<i32, 4>` |
//! | `int *` | `Option<i32>` |
//! | `struct node { …; node *next; }` and `node *` | `oncilla::xdr::List<Node, N>`; `Node` is without its link. Where a `node` stands that is no pointer, it is a `NodeChain` of one node or more |
//! | `struct node { …; node *left; node *right; }` and other recursive types | a node, by `oncilla::xdr_node!`, and `NodeTree`, an `oncilla::xdr::Tree` with a root of this type; a pointer to the type is an `Option<NodeTree>` outside of it |
//! | `enum`, `union`, `struct` | `oncilla::xdr_enum!`, `xdr_union!`, `xdr_struct!` |
//! | `const` | `usize` if it is a size somewhere, else `u32`, `i32`, `u64` or `i64`, the first that holds it; `&str` for a text |
//! | `program`, `version` | `oncilla::program!`: a module for each version, called as the version is, and beside it one with the largest sizes of each procedure's arguments and results |
//!
//! - Names are Rust's: `nfs_fh` is `NfsFh`, keywords are escaped, what two things would share gets a number. What all
//!   members of an enum share up to a `_` is left out (`FAN_ON`, `FAN_OFF` are `On`, `Off`), and so is `NFSPROC_` of
//!   procedures. The declaration of the file is in the documentation of each item, and so are the comments
//!   that stand right above something or behind it.
//! - An arm of a union is called by its case. `default` is `Default`, which holds the number that came, also one
//!   that its enum does not have; an enum itself refuses such numbers. An arm that several cases share is called by what
//!   it holds, and also holds the number that came. A `bool` is `False` or `True`: other numbers are refused, in a
//!   discriminant as in a field.
//! - Procedure 0, which every server answers, is not generated. One with arguments or results, which `rpcgen` takes, is
//!   left out with a note.
//! - A list, and an array, takes the room of its bound, and one in another takes it for each element of that.
//!   [`Options::list_nodes`] and [`Options::unbounded_elements`] are for both, [`Options::bound`] is for one of them alone.
//!   Where neither the file nor an option states a bound, the compiler assumes one, and larger values fail at run time.
//!   Cargo shows one warning with the number of assumed bounds; `oncilla-rpcgen --assumed FILE.x` lists them. Types that take
//!   512 KiB of memory or more are warnings, too.
//!
//! # The language
//!
//! All of both RFCs, but for `quadruple`, which Rust has not; and of `rpcgen`: `unsigned` alone, `struct foo x`, `long`,
//! `char`, `short`, the integers of C by their names (`u_int`, `uint32_t`, `quad_t`, `longlong_t` …), `netobj`,
//! `des_block`, `MAXNETNAMELEN`; several, named and string arguments; enums without numbers, and with one twice; text
//! constants; things used before they are defined. So are types of the headers of RPC: `wrapstring`, `opaque_auth`,
//! `authsys_parms`, `netbuf`, `time_t`. Lines that begin with `%` are passed by with a note; a number and a type that one
//! of them defines may be used as they are with `rpcgen`: `%typedef unsigned long id;`, `%#define id uint32_t`,
//! `%#define xdr_id xdr_u_int`. `%#include "file.h"` reads `file.x` where that is found. The [`Preprocessor`] has its own page.
//!
//! Of xdrpp and xdrgen: `//` comments, `namespace a { … }` and `a::name`. In Rust a name is without its namespace, unless
//! the file has the name in several.
//!
//! A struct or a union may lead to itself through pointers, arrays, arms of unions and other types. The file states no bound
//! for that: [`Options::list_nodes`] and [`Options::tree_levels`] do, or [`Options::bound`] and
//! [`Options::levels`] for one type. The documentation of each tree states the memory that it takes.
//!
//! # The tree
//!
//! [`parse_file`] and [`parse_text`] make a [`tree`] of a file that keeps names, comments, numbers as they are written,
//! and places; its `Display` is a `.x` file again. [`check`] tells what is wrong with it and what its names mean, and
//! [`generate`] makes Rust of that. Other tools can use each step alone.
//!
//! # Devices that describe themselves
//!
//! With [`Options::describe`] the text of the interface is in the firmware, packed by zlib, and a program hands it out:
//! number 0x3FFFDE5C, version 1, with the procedures 1 (how long it is) and 2 (a piece of it), as [`DESCRIPTION_X`]
//! has them. With the feature `read`, `read_description` reads it back and parses it as [`parse_received`] does, for a tool that calls a
//! device without having its files: `examples/describe.rs`.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `command` | yes | the command `oncilla-rpcgen`; a build script does without it |
//! | `read` | no | `read_description`, and with it a dependency on `oncilla` |

mod assumed;
mod check;
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
mod source;
pub mod tree;

pub use check::{Counted, Defined, Interface, Meaning, Prelude, Unbounded, check};
pub use compile::{Error, Output, compile};
pub use description::DESCRIPTION_X;
#[cfg(feature = "read")]
pub use description::{ReadError, read_description};
pub use diagnostic::{Diagnostic, Report, Severity};
pub use generate::generate;
pub use harmless::harmless;
pub use lex::Preprocessor;
pub use options::{Data, Description, Options};
pub use parse::{Parsed, parse_file, parse_received, parse_text};
pub use source::{Place, Source, Sources};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
