//! Measured servers.

use core::marker::PhantomData;

use oncilla::{Forever, Link, Replay, Served, Stream, Time};

use super::frames::{Called, frame_call, frame_first};
use super::measure::{Buffers, Measured};
use super::memory::Memory;
use super::{Cache, Nothing, TABLE};
use crate::carried::Carried;

/// A server without a replay cache.
pub struct Server<F>(PhantomData<F>);

impl<F> Server<F> {
    /// Creates it; it has no state.
    #[expect(clippy::new_without_default, reason = "a probe has one way to begin")]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<F: Carried> Measured for Server<F> {
    const SINGLE: bool = false;

    fn prepare(called: &Called, incoming: &mut [u8]) -> Option<usize> {
        frame_call::<F>(called, incoming)
    }

    #[inline(never)]
    fn session(&mut self, _: &Called, buffers: &mut Buffers, length: usize, calls: u32) -> Option<usize> {
        serve::<F>(buffers, length, calls, |link| {
            let _ = link.serve(&TABLE, &mut Nothing);
        })
    }
}

/// A server with a replay cache.
pub struct OnceServer<F>(&'static mut Cache, PhantomData<F>);

impl<F> OnceServer<F> {
    /// Creates it with a static replay cache, as firmware has it.
    #[must_use]
    pub const fn new(cache: &'static mut Cache) -> Self {
        Self(cache, PhantomData)
    }
}

impl<F: Carried> Measured for OnceServer<F> {
    const SINGLE: bool = false;

    fn prepare(called: &Called, incoming: &mut [u8]) -> Option<usize> {
        frame_call::<F>(called, incoming)
    }

    #[inline(never)]
    fn session(&mut self, _: &Called, buffers: &mut Buffers, length: usize, calls: u32) -> Option<usize> {
        let Self(cache, _) = self;
        serve::<F>(buffers, length, calls, |link| {
            while let Ok(Served::Message) = link.serve_next_once(&mut **cache, &TABLE, &mut Nothing, Time::NEVER) {
                // The same call follows and must be executed again. This takes about ten instructions.
                cache.forget();
            }
        })
    }
}

/// A link in memory.
pub type MemoryLink<'b, F> = Link<Stream<F, Memory<'b>>, &'b mut [u8]>;

/// Serves `calls` calls on a link in memory; returns the bytes of a call and its reply.
#[inline(always)]
pub fn serve<F: Carried>(
    buffers: &mut Buffers,
    length: usize,
    calls: u32,
    serve: impl FnOnce(&mut MemoryLink<'_, F>),
) -> Option<usize> {
    let incoming = buffers.incoming.get(..length)?;
    let mut first = [0; 32];
    let unread = frame_first::<F>(&mut first);
    let memory = Memory { incoming, unread, calls, outgoing: buffers.outgoing, written: 0 };
    let mut link = F::link(Stream::<F, _>::new(memory, Forever), &mut *buffers.rx, &mut *buffers.tx);
    serve(&mut link);
    // Without a reply, a call has failed.
    match link.transport().io().written {
        0 => None,
        replied => Some(length.wrapping_add(replied)),
    }
}
