//! The measured server under a key: as firmware, and in memory.

use core::cell::Cell;
use core::convert::Infallible;
use core::marker::PhantomData;

use oncilla::framing::Cobs;
use oncilla::keys::{Accepts, Key, KeyId, Light, Opens, Side, Suite, sealed_call_by, sealed_reply_by};
use oncilla::{Caller, Client, Forever, Link, Received, Stream, Time, Transport};

use super::frames::{Called, DATA, XID};
use super::measure::{Buffers, Measured};
use super::memory::{Memory, Still};
use super::{Nothing, TABLE, three};
use oncilla_lm3s6965evb::Uart;

static KEY: Key = Key::new(KeyId(7), *b"sixteen bytes !!");

/// What a counter in flash would make of it.
const STARTS: u32 = 9;

/// A suite that is measured.
pub trait Measurable: Suite {
    /// How often a session is measured.
    const RUNS: u32;

    /// Returns the start of the device or the host.
    fn start(side: Side) -> Self::Start;
}

impl Measurable for Light {
    const RUNS: u32 = 1000;

    fn start(side: Side) -> [u8; 16] {
        let [a, b, c, d] = STARTS.to_be_bytes();
        [a, b, c, d, side as u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    }
}

#[cfg(feature = "forward-secret")]
impl Measurable for oncilla::keys::ForwardSecret {
    // Operations on a curve take millions of instructions.
    const RUNS: u32 = 20;

    fn start(side: Side) -> oncilla::keys::SecretStart {
        // A product takes them from its random number generator.
        oncilla::keys::SecretStart::new([side as u8 + 8; 32])
    }
}

fn accepts<S: Measurable>() -> Accepts<&'static Key, 1, S> {
    Accepts::new(Side::Device, &KEY, S::start(Side::Device), STARTS)
}

/// Serves for ever.
pub fn serve_keyed<S: Measurable>(rx: &mut [u8], tx: &mut [u8]) -> ! {
    let mut link = Link::with_keys(Stream::<Cobs, _>::new(Uart::start(), Forever), rx, tx, accepts::<S>());
    loop {
        // The UART never fails or ends.
        let _ = link.serve(&TABLE, &mut Nothing);
    }
}

/// Returns the bytes of the receive buffer of the server.
#[must_use]
pub const fn keyed_call<S: Suite>() -> usize {
    Cobs::buffer(sealed_call_by::<S>(three::CALL_MAX))
}

/// Returns the bytes of its transmit buffer.
#[must_use]
pub const fn keyed_reply<S: Suite>() -> usize {
    Cobs::buffer(sealed_reply_by::<S>(three::REPLY_MAX))
}

/// Bytes of the largest frame.
const FRAME: usize = 256;

/// Bytes on the way in one direction.
struct Wire(Cell<([u8; FRAME], usize)>);

impl Wire {
    const fn new() -> Self {
        Self(Cell::new(([0; FRAME], 0)))
    }

    fn put(&self, frame: &[u8]) -> usize {
        let (mut bytes, length) = self.0.get();
        let Some(place) = bytes.get_mut(length..).and_then(|rest| rest.get_mut(..frame.len())) else { return 0 };
        place.copy_from_slice(frame);
        self.0.set((bytes, length.wrapping_add(frame.len())));
        frame.len()
    }

    fn take(&self, into: &mut [u8]) -> usize {
        let (bytes, length) = self.0.get();
        match (bytes.get(..length), into.get_mut(..length)) {
            (Some(bytes), Some(place)) => place.copy_from_slice(bytes),
            _ => return 0,
        }
        self.0.set((bytes, 0));
        length
    }
}

/// One end of two wires. `before` runs before it receives.
struct End<'w, B> {
    incoming: &'w Wire,
    outgoing: &'w Wire,
    /// Everything that was sent, and where the last frame begins.
    sent: ([u8; 2 * FRAME], usize, usize),
    before: B,
}

impl<'w, B: FnMut()> End<'w, B> {
    const fn new(incoming: &'w Wire, outgoing: &'w Wire, before: B) -> Self {
        Self { incoming, outgoing, sent: ([0; 2 * FRAME], 0, 0), before }
    }
}

impl<B: FnMut()> Transport for End<'_, B> {
    type Error = Infallible;
    type Framing = Cobs;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Infallible> {
        (self.before)();
        Ok(match self.incoming.take(into) {
            0 => Received::TimeUp,
            length => Received::Bytes(length),
        })
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        let (bytes, end, last) = &mut self.sent;
        if let Some(place) = bytes.get_mut(*end..).and_then(|rest| rest.get_mut(..frame.len())) {
            place.copy_from_slice(frame);
            (*last, *end) = (*end, end.wrapping_add(frame.len()));
        }
        Ok(self.outgoing.put(frame))
    }
}

/// A server under a key, whose peer is a sequence of frames that a client has made in memory.
///
/// The first two bytes of the received frames are the number of those that open the session.
///
/// `CALL` and `REPLY` are the sizes of its buffers.
pub struct KeyedServer<S, const CALL: usize, const REPLY: usize>(PhantomData<S>);

impl<S, const CALL: usize, const REPLY: usize> KeyedServer<S, CALL, REPLY> {
    /// Creates the server.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "there is one program that creates it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S: Measurable, const CALL: usize, const REPLY: usize> Measured for KeyedServer<S, CALL, REPLY> {
    const SINGLE: bool = true;
    const HANDSHAKE: bool = true;
    const RUNS: u32 = S::RUNS;

    fn prepare(called: &Called, incoming: &mut [u8]) -> Option<usize> {
        let (calls, replies) = (Wire::new(), Wire::new());
        // Its CHALLENGE states the size of its receive buffer.
        let server = End::new(&calls, &replies, || ());
        let mut server = Link::with_buffers_and_keys(server, [0; CALL], [0; REPLY], accepts::<S>());
        // It has received everything when nothing is left to receive.
        let serve = || while let Ok(oncilla::Served::Message) = server.serve_next(&TABLE, &mut Nothing, Time::ZERO) {};
        let opens = Opens::<&Key, S>::new(Side::Host, &KEY, S::start(Side::Host), 1);
        let mut client =
            Client::new(Link::with_keys(End::new(&replies, &calls, serve), [0; FRAME], [0; FRAME], opens), XID);
        three::Client::new(&mut client).null().ok()?;
        call(&mut client, called.number)?;
        let (sent, end, last) = client.link().transport().inner().sent;
        let (head, rest) = incoming.split_first_chunk_mut()?;
        *head = u16::try_from(last).ok()?.to_be_bytes();
        rest.get_mut(..end)?.copy_from_slice(sent.get(..end)?);
        end.checked_add(2)
    }

    #[inline(never)]
    fn session(&mut self, _: &Called, buffers: &mut Buffers, length: usize, calls: u32) -> Option<usize> {
        let (head, frames) = buffers.incoming.get(..length)?.split_first_chunk()?;
        let first = usize::from(u16::from_be_bytes(*head));
        let (opening, call) = frames.split_at_checked(first)?;
        // Nothing is left when the call is read, and so the link ends.
        let memory = Memory { incoming: call, unread: opening, calls, outgoing: buffers.outgoing, written: 0 };
        let stream = Stream::<Cobs, _, _>::new(memory, Still);
        let mut link = Link::with_keys(stream, &mut *buffers.rx, &mut *buffers.tx, accepts::<S>());
        link.serve(&TABLE, &mut Nothing).ok()?;
        Some(call.len().wrapping_add(link.transport().inner().io().written))
    }
}

/// Makes a call; returns `None` if its result is not the expected one.
fn call<C: Caller>(caller: &mut C, number: u32) -> Option<()> {
    let mut client = three::Client::new(caller);
    match number {
        0 => client.null().ok(),
        1 => client.add(64, 64).ok().map(drop),
        _ => client.echo(&DATA).ok().map(drop),
    }
}
