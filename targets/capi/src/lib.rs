//! The C interface of Oncilla, declared by `include/oncilla.h`.
//!
//! cbindgen generates the header from these sources. The header is the documentation of this crate, so comments of
//! public items address C programmers. Three promises hold for every function:
//!
//! - With the feature `checks`, arguments are checked: pointers for NULL and alignment, lengths for impossible values, lent buffers for overlap,
//!   objects for being initialised and not in use by the caller. A failed check returns a status. Neither C nor Rust
//!   can check that a pointer points to as many bytes as its length states.
//! - Nothing panics. On bare metal, a program that contained a panic would not link.
//! - Nothing allocates, and nothing keeps memory that was not lent to it.
//!
//! Within this workspace, `unsafe` for C programs is in this crate alone; each use states its reason.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `checks` | yes | checks of the arguments of the C program: NULL, alignment, overlap, objects in use. What a peer sends is always checked |
//! | `panic-handler` | yes | a panic handler on bare metal. It calls a symbol that is defined nowhere, so that a program that could panic does not link |
//! | `keys` | no | links whose messages are sealed under a key that two peers share |

#![no_std]

#[cfg(not(target_os = "none"))]
extern crate std;

mod answer;
mod auth;
mod calling;
mod carrier;
mod checked;
mod client;
mod details;
mod endpoint;
mod flight;
mod io;
#[cfg(feature = "keys")]
mod keyed;
#[cfg(feature = "keys")]
mod keys;
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
mod serving;
mod slots;
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
#[cfg(feature = "keys")]
pub use keyed::*;
#[cfg(feature = "keys")]
pub use keys::*;
pub use nested::*;
pub use reader::*;
pub use replay::*;
pub use request::*;
pub use server::*;
pub use slots::*;
pub use status::*;
pub use table::*;
pub use text::*;
pub use writer::*;
