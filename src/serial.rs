//! What a link on a serial line does beside carrying calls and replies.

use core::time::Duration;

use crate::framing::{Cobs, Framing, Serial, TEXT, TEXT_MAX};
use crate::handshake::{Handshake, Peer};
use crate::link::{Link, LinkError, Span, part, send_frame};
use crate::message::{Form, Hello, LOG, is_call};
use crate::time::Time;
use crate::transport::{Beside, Transport};

impl<T: Transport<Framing = Serial>, B: AsMut<[u8]>> Link<T, B> {
    /// A link which introduces itself to the other end as the one with this boot number, and calls in the short form
    /// when that has introduced itself too. With [`Link::new`], calls are in the full form and the short is not
    /// served.
    ///
    /// The number must be another after every restart: random, the time, or a counter in flash. By it the
    /// other end sees the restart as such: a call that is under way there ends with
    /// [`CallError::Restarted`](crate::CallError::Restarted), and the replies that it remembers are forgotten
    /// ([`Served::Restart`](crate::Served::Restart)). 0 is taken as 1.
    ///
    /// It says hello when it first receives, and before it calls until the other has answered, four times at most:
    /// 20 bytes on the wire each time, which may take 100 ms even if the deadline comes before. After a call that timed
    /// out it does so again, and calls in the full form until it is answered. One-way calls say nothing: after a
    /// restart of the other end they are lost, until something is received here that tells of it, in a call or
    /// in [`serve_next`](Self::serve_next).
    #[inline]
    pub fn with_boot_number(transport: T, rx: B, tx: B, boot: u32) -> Self {
        Self::of(transport, Serial::introduced(boot), rx, tx)
    }

    /// The other end, if it has introduced itself; as it was before its restart until the new hello has been received.
    /// `None` again after a call that timed out, until it has said hello anew.
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

impl<T: Transport<Framing: CarriesText>, B: AsMut<[u8]>> Link<T, B> {
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

impl<T: Transport<Framing = Serial>, B: AsMut<[u8]>> Link<T, B> {
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
        self.send(Form::Short, length, deadline)
    }
}

impl<T: Transport, B: AsMut<[u8]>> Link<T, B> {
    /// In which form the other end takes calls.
    #[inline]
    pub(crate) fn form(&mut self) -> Form {
        match self.framing.handshake() {
            Some(handshake) if handshake.peer().is_some() => Form::Short,
            _ => Form::Full,
        }
    }

    /// A call has timed out: whether the other end still takes short ones is to be asked.
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

    /// Before a call: says hello as long as the other end has not answered.
    pub(crate) fn greet(&mut self, deadline: Time) -> Result<(), LinkError<T::Error>> {
        let buffer = self.rx.as_mut().len();
        let hello = self.framing.handshake().and_then(|handshake| handshake.greet(|| Cobs::largest(buffer)));
        self.say(hello, deadline)
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
                self.send(Form::Short, length, deadline.max(patience))
            }
            None => Ok(()),
        }
    }

    /// Whether there is something to say, or to tell of the other end.
    #[inline]
    pub(crate) fn has_news(&mut self) -> bool {
        self.framing.handshake().is_some_and(|handshake| handshake.has_news())
    }

    /// Whether the other end has restarted since this was asked last.
    #[inline]
    pub(crate) fn take_restart(&mut self) -> bool {
        self.framing.handshake().is_some_and(Handshake::take_restart)
    }

    /// Whether a message in the short form goes on to who waits for calls and replies. Hellos and logs are dealt
    /// with here.
    #[inline]
    pub(crate) fn admits(&mut self, span: Span) -> bool {
        let message = part(self.rx.as_mut(), span);
        let Some(handshake) = self.framing.handshake() else { return true };
        if is_call(message) {
            return handshake.admits_call();
        }
        if let Some(hello) = Hello::parse(message) {
            handshake.hear(hello);
            return false;
        }
        if let Some(log) = message.strip_prefix(&[LOG]) {
            self.transport.beside(Beside::Log(log));
            return false;
        }
        true
    }
}
