//! Interfaces as their users see them: a client and a server of `program!` in one memory, through
//! every framing and in every encoding.

#[path = "../support/everything.rs"]
mod everything;
mod loopback;
#[allow(dead_code)] // Not every type is in the program.
#[path = "../support/types.rs"]
mod types;

mod borrowing;
mod codec;
mod echoes;
mod errors;
mod names;
mod programs;
