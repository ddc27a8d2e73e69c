//! Both ends at once: for endpoints.

use super::Carrier;
use super::ends::{Content, Ends, Greeted, To};
use super::session::FROM_ACCEPTOR;
use crate::framing::Change;
use crate::message::{ProcedureId, Sender};

/// Opens a session for its own calls and accepts those of its peers.
///
/// It is for the link of an [`Endpoint`](crate::Endpoint).
///
/// `O` is [`Opens`](super::Opens) and `A` is [`Accepts`](super::Accepts), both of one side. Each needs a start of its
/// own.
///
/// ```
/// use oncilla::keys::{Accepts, Both, Key, KeyId, Opens, Side};
///
/// static KEYS: [Key; 1] = [Key::new(KeyId(1), *b"sixteen bytes !!")];
///
/// let (boot, start) = (7, *b"a unique number ");
/// let opens: Opens<_> = Opens::new(Side::Device, &KEYS[0], start, boot);
/// let accepts = Accepts::<_, 1>::new(Side::Device, &KEYS, *b"and another one ", boot);
/// let ends = Both::new(opens, accepts);
/// # let _ = ends;
/// ```
pub struct Both<O, A> {
    opens: O,
    accepts: A,
}

impl<O: Ends, A: Ends> Both<O, A> {
    /// Creates an end that opens sessions as `opens` does, and accepts them as `accepts` does.
    pub const fn new(opens: O, accepts: A) -> Self {
        Self { opens, accepts }
    }
}

impl<O: Ends, A: Ends> Ends for Both<O, A> {
    const OPEN: usize = O::OPEN;
    const PLAIN: bool = O::PLAIN || A::PLAIN;

    fn reset(&mut self) {
        self.opens.reset();
        self.accepts.reset();
    }

    fn greet(&mut self, carrier: Carrier, id: ProcedureId) -> bool {
        self.opens.greet(carrier, id)
    }

    fn doubt(&mut self, carrier: Carrier) {
        self.opens.doubt(carrier);
    }

    fn needs_attention(&self) -> bool {
        self.opens.needs_attention()
    }

    fn write_hello(&mut self, carrier: Carrier, room: &mut [u8], capacity: usize) -> Option<usize> {
        self.opens.write_hello(carrier, room, capacity)
    }

    fn take_change(&mut self) -> Change {
        self.opens.take_change()
    }

    fn is_awaited(&self) -> bool {
        self.opens.is_awaited()
    }

    fn largest_call(&self) -> Option<usize> {
        self.opens.largest_call()
    }

    fn largest_reply(&self, carrier: Carrier, sender: Sender) -> Option<usize> {
        self.accepts.largest_reply(carrier, sender)
    }

    fn is_present(&self, carrier: Carrier, sender: Sender) -> bool {
        self.accepts.is_present(carrier, sender)
    }

    fn can_call(&self) -> bool {
        self.opens.can_call()
    }

    fn seal(&mut self, to: To, room: &mut [u8], content: usize) -> Option<usize> {
        match to {
            To::Called => self.opens.seal(to, room, content),
            To::Any if self.opens.can_call() => self.opens.seal(to, room, content),
            To::Any | To::Caller(_) => self.accepts.seal(to, room, content),
        }
    }

    fn greeted(&mut self, carrier: Carrier, frame: &mut [u8], room: &mut [u8], capacity: usize) -> Option<Greeted> {
        self.accepts.greeted(carrier, frame, room, capacity)
    }

    fn challenge(&mut self, carrier: Carrier, frame: &[u8]) -> bool {
        self.opens.challenge(carrier, frame)
    }

    fn data(&mut self, carrier: Carrier, frame: &mut [u8]) -> Option<Content> {
        match frame.first()? & FROM_ACCEPTOR {
            0 => self.accepts.data(carrier, frame),
            _ => self.opens.data(carrier, frame),
        }
    }

    fn calls_plain(&self, id: ProcedureId) -> bool {
        self.opens.calls_plain(id)
    }

    fn serves_plain(&self, id: ProcedureId) -> bool {
        self.accepts.serves_plain(id)
    }
}
