//! Measured clients and endpoints, whose peer is a sequence of frames in memory.

use core::marker::PhantomData;

use oncilla::{Caller, Link, Replay, Stream};

use super::frames::{Called, DATA, XID, frame_call, frame_reply};
use super::measure::{Buffers, Measured};
use super::memory::{Memory, Still};
use super::{Cache, Nothing, TABLE, three};
use crate::carried::Carried;

type MemoryLink<'b, F> = Link<Stream<F, Memory<'b>, Still>, &'b mut [u8]>;

/// A client.
pub struct Client<F>(PhantomData<F>);

impl<F> Client<F> {
    /// Creates it; it has no state.
    #[expect(clippy::new_without_default, reason = "a probe has one way to begin")]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// An endpoint that calls, and answers the same call from its peer while it waits for the reply.
pub struct Endpoint<F>(&'static mut Cache, PhantomData<F>);

impl<F> Endpoint<F> {
    /// Creates it with a static replay cache, as firmware has it.
    #[must_use]
    pub const fn new(cache: &'static mut Cache) -> Self {
        Self(cache, PhantomData)
    }
}

impl<F: Carried> Measured for Client<F> {
    const SINGLE: bool = true;

    fn prepare(called: &Called, incoming: &mut [u8]) -> Option<usize> {
        frame_reply::<F>(called, incoming)
    }

    #[inline(never)]
    fn session(&mut self, called: &Called, buffers: &mut Buffers, length: usize, calls: u32) -> Option<usize> {
        let link = link::<F>(buffers, length)?;
        let mut client = oncilla::Client::new(link, XID);
        for _ in 0..calls {
            call(&mut client, called.number)?;
        }
        Some(length.wrapping_add(client.link().transport().io().written))
    }
}

impl<F: Carried> Measured for Endpoint<F> {
    const SINGLE: bool = true;

    /// The endpoint receives a call first, then the reply to its own call.
    fn prepare(called: &Called, incoming: &mut [u8]) -> Option<usize> {
        let call = frame_call::<F>(called, incoming)?;
        let reply = frame_reply::<F>(called, incoming.get_mut(call..)?)?;
        Some(call.wrapping_add(reply))
    }

    #[inline(never)]
    fn session(&mut self, called: &Called, buffers: &mut Buffers, length: usize, calls: u32) -> Option<usize> {
        let Self(cache, _) = self;
        // The same call is served in every session, and must be executed again.
        cache.forget();
        let link = link::<F>(buffers, length)?;
        let mut endpoint = oncilla::Endpoint::new(link, &TABLE, Nothing, XID).with_replay(&mut **cache);
        for _ in 0..calls {
            call(&mut endpoint, called.number)?;
        }
        // The received call and reply are as large as the sent ones.
        Some(length)
    }
}

/// Returns a link that receives a reply, or a call and a reply.
#[inline(always)]
fn link<F: Carried>(buffers: &mut Buffers, length: usize) -> Option<MemoryLink<'_, F>> {
    let incoming = buffers.incoming.get(..length)?;
    let memory = Memory { incoming, unread: &[], calls: 1, outgoing: buffers.outgoing, written: 0 };
    Some(F::link(Stream::new(memory, Still), &mut *buffers.rx, &mut *buffers.tx))
}

/// Makes a call; returns `None` if its result is not the expected one.
#[inline(never)]
fn call<C: Caller>(caller: &mut C, number: u32) -> Option<()> {
    let mut client = three::Client::new(caller);
    match number {
        0 => client.null().ok(),
        1 => client.add(64, 64).ok().filter(|sum| *sum == 64).map(drop),
        _ => client.echo(&DATA).ok().filter(|data| data.len() == 64).map(drop),
    }
}
