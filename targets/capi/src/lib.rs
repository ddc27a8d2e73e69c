//! Oncilla for C: what `include/oncilla.h` declares.
//!
//! The header is made of these sources by cbindgen, and is the documentation of this crate: what is said here is said to
//! callers from C. Three promises hold for every function:
//!
//! - Pointers are checked for NULL and for alignment, lengths for being possible, lent buffers for not overlapping, objects
//!   for having been initialised and for not being in use by the call that calls. What is wrong is told by a status. That
//!   a pointer points to as many bytes as it is said to, C cannot prove and Rust cannot check.
//! - No panic leaves: the code has none, and on bare metal a program that had one would not link.
//! - No memory is allocated, and nothing is kept that was not lent.
//!
//! `unsafe` is in this crate alone, each with its reason.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `panic-handler` | yes | a panic handler on bare metal. It calls a symbol that nothing defines, so that a program that could panic does not link |

#![no_std]

#[cfg(not(target_os = "none"))]
extern crate std;

mod answer;
mod auth;
mod calling;
mod checked;
mod client;
mod details;
mod endpoint;
mod flight;
mod io;
mod lent;
mod link;
mod nested;
mod object;
#[cfg(all(target_os = "none", feature = "panic-handler"))]
mod panic;
mod reader;
mod replay;
mod request;
mod server;
mod status;
mod table;
mod text;
mod writer;

pub use answer::*;
pub use auth::*;
pub use client::*;
pub use details::*;
pub use endpoint::*;
pub use flight::*;
pub use io::*;
pub use link::*;
pub use nested::*;
pub use reader::*;
pub use replay::*;
pub use request::*;
pub use server::*;
pub use status::*;
pub use table::*;
pub use text::*;
pub use writer::*;
