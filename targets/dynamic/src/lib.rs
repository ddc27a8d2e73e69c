//! ONC RPC without generated code: interfaces are read at run time, values are JSON.
//!
//! It is for tools whose interfaces are not known at compile time: command lines, scripts, gateways. Other programs use
//! the types that `oncilla-rpcgen` generates, which are faster and checked by the compiler.
//!
//! ```no_run
//! use oncilla_dynamic::Interface;
//! use serde_json::json;
//!
//! let interface = Interface::parse_file("sensor.x")?;
//! let mut device = oncilla_host::tcp("sensor.local:20049")?;
//! let reading = interface.call(&mut device, "sensor.read", &json!({"channel": 0}))?;
//! assert_eq!(reading, json!({"STATUS_OK": {"time": 7, "value": 21500}}));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A device that describes itself needs no file: [`Interface::read`] asks it for its interface.
//!
//! # How values look
//!
//! | `.x` | JSON | encoded as well |
//! |---|---|---|
//! | integers up to `unsigned hyper` | a number, exact | `hyper` also from a text: `"9007199254740993"` |
//! | `float`, `double` | a number; `"NaN"`, `"Infinity"`, `"-Infinity"`; `"NaN:7fc00001"` for a NaN with other bits | |
//! | `bool` | `true`, `false` | |
//! | `enum` | the member's name: `"STATUS_OK"` | the member's number |
//! | `string` | a text; `{"latin1": "caf\u00e9"}` if it is not UTF-8, with [`Texts::Latin1`] | |
//! | `opaque` | hexadecimal digits, or base64: [`Interface::bytes`] | |
//! | arrays | an array | |
//! | `struct` | an object | without fields that are optional data |
//! | `union` | an object with one name, the case: `{"STATUS_OK": {…}}`, `{"7": null}` | for a void arm, the name alone: `"7"` |
//! | `type *` | the value, or `null` | |
//! | a linked list (`struct node { …; node *next; }`) | an array of objects without the link | |
//! | a pointer to a pointer | an array of one element or none | |
//!
//! The case of a union on an enum is a member's name, or a number, for the `default` arm. On an integer it is the
//! number, on a `bool` `"true"` or `"false"`. A decoded value is encoded to the same bytes again, except a `char` or a
//! `short` that C has sent as a number of the other sign.
//!
//! Objects have their names in alphabetical order. With the feature `preserve_order` of `serde_json` in your manifest,
//! they have the order of the file.
//!
//! # What a peer can do
//!
//! Nothing that a peer sends, a message or an interface, causes a panic or takes memory without a limit. Lengths are
//! checked before memory is taken. [`Limits`] bounds the memory and the depth of a value. A text is whatever the peer
//! sent, control characters included: use [`oncilla_rpcgen::harmless`] before you print it to a terminal.
//!
//! # What tools need
//!
//! | to | use |
//! |---|---|
//! | list programs, versions, procedures and types, with the comments of the file | [`Interface::programs`], [`Interface::types`] |
//! | see the parts of a type, and the sizes of its values | [`Type::shape`], [`Type::size`], [`Procedure::argument_fields`] |
//! | take arguments from a command line | [`Procedure::arguments_from_words`] |
//! | offer arguments to fill in | [`Procedure::template`] |
//! | create forms, complete in an editor, check JSON elsewhere | [`Procedure::arguments_schema`], [`Type::json_schema`] |
//! | guess what bytes are | [`Interface::guess`] |
//! | encode and decode values outside messages | [`Type::encode`], [`Type::decode`] |
//! | make values for tests and simulators | [`Type::random`] |
//!
//! # postcard
//!
//! A `.x` file does not state that a server in Rust has `payload Postcard`. With [`Interface::payload`], arguments and
//! results are encoded as the generated types are by postcard. Values look the same. postcard accepts some numbers in
//! a longer form than necessary: such a message is decoded, and encoded to a shorter one.
#![forbid(unsafe_code)]

mod decode;
mod encode;
mod error;
mod format;
mod guess;
mod interface;
mod json_schema;
mod lookup;
mod path;
mod procedure;
mod program;
mod random;
mod real;
mod schema;
mod shape;
mod similar;
mod spelling;
mod template;
mod type_;
mod wire;
mod words;

pub use error::{CallError, DescriptionError, InterfaceError, NameError, ValueError};
pub use format::{Bytes, Limits, Payload, Texts};
pub use guess::{Candidate, Guess};
pub use interface::Interface;
pub use procedure::Procedure;
pub use program::{Program, Version};
pub use schema::Size;
pub use shape::{Case, Field, Member, Shape};
pub use type_::Type;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
