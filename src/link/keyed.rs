//! Links whose messages are sealed under a key.

use core::marker::PhantomData;
use core::net::SocketAddr;

use super::{Beside, Buffers, CarriesText, Each, Link, LinkError, Received, Time, Transport};
use crate::framing::Framing;
use crate::keys::{Ends, LOG, Sealed, TEXT};

/// A transport whose messages are sealed under a key.
///
/// It is the transport `T`, with sessions that `E` opens or accepts.
/// [`Link::with_keys`] creates it. It passes all its functions on to `T`.
pub struct Keyed<T, E> {
    transport: T,
    ends: PhantomData<fn() -> E>,
}

impl<T, E> Keyed<T, E> {
    const fn new(transport: T) -> Self {
        Self { transport, ends: PhantomData }
    }

    /// Returns the transport that carries the sealed messages.
    pub const fn inner(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Returns the transport and drops the rest.
    pub fn into_inner(self) -> T {
        self.transport
    }
}

impl<T: Transport, E: Ends> Transport for Keyed<T, E> {
    type Error = T::Error;
    type Framing = Sealed<T::Framing, E>;

    const BESIDE: bool = T::BESIDE;

    #[inline]
    fn now(&mut self) -> Time {
        self.transport.now()
    }

    #[inline]
    fn peer(&self) -> Option<SocketAddr> {
        self.transport.peer()
    }

    fn settle(&mut self, verified: bool) {
        self.transport.settle(verified);
    }

    #[inline]
    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, T::Error> {
        self.transport.receive(into, deadline)
    }

    #[inline]
    fn is_noise(&self, error: &T::Error) -> bool {
        self.transport.is_noise(error)
    }

    #[inline]
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, T::Error> {
        self.transport.send(frame, deadline)
    }

    #[inline]
    fn beside(&mut self, what: Beside<'_>) {
        self.transport.beside(what);
    }
}

impl<T: Transport, E: Ends, B: AsMut<[u8]>> Link<Keyed<T, E>, B> {
    /// Creates a link whose messages are sealed under a key that the peer has too.
    ///
    /// Nobody without the key can read, change, repeat or forge a message. A message that does not verify is dropped
    /// without an answer. On a connection it also ends the link with [`LinkError::Unverified`]. Both peers need a link
    /// with keys. In the clear they send and accept only procedures that the program allows
    /// ([`Accepts::allow_plain`](crate::keys::Accepts::allow_plain)).
    ///
    /// `ends` is [`Opens`](crate::keys::Opens) for a client, [`Accepts`](crate::keys::Accepts) for a server, or
    /// [`Both`](crate::keys::Both) for an endpoint. The framing of `transport` delimits the sealed messages:
    /// [`Cobs`](crate::framing::Cobs) on a serial line, [`Record`](crate::framing::Record) on a connection,
    /// [`Datagram`](crate::framing::Datagram) on UDP.
    ///
    /// **Sessions.** The first call waits until both peers have exchanged a message. Sealing adds 22 bytes to a call
    /// and to its reply. Headers have the short form, so most messages take fewer bytes than without a key. Either peer
    /// may restart. If the server restarts, a call in flight ends with
    /// [`CallError::Restarted`](crate::CallError::Restarted), and the next call opens a session.
    ///
    /// **Repeated calls.** A call that is retransmitted is sealed anew, and so is a remembered reply. With a
    /// [`ReplayCache`](crate::ReplayCache), a server executes the call once.
    ///
    /// **Callers.** [`Call::key`](crate::message::Call::key) returns the key of a call. [`Rights`](crate::Rights) is a
    /// table of what each key may call.
    ///
    /// # Example
    /// Two peers may call this thermostat. One of them is a host:
    ///
    /// ```
    /// use embedded_io::{Read, ReadReady, Write};
    /// use oncilla::framing::Cobs;
    /// use oncilla::keys::{self, Accepts, Key, KeyId, Opens, Side};
    /// use oncilla::{CallError, Client, Clock, Forever, Link, LinkError, Stream, Table};
    ///
    /// oncilla::program! {
    ///     pub mod thermostat = 0x2000_0042, version 1 {
    ///         fn read(channel: u32) -> i32 = 1;
    ///     }
    /// }
    ///
    /// /// In flash, from `oncilla key new`.
    /// static KEYS: [Key; 2] = [Key::new(KeyId(1), *b"sixteen bytes !!"), Key::new(KeyId(2), *b"and sixteen more")];
    ///
    /// /// The firmware. `starts` is a counter in flash, which is incremented at each start.
    /// fn serve<U: Read + Write, S>(uart: U, starts: u32, table: &Table<S>, state: &mut S) -> Result<(), LinkError<U::Error>> {
    ///     let mut start = [0; 16];
    ///     start[..4].copy_from_slice(&starts.to_be_bytes());
    ///     let ends = Accepts::<_, 2>::new(Side::Device, &KEYS, start, starts);
    ///     let rx = [0; Cobs::buffer(keys::sealed_call(thermostat::CALL_MAX))];
    ///     let tx = [0; Cobs::buffer(keys::sealed_reply(thermostat::REPLY_MAX))];
    ///     Link::with_buffers_and_keys(Stream::<Cobs, _>::new(uart, Forever), rx, tx, ends).serve(table, state)
    /// }
    ///
    /// /// The host. `random` has bytes of the system's random number generator.
    /// fn read<U: Read + ReadReady + Write, C: Clock>(
    ///     uart: U,
    ///     clock: C,
    ///     random: [u8; 16],
    ///     boot: u32,
    /// ) -> Result<i32, CallError<U::Error>> {
    ///     let ends: Opens<_> = Opens::new(Side::Host, &KEYS[0], random, boot);
    ///     let link = Link::with_keys(Stream::<Cobs, _, _>::new(uart, clock), [0; 256], [0; 256], ends);
    ///     thermostat::Client::new(Client::new(link, boot)).read(0)
    /// }
    /// ```
    pub fn with_keys(transport: T, rx: B, tx: B, ends: E) -> Self {
        Self::of(Keyed::new(transport), Sealed::new(ends), rx, tx)
    }
}

impl<T: Transport, E: Ends, R: AsMut<[u8]>, S: AsMut<[u8]>> Link<Keyed<T, E>, Each<R, S>> {
    /// Creates a link whose messages are sealed under a key, with buffers of two types.
    ///
    /// See [`with_keys`](Link::with_keys).
    pub fn with_buffers_and_keys(transport: T, rx: R, tx: S, ends: E) -> Self {
        Self::of(Keyed::new(transport), Sealed::new(ends), rx, tx)
    }
}

impl<T: Transport, E: Ends, B: Buffers> Link<Keyed<T, E>, B> {
    /// Sends text under the key, on any carrier.
    ///
    /// The transport of the peer receives it by [`Transport::beside`] as [`Beside::Text`]. It is sent in pieces that
    /// the transmit buffer holds. Each piece has 22 bytes more, and those of the framing. Nothing is retransmitted. Of
    /// several peers, only the one that called last can read the text.
    ///
    /// # Errors
    /// Returns [`LinkError::NoSession`] if there is no session, the error of the transport, or [`LinkError::Unsent`] if
    /// the carrier did not accept all before `deadline`.
    pub fn print(&mut self, text: &str, deadline: Time) -> Result<(), LinkError<T::Error>> {
        let size = self.room().len().max(1);
        for piece in text.as_bytes().chunks(size) {
            self.send_beside(TEXT, piece, deadline)?;
        }
        Ok(())
    }

    /// Sends a piece of a binary log under the key, on any carrier.
    ///
    /// A piece is, for example, a `defmt` frame.
    ///
    /// The transport of the peer receives it whole by [`Transport::beside`] as [`Beside::Log`], or not at all. It is
    /// not retransmitted. Of several peers, only the one that called last can read it.
    ///
    /// # Errors
    /// Returns [`LinkError::NoSession`] if there is no session, the error of the transport, or
    /// [`LinkError::BufferTooSmall`] if the transmit buffer cannot hold it.
    pub fn log(&mut self, bytes: &[u8], deadline: Time) -> Result<(), LinkError<T::Error>> {
        self.send_beside(LOG, bytes, deadline)
    }

    fn send_beside(&mut self, kind: u8, bytes: &[u8], deadline: Time) -> Result<(), LinkError<T::Error>> {
        let room = self.room();
        let (needed, available) = (bytes.len(), room.len());
        let Some(place) = room.get_mut(..needed) else {
            return Err(LinkError::BufferTooSmall { needed, available });
        };
        place.copy_from_slice(bytes);
        self.send_marked(<Sealed<T::Framing, E> as Framing>::log_mark(kind), needed, deadline)
    }
}

impl<T: Transport<Framing: CarriesText>, E: Ends, B: Buffers> Link<Keyed<T, E>, B> {
    /// Sends text in the clear, between the sealed messages.
    ///
    /// Anybody on the line can read it. It is for a terminal on the line, and for reports before a session. The
    /// transport of the peer receives it as [`Beside::Unverified`]. Everything else is as with [`print`](Self::print)
    /// of a link without keys.
    ///
    /// # Errors
    /// Returns the error of the transport, or [`LinkError::Unsent`] if the carrier did not accept all before
    /// `deadline`.
    pub fn print_plain(&mut self, text: &str, deadline: Time) -> Result<(), LinkError<T::Error>> {
        self.send_text(text, deadline)
    }
}
