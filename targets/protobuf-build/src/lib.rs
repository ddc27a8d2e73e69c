//! Compiles the services of `.proto` files for Oncilla, in build scripts and without `protoc`.
//!
//! Each `service` becomes a module with a trait, a table entry and a client, and each message a type: of micropb, with
//! fixed sizes and without an allocator, or of prost, on the heap. The crate `oncilla-protobuf` runs the generated code.
//!
//! `Cargo.toml`, of firmware and of a host:
//!
//! ```toml
//! [dependencies]
//! oncilla = "0.1"
//! oncilla-protobuf = "0.1" # On a host, with the feature `prost`.
//!
//! [build-dependencies]
//! oncilla-protobuf-build = "0.1"
//! ```
//!
//! `build.rs`:
//!
//! ```no_run
//! use oncilla_protobuf_build::{Error, Messages, Options};
//!
//! fn main() -> Result<(), Error> {
//!     Options::new(Messages::Micropb).compile("three.proto")
//! }
//! ```
//!
//! `src/lib.rs`:
//!
//! ```ignore
//! include!(concat!(env!("OUT_DIR"), "/three.rs"));
//! ```
//!
//! # What the file states
//!
//! A `.proto` file has no numbers for its services and no bounds. Options state them, after `import "oncilla.proto";`,
//! a file that this crate has:
//!
//! | option | of | effect |
//! |---|---|---|
//! | `option (oncilla.program) = 0x20000044;` | a service | the program's number |
//! | `option (oncilla.version) = 2;` | a service | the version; without it, 1 |
//! | `option (oncilla.limit) = 4096;` | a service | the most bytes of arguments or results |
//! | `option (oncilla.procedure) = 7;` | an `rpc` | the procedure's number; without it, its place in the service, from 1 |
//! | `option (oncilla.oneway) = true;` | an `rpc` | there is no reply |
//! | `option idempotency_level = IDEMPOTENT;` | an `rpc` | the procedure may be executed twice; `NO_SIDE_EFFECTS` has the same effect |
//! | `[(oncilla.max_bytes) = 64]` | a field | the most bytes of a `string` or of `bytes` |
//! | `[(oncilla.max_len) = 8]` | a field | the most elements of a `repeated` field or a `map` |
//!
//! For files that cannot be changed, [`Options`] states the same. The bounds are needed for [`Messages::Micropb`] only.
//!
//! # What is generated
//!
//! - **Packages** are modules: `package a.b;` becomes `a::b`. A file without a package is at the top.
//! - **Services.** `service Three` becomes the module `three` beside its messages, as `oncilla_protobuf::service!`
//!   describes it. `rpc GetName` becomes `get_name`. A name that another module or procedure has gets a number, such as
//!   `three2`. Comments become documentation.
//! - **Messages** are as their library generates them. Imported files are generated, too, also those of Google.
//!
//! Only unary calls exist: `stream` is refused, as are procedures with equal numbers, each with its place in the file.
//! With micropb, messages that contain themselves are refused, and a `map` is a list of messages with a key and a value:
//! the last of equal keys counts.
#![forbid(unsafe_code)]

mod bounds;
mod check;
mod error;
mod micropb;
mod model;
mod modules;
mod options;
mod places;
mod prost;
mod read;
mod text;

pub use error::Error;
pub use oncilla_rpcgen::{Diagnostic, Report};
pub use options::{Messages, Options};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
