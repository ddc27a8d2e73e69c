//! Links on serial lines: hellos, text and logs beside calls and replies.

use core::time::Duration;

use super::receive::part;
use super::send::send_frame;
use super::{Beside, Buffers, Each, Link, LinkError, Span, Time, Transport};
use crate::framing::handshake::Peer;
use crate::framing::{Change, CobsWith, Crc32, Framing, SHORT_MARK, SerialWith, TEXT, TEXT_MAX};
use crate::message::{Form, Hello, LOG, ProcedureId};

impl<C: Crc32, T: Transport<Framing = SerialWith<C>>, B: AsMut<[u8]>> Link<T, B> {
    /// Creates a link that introduces itself to its peer with a boot number.
    ///
    /// When both sides have introduced themselves, they have a session: calls use the short form, and the check value
    /// of every message depends on both boot numbers. A link made by [`Link::new`] calls in the full form and does not
    /// accept the short form.
    ///
    /// **The number** must be another one after each start: a random number, the time, or a counter in flash. The two
    /// sides should have different numbers. If they are equal, the side that calls first takes another one.
    ///
    /// **Restarts.** A new number shows the peer that this side has restarted. There, a call in flight ends with
    /// [`CallError::Restarted`](crate::CallError::Restarted), and the replay cache is cleared
    /// ([`Served::Restart`](crate::Served::Restart)). A call is executed at most once, over restarts of either side and
    /// however long the line delays frames, if both sides have boot numbers and the server has a replay cache with
    /// enough slots ([`ReplayCache`](crate::ReplayCache)).
    /// [`Handshake`](crate::framing::Handshake) states the rules.
    ///
    /// **Time.** The link sends a hello when it first receives, and before each call until the peer has answered. A
    /// hello takes 20 bytes on the wire. Sending it may take 100 ms, even after the deadline. The first call waits for
    /// the answer. After four unanswered hellos, 50 ms apart, the link calls as with [`Link::new`]: the first call to a
    /// peer without a boot number takes 0.2 s more. A transport without a clock waits for the answer for ever. The link
    /// sends a hello again before it retransmits a call, and after a call timed out.
    ///
    /// **Replaced peers.** After a peer has introduced itself, a peer without a boot number in its place is neither
    /// called nor served. Make a new link for it. A line has two peers; of more, at most two find each other.
    ///
    /// **One-way calls** send no hello and wait for none. Before the peer is known they are sent as with [`Link::new`].
    /// After a restart of the peer they are lost until this side receives a message that shows the restart, during a
    /// call or in [`serve_next`](Self::serve_next).
    ///
    /// **Echoes.** On a line that echoes what is sent, calls work if the peer answers. Otherwise they end with
    /// [`CallError::Echoed`](crate::CallError::Echoed). A call that comes back as an echo is not executed.
    ///
    /// # Example
    /// ```
    /// use embedded_io::{Read, Write};
    /// use oncilla::framing::Serial;
    /// use oncilla::{Forever, Link, LinkError, Stream, Table, Time};
    ///
    /// /// `boot` is a counter in flash, which the firmware increments at each start.
    /// fn serve<U: Read + Write, S>(
    ///     uart: U,
    ///     boot: u32,
    ///     table: &Table<S>,
    ///     state: &mut S,
    /// ) -> Result<(), LinkError<U::Error>> {
    ///     let stream: Stream<Serial, U> = Stream::new(uart, Forever);
    ///     let mut link = Link::with_boot_number(stream, [0; 128], [0; 128], boot);
    ///     link.print("ready\r\n", Time::NEVER)?;
    ///     link.serve(table, state)
    /// }
    /// ```
    #[inline]
    pub fn with_boot_number(transport: T, rx: B, tx: B, boot: u32) -> Self {
        Self::of(transport, SerialWith::introduced(boot), rx, tx)
    }
}

impl<C: Crc32, T: Transport<Framing = SerialWith<C>>, R: AsMut<[u8]>, S: AsMut<[u8]>> Link<T, Each<R, S>> {
    /// Creates a link that introduces itself, with buffers of two types.
    ///
    /// See [`with_boot_number`](Link::with_boot_number).
    #[inline]
    pub fn with_buffers_and_boot_number(transport: T, rx: R, tx: S, boot: u32) -> Self {
        Self::of(transport, SerialWith::introduced(boot), rx, tx)
    }
}

impl<C: Crc32, T: Transport<Framing = SerialWith<C>>, B: Buffers> Link<T, B> {
    /// Returns the peer, if it has introduced itself.
    ///
    /// After a restart of the peer, the result is unchanged until its new hello is received.
    #[must_use]
    pub fn peer(&mut self) -> Option<Peer> {
        self.framing.handshake()?.peer()
    }
}

/// Time for the carrier to accept a hello. The longest hello takes 24 ms at 9600 baud.
const HELLO_PATIENCE: Duration = Duration::from_millis(100);

/// Framings that can carry text between messages: [`Cobs`](crate::framing::Cobs) and
/// [`Serial`](crate::framing::Serial).
#[diagnostic::on_unimplemented(
    message = "`{Self}` carries no text between messages",
    label = "text needs a serial framing",
    note = "`framing::Cobs` and `framing::Serial` carry text"
)]
pub trait CarriesText: Framing {}

impl<C: Crc32> CarriesText for CobsWith<C> {}
impl<C: Crc32> CarriesText for SerialWith<C> {}

impl<T: Transport<Framing: CarriesText>, B: Buffers> Link<T, B> {
    /// Sends text between the messages: a log on the line that also carries calls.
    ///
    /// The transport of the peer receives it by [`Transport::beside`] as [`Beside::Text`]. A terminal on the line shows
    /// it; terminals need `\r\n` at the end of a line. It blocks as sending does, needs no buffer, and has no reply.
    ///
    /// The text is sent in pieces of at most [`TEXT_MAX`] bytes, each with 3 bytes more. A zero byte ends a piece and
    /// is not sent. A peer with a receive buffer of less than 127 bytes drops pieces that it cannot hold.
    ///
    /// # Errors
    /// Returns the error of the transport, or [`LinkError::Unsent`] if the carrier did not accept all before
    /// `deadline`. Calls are not affected.
    ///
    /// # Example
    /// ```
    /// use oncilla::framing::Serial;
    /// use oncilla::{Link, LinkError, Time, Transport};
    ///
    /// fn ready<T: Transport<Framing = Serial>>(link: &mut Link<T, &mut [u8]>) -> Result<(), LinkError<T::Error>> {
    ///     link.print("ready\r\n", Time::NEVER)
    /// }
    /// ```
    pub fn print(&mut self, text: &str, deadline: Time) -> Result<(), LinkError<T::Error>> {
        self.send_text(text, deadline)
    }
}

impl<T: Transport, B: Buffers> Link<T, B> {
    /// Sends text in pieces, as they are.
    pub(super) fn send_text(&mut self, text: &str, deadline: Time) -> Result<(), LinkError<T::Error>> {
        for piece in text.as_bytes().split(|&byte| byte == 0).flat_map(|piece| piece.chunks(TEXT_MAX)) {
            // The first zero ends anything that was sent in part.
            send_frame(&mut self.transport, &[0, TEXT], deadline)?;
            send_frame(&mut self.transport, piece, deadline)?;
            send_frame(&mut self.transport, &[0], deadline)?;
        }
        Ok(())
    }
}

impl<C: Crc32, T: Transport<Framing = SerialWith<C>>, B: Buffers> Link<T, B> {
    /// Sends a piece of a binary log, such as a `defmt` frame, with a check value.
    ///
    /// The transport of the peer receives it whole by [`Transport::beside`] as [`Beside::Log`], or not at all. It is
    /// not retransmitted. A peer drops it if its receive buffer cannot hold it, or if it does not support short
    /// headers. It takes 8 bytes more on the wire, and one for each 254. It blocks as sending does.
    ///
    /// # Errors
    /// Returns the error of the transport, or [`LinkError::BufferTooSmall`] if the transmit buffer cannot hold it.
    pub fn log(&mut self, bytes: &[u8], deadline: Time) -> Result<(), LinkError<T::Error>> {
        let room = self.room();
        let (length, available) = (bytes.len().saturating_add(1), room.len());
        let Some((first, rest)) = room.get_mut(..length).and_then(<[u8]>::split_first_mut) else {
            return Err(LinkError::BufferTooSmall { needed: length, available });
        };
        *first = LOG;
        rest.copy_from_slice(bytes);
        self.send_marked(SHORT_MARK, length, deadline)
    }
}

impl<T: Transport, B: Buffers> Link<T, B> {
    /// Returns the form in which the peer accepts calls of this procedure.
    #[inline]
    pub(crate) fn form(&mut self, id: ProcedureId) -> Form {
        self.framing.form_of_call(id)
    }

    /// Records that a call had no reply in time: the next message is preceded by a hello.
    pub(crate) fn doubt(&mut self) {
        self.framing.doubt();
    }

    /// Returns the size of the largest call that the peer accepts, according to its hello.
    #[inline]
    pub(crate) fn largest(&mut self) -> usize {
        self.framing.largest_call().unwrap_or(usize::MAX)
    }

    /// Sends a hello before a call, if the peer may not know this side. Returns whether the call may be sent now.
    ///
    /// If not, wait for a hello first.
    #[inline]
    pub(crate) fn greet(&mut self, id: ProcedureId, deadline: Time) -> Result<bool, LinkError<T::Error>> {
        if !T::Framing::SHORT {
            return Ok(true);
        }
        self.greet_by_hello(id, deadline)
    }

    fn greet_by_hello(&mut self, id: ProcedureId, deadline: Time) -> Result<bool, LinkError<T::Error>> {
        let buffer = self.rx.as_mut().len();
        // Two sides with equal numbers differ in their time since the start and in their buffers.
        let entropy = (self.now().as_micros() as u32).wrapping_add(buffer as u32);
        let may_call = self.framing.greet(id, entropy);
        // On a keyed link, the hello follows a repeated call: if both arrive, the call needs no new session.
        if !T::Framing::KEYED || !may_call {
            self.send_due_hello(deadline)?;
        }
        Ok(may_call)
    }

    /// Sends a hello if one is due, from the transmit buffer, which holds no other message while the link waits.
    #[inline]
    pub(crate) fn send_due_hello(&mut self, deadline: Time) -> Result<(), LinkError<T::Error>> {
        let buffer = self.rx.as_mut().len();
        match self.framing.write_hello(self.tx.as_mut(), buffer) {
            Some(length) => self.send_hello(length, deadline),
            None => Ok(()),
        }
    }

    /// Sends the hello of `length` bytes in the transmit buffer.
    #[inline]
    pub(super) fn send_hello(&mut self, length: usize, deadline: Time) -> Result<(), LinkError<T::Error>> {
        // A caller that only polls has a deadline that has already passed.
        let patience = self.now().after(HELLO_PATIENCE);
        self.send_marked(T::Framing::HELLO_MARK, length, deadline.max(patience))
    }

    /// Returns whether a hello is due or a change of the peer must be reported.
    #[inline]
    pub(crate) fn needs_attention(&mut self) -> bool {
        self.framing.needs_attention()
    }

    /// Returns the change of the peer since the last call of this function.
    #[inline]
    pub(crate) fn take_change(&mut self) -> Change {
        self.framing.take_change()
    }

    /// Returns whether messages show who sent them: the peer has introduced itself.
    #[inline]
    pub(crate) fn is_known(&mut self) -> bool {
        self.framing.is_known()
    }

    /// Returns whether a call waits for the peer to introduce itself.
    pub(crate) fn is_awaited(&mut self) -> bool {
        self.framing.is_awaited()
    }

    /// Returns whether hellos of this side came back and no peer has answered.
    pub(crate) fn is_echoed(&mut self) -> bool {
        self.framing.is_echoed()
    }

    /// Returns whether a message is a call or reply from the peer. Processes hellos and logs.
    #[inline]
    pub(crate) fn admits(&mut self, span: Span) -> bool {
        let from_peer = self.framing.is_from_peer();
        let message = part(self.rx.as_mut(), span);
        let Some(handshake) = self.framing.handshake() else { return true };
        let full = span.form::<T::Framing>() == Form::Full;
        if from_peer && (full || handshake.is_known()) {
            handshake.accept_message();
            return true;
        }
        if !full {
            if let Some(hello) = Hello::parse(message) {
                handshake.receive_hello(hello);
                return false;
            }
            if let Some(log) = message.strip_prefix(&[LOG]) {
                self.transport.beside(Beside::Log(log));
                return false;
            }
        }
        handshake.reject_message();
        false
    }
}
