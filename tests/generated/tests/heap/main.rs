//! Rust with data on the heap: against C made by rpcgen of the same files, and over TCP with large messages.

#[allow(dead_code)]
#[path = "../cases/recode.rs"]
mod recode;

mod cases;
mod large;
mod nfs4;
mod recursive;
mod serving;
