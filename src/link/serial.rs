//! What a link on a serial line does beside carrying calls and replies.

use core::time::Duration;

use super::receive::part;
use super::send::send_frame;
use super::{Beside, Buffers, Each, Link, LinkError, Span, Time, Transport};
use crate::framing::handshake::Peer;
use crate::framing::{Cobs, Framing, Handshake, News, SHORT_MARK, Serial, TEXT, TEXT_MAX};
use crate::message::{Form, Hello, LOG};

impl<T: Transport<Framing = Serial>, B: AsMut<[u8]>> Link<T, B> {
    /// A link which introduces itself to its peer by this boot number. Calls are in the short form when the peer has
    /// introduced itself too, and every message is for this pair of numbers alone. With [`Link::new`], calls are in the
    /// full form and the short is not served.
    ///
    /// The number must be another after every restart: random, the time, or a counter in flash. By it the
    /// peer sees the restart as such: a call that is under way there ends with
    /// [`CallError::Restarted`](crate::CallError::Restarted), and the replies that it remembers are forgotten
    /// ([`Served::Restart`](crate::Served::Restart)). A call is executed at most once over restarts of either end if both
    /// have boot numbers and the server remembers replies, also where the line holds frames back.
    /// [`Handshake`] states the rules.
    ///
    /// The two ends should have different numbers. If both have the same, the one that calls first takes another.
    ///
    /// It says hello when it first receives, and before it calls until the peer has answered: 20 bytes on the wire each
    /// time, which may take 100 ms even if the deadline comes before. The first call waits for the answer, and after four
    /// hellos in vain, 50 ms apart, calls as [`Link::new`] does: so a peer that does not introduce itself is called 0.2 s
    /// later. A transport without a clock waits for the answer for ever. Before a call is repeated, and after one that
    /// timed out, hello is said again.
    ///
    /// A peer that has introduced itself is taken for one that does as long as the link lives: one without a boot number
    /// that is put in its place is neither called nor served. Make a new link then. Two ends are meant: on a line with
    /// more, at most two of them find each other.
    ///
    /// One-way calls say nothing and wait for nothing: before the peer is known they are plain, and after a restart of the
    /// peer they are lost until something is received here that shows it, in a call or in
    /// [`serve_next`](Self::serve_next).
    ///
    /// On a line that echoes what is sent, calls work if the peer answers; else they end with
    /// [`CallError::Echoed`](crate::CallError::Echoed), and their own echo is not executed.
    #[inline]
    pub fn with_boot_number(transport: T, rx: B, tx: B, boot: u32) -> Self {
        Self::of(transport, Serial::introduced(boot), rx, tx)
    }
}

impl<T: Transport<Framing = Serial>, R: AsMut<[u8]>, S: AsMut<[u8]>> Link<T, Each<R, S>> {
    /// The same as `with_boot_number`, over buffers of two types.
    #[inline]
    pub fn with_buffers_and_boot_number(transport: T, rx: R, tx: S, boot: u32) -> Self {
        Self::of(transport, Serial::introduced(boot), rx, tx)
    }
}

impl<T: Transport<Framing = Serial>, B: Buffers> Link<T, B> {
    /// The peer, if it has introduced itself; as it was before its restart until the new hello has been received.
    #[must_use]
    pub fn peer(&mut self) -> Option<Peer> {
        self.framing.handshake()?.peer()
    }
}

/// How long a carrier has to take a hello. At 9600 baud the longest takes 24 ms.
const HELLO_PATIENCE: Duration = Duration::from_millis(100);

/// Framings between whose messages there may be text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` carries no text between messages",
    label = "text needs a serial framing",
    note = "`framing::Cobs` and `framing::Serial` carry text"
)]
pub trait CarriesText: Framing {}

impl CarriesText for Cobs {}
impl CarriesText for Serial {}

impl<T: Transport<Framing: CarriesText>, B: Buffers> Link<T, B> {
    /// Writes text between the messages: a log on the line that also carries calls. The other end's transport is
    /// shown it ([`Beside::Text`]), and so is whoever looks at the line with a terminal, who wants `\r\n` at
    /// the end of a line. It blocks as sending does; it needs no buffer, and no answer comes.
    ///
    /// It goes in pieces of [`TEXT_MAX`] bytes, each of which takes 3 more. A zero byte in the text ends a piece and is
    /// left out. An end whose receive buffer has fewer than 127 bytes drops pieces that it cannot hold.
    ///
    /// # Errors
    /// What the transport reported, or [`LinkError::Unsent`] when not all was taken until `deadline`; calls are not
    /// disturbed by that.
    pub fn print(&mut self, text: &str, deadline: Time) -> Result<(), LinkError<T::Error>> {
        for piece in text.as_bytes().split(|&byte| byte == 0).flat_map(|piece| piece.chunks(TEXT_MAX)) {
            // The zero before it ends whatever was sent in part.
            send_frame(&mut self.transport, &[0, TEXT], deadline)?;
            send_frame(&mut self.transport, piece, deadline)?;
            send_frame(&mut self.transport, &[0], deadline)?;
        }
        Ok(())
    }
}

impl<T: Transport<Framing = Serial>, B: Buffers> Link<T, B> {
    /// Sends a piece of binary log, such as a frame of `defmt`, with a check value: the other end's transport is shown
    /// it whole ([`Beside::Log`]) or not at all: it is not sent again, and dropped by an end whose receive buffer cannot
    /// hold it or which knows nothing of short headers. It takes 8 bytes more on the wire, and one for each 254, and
    /// blocks as sending does.
    ///
    /// # Errors
    /// What the transport reported, or [`LinkError::BufferTooSmall`] when the transmit buffer cannot hold it.
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
    /// In which form the other end takes calls.
    #[inline]
    pub(crate) fn form(&mut self) -> Form {
        match self.framing.handshake() {
            Some(handshake) if handshake.is_known() => Form::Short,
            _ => Form::Full,
        }
    }

    /// A call has got no reply in time: whether the peer has restarted is to be asked.
    pub(crate) fn doubt(&mut self) {
        if let Some(handshake) = self.framing.handshake() {
            handshake.doubt();
        }
    }

    /// Bytes of the largest message that the other end takes, as far as is known.
    #[inline]
    pub(crate) fn largest(&mut self) -> usize {
        let peer = self.framing.handshake().and_then(|handshake| handshake.peer());
        peer.map_or(usize::MAX, |peer| peer.largest)
    }

    /// Before a call is sent: says hello if the peer may not know this end. Returns whether the call may be sent; if
    /// not, a hello is to be waited for.
    #[inline]
    pub(crate) fn greet(&mut self, deadline: Time) -> Result<bool, LinkError<T::Error>> {
        if !T::Framing::SHORT {
            return Ok(true);
        }
        self.greet_by_hello(deadline)
    }

    fn greet_by_hello(&mut self, deadline: Time) -> Result<bool, LinkError<T::Error>> {
        let buffer = self.rx.as_mut().len();
        // What tells two ends apart that have begun alike: how long they have been running, and what they can receive.
        let entropy = (self.now().as_micros() as u32).wrapping_add(buffer as u32);
        let may_call = self.framing.handshake().is_none_or(|handshake| handshake.greet(entropy));
        self.introduce(deadline)?;
        Ok(may_call)
    }

    /// Says hello if that is due.
    #[inline]
    pub(crate) fn introduce(&mut self, deadline: Time) -> Result<(), LinkError<T::Error>> {
        let buffer = self.rx.as_mut().len();
        let hello = self.framing.handshake().and_then(|handshake| handshake.say(|| Cobs::largest(buffer)));
        self.say(hello, deadline)
    }

    /// Takes the transmit buffer, in which nothing is kept while a message is waited for.
    #[inline]
    fn say(&mut self, hello: Option<Hello>, deadline: Time) -> Result<(), LinkError<T::Error>> {
        match hello.and_then(|hello| hello.write(self.room())) {
            Some(length) => {
                // Also for whoever only looks whether a message is there, and whose deadline is over.
                let patience = self.now().after(HELLO_PATIENCE);
                self.send_marked(SHORT_MARK, length, deadline.max(patience))
            }
            None => Ok(()),
        }
    }

    /// Whether there is something to say, or to tell of the other end.
    #[inline]
    pub(crate) fn has_news(&mut self) -> bool {
        self.framing.handshake().is_some_and(|handshake| handshake.has_news())
    }

    /// What is to be told of the peer since this was asked last.
    #[inline]
    pub(crate) fn take_news(&mut self) -> News {
        self.framing.handshake().map_or(News::None, Handshake::take_news)
    }

    /// Whether the peer has introduced itself.
    #[inline]
    pub(crate) fn is_known(&mut self) -> bool {
        self.framing.handshake().is_some_and(|handshake| handshake.is_known())
    }

    /// Whether a call waits for the peer to introduce itself.
    pub(crate) fn is_awaited(&mut self) -> bool {
        self.framing.handshake().is_some_and(|handshake| handshake.is_awaited())
    }

    /// Whether what was sent has come back, and nobody else has answered.
    pub(crate) fn is_echoed(&mut self) -> bool {
        self.framing.handshake().is_some_and(|handshake| handshake.is_echoed())
    }

    /// Whether a message is the peer's and goes on to what waits for calls and replies. Hellos and logs are dealt with
    /// here.
    #[inline]
    pub(crate) fn admits(&mut self, span: Span) -> bool {
        let from_peer = self.framing.is_from_peer();
        let message = part(self.rx.as_mut(), span);
        let Some(handshake) = self.framing.handshake() else { return true };
        let full = span.form::<T::Framing>() == Form::Full;
        if from_peer && (full || handshake.is_known()) {
            handshake.take_message();
            return true;
        }
        if !full {
            if let Some(hello) = Hello::parse(message) {
                handshake.hear(hello);
                return false;
            }
            if let Some(log) = message.strip_prefix(&[LOG]) {
                self.transport.beside(Beside::Log(log));
                return false;
            }
        }
        handshake.refuse_message();
        false
    }
}
