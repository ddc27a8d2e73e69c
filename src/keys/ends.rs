//! What a keyed link needs from its ends, which open and accept sessions.

use super::Carrier;
use crate::framing::Change;
use crate::message::{ProcedureId, Sender};

/// The session in which a message is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The session that this side opened: for its calls.
    Called,
    /// The session in this place, which this side accepted: for replies.
    Caller(u8),
    /// Any of them: for logs.
    Any,
}

/// The content of a message that was verified.
#[derive(Clone, Copy, Debug)]
pub struct Content {
    /// The index of its first byte in the frame.
    pub start: usize,
    /// Its length in bytes.
    pub length: usize,
    /// The sender, or `None` in a session that this side opened.
    pub sender: Option<Sender>,
}

/// The outcome of a HELLO or an OPEN.
#[derive(Clone, Copy, Debug)]
pub enum Greeted {
    /// A CHALLENGE of this size answers the HELLO.
    Answer(usize),
    /// The OPEN has this content.
    Content(Content),
}

/// The ends of sessions on one link.
///
/// They are [`Opens`](super::Opens), [`Accepts`](super::Accepts), [`Both`](super::Both), [`Plain`](super::Plain), or
/// `&mut` one of them. No other type can implement it.
pub trait Ends {
    /// Bytes before the DATA of an OPEN that this side sends.
    #[doc(hidden)]
    const OPEN: usize;

    /// Whether some procedures may be called in the clear.
    #[doc(hidden)]
    const PLAIN: bool = false;

    /// Ends all sessions: a connection begins.
    #[doc(hidden)]
    fn reset(&mut self);

    /// Returns whether a call may be sent now. If not, a HELLO is due.
    #[doc(hidden)]
    fn greet(&mut self, carrier: Carrier, id: ProcedureId) -> bool {
        let _ = (carrier, id);
        true
    }

    /// Records that a call had no reply in time.
    #[doc(hidden)]
    fn doubt(&mut self, carrier: Carrier) {
        let _ = carrier;
    }

    /// Returns whether a HELLO is due or a change must be reported.
    #[doc(hidden)]
    fn needs_attention(&self) -> bool {
        false
    }

    /// Writes the message that is due at the front of `room`; returns its size. `capacity` is that of the receive
    /// buffer.
    #[doc(hidden)]
    fn write_hello(&mut self, carrier: Carrier, room: &mut [u8], capacity: usize) -> Option<usize> {
        let _ = (carrier, room, capacity);
        None
    }

    /// Returns the change of the peer since the last call of this function.
    #[doc(hidden)]
    fn take_change(&mut self) -> Change {
        Change::None
    }

    /// Returns whether a call waits for a session.
    #[doc(hidden)]
    fn is_awaited(&self) -> bool {
        false
    }

    /// Returns the size of the largest call that the peer can receive.
    #[doc(hidden)]
    fn largest_call(&self) -> Option<usize> {
        None
    }

    /// Returns the size of the largest reply that `sender` can receive.
    #[doc(hidden)]
    fn largest_reply(&self, carrier: Carrier, sender: Sender) -> Option<usize> {
        let _ = (carrier, sender);
        None
    }

    /// Returns whether the session of `sender` has not ended.
    #[doc(hidden)]
    fn is_present(&self, carrier: Carrier, sender: Sender) -> bool {
        let _ = (carrier, sender);
        false
    }

    /// Returns whether there is a session for own calls in which another message can be sealed.
    #[doc(hidden)]
    fn can_call(&self) -> bool {
        false
    }

    /// Makes DATA or an OPEN of the content at 5 of `room`, at its front. Returns its size.
    #[doc(hidden)]
    fn seal(&mut self, to: To, room: &mut [u8], content: usize) -> Option<usize>;

    /// Answers a HELLO that verifies: writes a CHALLENGE at the front of `room`. Opens an OPEN that verifies in place.
    #[doc(hidden)]
    fn greeted(&mut self, carrier: Carrier, frame: &mut [u8], room: &mut [u8], capacity: usize) -> Option<Greeted> {
        let _ = (carrier, frame, room, capacity);
        None
    }

    /// Takes a CHALLENGE if it verifies. Returns whether it does.
    #[doc(hidden)]
    fn challenge(&mut self, carrier: Carrier, frame: &[u8]) -> bool {
        let _ = (carrier, frame);
        false
    }

    /// Opens DATA in place if it verifies.
    #[doc(hidden)]
    fn data(&mut self, carrier: Carrier, frame: &mut [u8]) -> Option<Content>;

    /// Returns whether calls of this procedure are sent in the clear.
    #[doc(hidden)]
    fn calls_plain(&self, id: ProcedureId) -> bool {
        let _ = id;
        false
    }

    /// Returns whether calls of this procedure are served if they came in the clear.
    #[doc(hidden)]
    fn serves_plain(&self, id: ProcedureId) -> bool {
        let _ = id;
        false
    }
}

/// Passes the functions of [`Ends`] on to another end.
macro_rules! pass_on {
    ($self:ident: $type:ty => $inner:expr) => {
        const OPEN: usize = <$type>::OPEN;

        fn reset(&mut $self) {
            $inner.reset();
        }

        fn greet(&mut $self, carrier: Carrier, id: ProcedureId) -> bool {
            $inner.greet(carrier, id)
        }

        fn doubt(&mut $self, carrier: Carrier) {
            $inner.doubt(carrier);
        }

        fn needs_attention(&$self) -> bool {
            $inner.needs_attention()
        }

        fn write_hello(&mut $self, carrier: Carrier, room: &mut [u8], capacity: usize) -> Option<usize> {
            $inner.write_hello(carrier, room, capacity)
        }

        fn take_change(&mut $self) -> Change {
            $inner.take_change()
        }

        fn is_awaited(&$self) -> bool {
            $inner.is_awaited()
        }

        fn largest_call(&$self) -> Option<usize> {
            $inner.largest_call()
        }

        fn largest_reply(&$self, carrier: Carrier, sender: Sender) -> Option<usize> {
            $inner.largest_reply(carrier, sender)
        }

        fn is_present(&$self, carrier: Carrier, sender: Sender) -> bool {
            $inner.is_present(carrier, sender)
        }

        fn can_call(&$self) -> bool {
            $inner.can_call()
        }

        fn seal(&mut $self, to: To, room: &mut [u8], content: usize) -> Option<usize> {
            $inner.seal(to, room, content)
        }

        fn greeted(&mut $self, carrier: Carrier, frame: &mut [u8], room: &mut [u8], capacity: usize) -> Option<Greeted> {
            $inner.greeted(carrier, frame, room, capacity)
        }

        fn challenge(&mut $self, carrier: Carrier, frame: &[u8]) -> bool {
            $inner.challenge(carrier, frame)
        }

        fn data(&mut $self, carrier: Carrier, frame: &mut [u8]) -> Option<Content> {
            $inner.data(carrier, frame)
        }
    };
}

/// An end that several connections use one after another, so that no start repeats.
impl<E: Ends> Ends for &mut E {
    const PLAIN: bool = E::PLAIN;

    pass_on!(self: E => (**self));

    fn calls_plain(&self, id: ProcedureId) -> bool {
        E::calls_plain(self, id)
    }

    fn serves_plain(&self, id: ProcedureId) -> bool {
        E::serves_plain(self, id)
    }
}

/// An end that allows some procedures to be called in the clear.
///
/// It is made by [`Opens::allow_plain`](super::Opens::allow_plain) and
/// [`Accepts::allow_plain`](super::Accepts::allow_plain).
pub struct Plain<E> {
    ends: E,
    procedures: &'static [ProcedureId],
}

impl<E> Plain<E> {
    pub(super) const fn new(ends: E, procedures: &'static [ProcedureId]) -> Self {
        Self { ends, procedures }
    }
}

impl<E: Ends> Ends for Plain<E> {
    const PLAIN: bool = true;

    pass_on!(self: E => self.ends);

    fn calls_plain(&self, id: ProcedureId) -> bool {
        self.procedures.contains(&id)
    }

    fn serves_plain(&self, id: ProcedureId) -> bool {
        self.procedures.contains(&id)
    }
}
