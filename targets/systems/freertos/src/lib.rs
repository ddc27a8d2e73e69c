//! Oncilla in FreeRTOS tasks: a thin layer over the kernel in which all memory is static.
//!
//! Neither Rust's allocator nor C's is linked. Every object is a `static`, which the kernel initialises at its first
//! use. Its type determines its memory:
//!
//! | type | object of the kernel | bytes in addition to the content |
//! |---|---|---|
//! | [`Task`] | a task | 80 |
//! | [`StreamBuffer`] | a stream buffer | 36 |
//! | [`Queue`], [`Mutex`] | a queue | 72 |
//!
//! [`Port`] is a UART: a stream buffer in each direction, which the interrupt handler fills and empties. A task uses it
//! as a stream of `embedded-io` ([`Serial`]). [`Line`] makes a [`Transport`](oncilla::Transport) of that, which sleeps
//! in the kernel until bytes arrive or a deadline passes. A server in one task shares its state with other tasks in a
//! [`Mutex`]. It is locked while a call is answered, and not while waiting for bytes
//! ([`Link::serve_next_locking`](oncilla::Link::serve_next_locking)).
//!
//! The crate works on any chip and board, except for `c/FreeRTOSConfig.h` and [`board`], which are for QEMU's
//! `lm3s6965evb`. For another board, replace these two, set the kernel's port in `build.rs`, and set the sizes of its
//! control blocks in `src/sizes.rs`; the C compiler checks them. The kernel's assertions must stay enabled: they catch
//! an interrupt handler that calls a function for tasks, which allows Rust to declare those functions safe.
#![cfg(target_os = "none")]
#![no_std]

pub mod board;
mod kernel;
mod line;
mod mutex;
mod queue;
mod serial;
mod sizes;
mod stream_buffer;
mod task;
mod time;

pub use line::Line;
pub use mutex::{Guard, Mutex};
pub use queue::Queue;
pub use serial::{Port, Registers, Serial};
pub use stream_buffer::{Reader, StreamBuffer, Writer};
pub use task::{AlreadyStarted, Task, start_scheduler};
pub use time::{Ticks, delay, now};
