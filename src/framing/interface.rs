//! The interface of framings: what a link needs from each.

use super::{Change, Handshake, Progress, SHORT_MARK, Unsealed};
use crate::message::{Form, ProcedureId, Sender};

/// Extracts messages from received bytes and frames those to be sent.
///
/// A framing does not interpret messages and does no input or output. A receiver repeats two steps:
///
/// 1. [`next`](Self::next) looks for a whole message in the received bytes.
/// 2. If it returns [`Progress::More`], write received bytes into the [`window`](Self::window) and report their number
///    with [`filled`](Self::filled).
///
/// The caller owns the buffer. Pass the same buffer to every call and change nothing in it except the message that was
/// found.
///
/// A [`Link`](crate::Link) does all of this. Use a framing directly for tools that look into a stream of bytes.
///
/// # Example
/// ```
/// use oncilla::framing::{Cobs, Framing, Progress};
///
/// // Sending: write the message into the room, then seal it.
/// let mut tx = [0; Cobs::buffer(5)];
/// Cobs::room(&mut tx)[..5].copy_from_slice(b"hello");
/// let frame = Cobs::seal(&mut tx, 5).unwrap();
/// assert_eq!(frame.len(), 12);
///
/// // Receiving, in pieces of any size.
/// let mut rx = [0; Cobs::buffer(5)];
/// let mut framing = Cobs::default();
/// for piece in frame.chunks(4) {
///     assert_eq!(framing.next(&mut rx), Progress::More);
///     framing.window(&mut rx)[..piece.len()].copy_from_slice(piece);
///     framing.filled(piece.len());
/// }
/// let Progress::Message { start, length } = framing.next(&mut rx) else { panic!("the frame is whole") };
/// assert_eq!(&rx[start..][..length], b"hello");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a framing",
    label = "this does not delimit messages",
    note = "`oncilla::framing` has `Record` and `RecordAhead` for connections, `Cobs` and `Serial` for serial lines, \
            `Datagram` for UDP"
)]
pub trait Framing: Default {
    /// Whether the receiver finds the next message after any damage.
    ///
    /// If so, a message that was sent only in part does not affect later ones. If not, the connection must be closed.
    const RESYNCHRONIZES: bool;

    /// Whether receive errors may be noise on a line ([`Transport::is_noise`](crate::Transport::is_noise)).
    const NOISY: bool = false;

    /// Whether each receive operation returns one message, which may be [`Oversize`](crate::Received::Oversize).
    const DATAGRAMS: bool = false;

    /// Whether the framing can carry messages in the short form ([`Form::Short`]).
    const SHORT: bool = false;

    /// Size in bytes of the smallest buffer that can receive a message.
    const BUFFER_MIN: usize;

    /// Finds the next message in the received bytes.
    ///
    /// The message of the previous call is discarded.
    fn next(&mut self, buffer: &mut [u8]) -> Progress;

    /// Finds the next message, or text or dropped bytes before it.
    ///
    /// Also returns [`Progress::Text`] and [`Progress::Dropped`] if the framing supports them.
    /// [`next`](Self::next) skips both.
    #[inline]
    fn next_of_all(&mut self, buffer: &mut [u8]) -> Progress {
        self.next(buffer)
    }

    /// Returns the form of the last message that was found.
    #[inline]
    fn form(&self) -> Form {
        Form::Full
    }

    /// Returns the part of the buffer where the next received bytes go.
    ///
    /// After [`Progress::More`] it is never empty if the buffer has at least [`BUFFER_MIN`](Self::BUFFER_MIN) bytes.
    fn window<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8];

    /// Reports that `length` bytes were written at the start of the window.
    fn filled(&mut self, length: usize);

    /// Returns whether a message has been received in part.
    fn is_amid(&self) -> bool;

    /// Returns the part of a transmit buffer into which the caller writes a message.
    fn room(buffer: &mut [u8]) -> &mut [u8];

    /// Frames the message of `length` bytes at the start of [`room`](Self::room).
    ///
    /// Returns the bytes to send, or `None` if the message is longer than the room.
    fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]>;

    /// Frames a message with a check value that differs by `mark` (exclusive or).
    ///
    /// The mark is ignored where a framing has no check value or only one kind of message. See [`seal`](Self::seal).
    #[inline]
    fn seal_marked(buffer: &mut [u8], length: usize, mark: u32) -> Option<&[u8]> {
        let _ = mark;
        Self::seal(buffer, length)
    }

    /// Returns the mark of a call or reply in `form` to the peer.
    #[inline]
    fn mark(&self, form: Form) -> u32 {
        let _ = form;
        0
    }

    /// Returns whether the last message has the mark of the peer.
    ///
    /// Without a session, messages have no mark; then it returns `true` for them.
    #[inline]
    fn is_from_peer(&self) -> bool {
        true
    }

    /// Returns the state of the handshake, if the framing has one.
    #[inline]
    fn handshake(&mut self) -> Option<&mut Handshake> {
        None
    }

    /// Whether messages are sealed under a key.
    #[doc(hidden)]
    const KEYED: bool = false;

    /// The mark of hellos.
    #[doc(hidden)]
    const HELLO_MARK: u32 = SHORT_MARK;

    /// Returns the size of the largest message that a receive buffer of `buffer` bytes holds.
    #[doc(hidden)]
    #[inline]
    fn capacity(buffer: usize) -> usize {
        buffer
    }

    /// Frames a message with `mark`, in the session of this link. See [`seal_marked`](Self::seal_marked).
    #[doc(hidden)]
    #[inline]
    fn seal_next<'b>(&mut self, buffer: &'b mut [u8], length: usize, mark: u32) -> Option<&'b [u8]> {
        Self::seal_marked(buffer, length, mark)
    }

    /// Returns the mark of a call of this procedure.
    #[doc(hidden)]
    #[inline]
    fn call_mark(&self, form: Form, id: ProcedureId) -> u32 {
        let _ = id;
        self.mark(form)
    }

    /// Returns the mark of a reply in `form` to `sender`.
    #[doc(hidden)]
    #[inline]
    fn reply_mark(&self, form: Form, sender: Option<Sender>) -> u32 {
        let _ = sender;
        self.mark(form)
    }

    /// Returns whether the session of `sender` has not ended.
    #[doc(hidden)]
    #[inline]
    fn is_present(&self, sender: Option<Sender>) -> bool {
        let _ = sender;
        true
    }

    /// Returns the mark of a log or text, of the kind `kind`, in the session of this link.
    #[doc(hidden)]
    #[inline]
    fn log_mark(kind: u8) -> u32 {
        let _ = kind;
        SHORT_MARK
    }

    /// Returns the sender of the last message, if it was sealed.
    #[doc(hidden)]
    #[inline]
    fn sender(&self) -> Option<Sender> {
        None
    }

    /// Verifies a frame of a keyed link, or answers it at the front of the transmit buffer's room.
    ///
    /// `rx` is the size of the receive buffer.
    #[doc(hidden)]
    #[inline]
    fn unseal(&mut self, frame: &mut [u8], rx: usize, tx: &mut [u8]) -> Unsealed {
        let _ = (frame, rx, tx);
        Unsealed::Nothing
    }

    /// Returns the form in which the peer accepts calls of this procedure.
    #[doc(hidden)]
    #[inline]
    fn form_of_call(&mut self, id: ProcedureId) -> Form {
        let _ = id;
        match self.handshake() {
            Some(handshake) if handshake.is_known() => Form::Short,
            _ => Form::Full,
        }
    }

    /// Records that a call had no reply in time.
    #[doc(hidden)]
    #[inline]
    fn doubt(&mut self) {
        if let Some(handshake) = self.handshake() {
            handshake.doubt();
        }
    }

    /// Returns the size of the largest call that the peer can receive, if known.
    #[doc(hidden)]
    #[inline]
    fn largest_call(&mut self) -> Option<usize> {
        self.handshake().and_then(|handshake| handshake.peer()).map(|peer| peer.largest)
    }

    /// Returns the size of the largest reply that `sender` can receive, if known.
    #[doc(hidden)]
    #[inline]
    fn largest_reply(&mut self, sender: Option<Sender>) -> Option<usize> {
        let _ = sender;
        self.largest_call()
    }

    /// Returns whether a call of this procedure may be sent now, for the first time or again.
    ///
    /// If not, a hello is due, and the caller waits for the answer first.
    #[doc(hidden)]
    #[inline]
    fn greet(&mut self, id: ProcedureId, entropy: u32) -> bool {
        let _ = id;
        self.handshake().is_none_or(|handshake| handshake.greet(entropy))
    }

    /// Writes the hello that is due into the transmit buffer, and returns its size. `rx` is that of the receive buffer.
    #[doc(hidden)]
    #[inline]
    fn write_hello(&mut self, tx: &mut [u8], rx: usize) -> Option<usize> {
        let largest = || u32::try_from(Self::capacity(rx)).unwrap_or(u32::MAX);
        self.handshake().and_then(|handshake| handshake.due_hello(largest))?.write(Self::room(tx))
    }

    /// Returns whether a hello is due or a change of the peer must be reported.
    #[doc(hidden)]
    #[inline]
    fn needs_attention(&mut self) -> bool {
        self.handshake().is_some_and(|handshake| handshake.needs_attention())
    }

    /// Returns the change of the peer since the last call of this function.
    #[doc(hidden)]
    #[inline]
    fn take_change(&mut self) -> Change {
        self.handshake().map_or(Change::None, Handshake::take_change)
    }

    /// Returns whether messages show who sent them: the peer has introduced itself.
    #[doc(hidden)]
    #[inline]
    fn is_known(&mut self) -> bool {
        self.handshake().is_some_and(|handshake| handshake.is_known())
    }

    /// Returns whether a call waits for the peer to introduce itself.
    #[doc(hidden)]
    #[inline]
    fn is_awaited(&mut self) -> bool {
        self.handshake().is_some_and(|handshake| handshake.is_awaited())
    }

    /// Returns whether hellos of this side came back and no peer has answered.
    #[doc(hidden)]
    #[inline]
    fn is_echoed(&mut self) -> bool {
        self.handshake().is_some_and(|handshake| handshake.is_echoed())
    }
}
