//! Oncilla in tasks of FreeRTOS, and what that takes: a thin layer over the kernel in which all memory is static.
//!
//! No allocator is linked, neither Rust's nor C's. Every object is a `static` that is made by the kernel when it is first
//! used; its type says how much memory it has:
//!
//! | here | of the kernel | bytes beside its content |
//! |---|---|---|
//! | [`Task`] | a task | 80 |
//! | [`StreamBuffer`] | a stream buffer | 36 |
//! | [`Queue`], [`Mutex`] | a queue | 72 |
//!
//! [`Port`] is a UART: a stream buffer each way, filled and emptied by the interrupt handler. The task's end of it is a
//! stream of `embedded-io` ([`Serial`]), and [`Line`] makes a [`Transport`](oncilla::Transport) of that, which sleeps in
//! the kernel until bytes come or a deadline passes. A server in one task shares its state with the others by
//! [`Mutex`], which is locked while a call is answered and not while bytes are waited for
//! ([`Link::serve_next_locking`](oncilla::Link::serve_next_locking)).
//!
//! All of this is for whatever chip and board; `c/FreeRTOSConfig.h` and [`board`] are for QEMU's `lm3s6965evb`. Whoever
//! takes it to another exchanges these two, tells `build.rs` the kernel's port, and `src/sizes.rs` what its control
//! blocks take, which the C compiler checks. The kernel's assertions must stay enabled: they catch a function
//! for tasks that is called by an interrupt handler, which is what lets Rust call it safe.
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
