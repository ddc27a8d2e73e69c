//! What the kernel's objects take, as it is configured by `c/FreeRTOSConfig.h`.
//!
//! The build script hands these numbers to `c/kernel.c`, which does not compile unless they are right.

/// Words of a task's control block, `StaticTask_t`.
pub const TASK_WORDS: usize = 20;
/// Words of a stream buffer's control block, `StaticStreamBuffer_t`.
pub const STREAM_BUFFER_WORDS: usize = 9;
/// Words of a queue's control block, `StaticQueue_t`, which is a mutex's too.
pub const QUEUE_WORDS: usize = 18;
/// Microseconds between two ticks.
pub const TICK_MICROS: u32 = 1_000;
