//! The sizes of the kernel's objects, as configured by `c/FreeRTOSConfig.h`.
//!
//! The build script passes these numbers to `c/kernel.c`, which compiles only if they are right.

/// Words of a task's control block, `StaticTask_t`.
pub const TASK_WORDS: usize = 20;
/// Words of a stream buffer's control block, `StaticStreamBuffer_t`.
pub const STREAM_BUFFER_WORDS: usize = 9;
/// Words of the control block of a queue or a mutex, `StaticQueue_t`.
pub const QUEUE_WORDS: usize = 18;
/// Microseconds between two ticks.
pub const TICK_MICROS: u32 = 1_000;
