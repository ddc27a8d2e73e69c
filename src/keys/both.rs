//! Both ends at once: for endpoints.

use super::Carrier;
use super::ends::{Content, Ends, To};
use super::session::FROM_ACCEPTOR;
use crate::framing::Change;
use crate::message::{ProcedureId, Sender};

/// Opens a session for its own calls and accepts those of its peers: for the link of an [`Endpoint`](crate::Endpoint).
///
/// `O` is [`Opens`](super::Opens) and `A` is [`Accepts`](super::Accepts), both of one side. Each needs a start of its own.
///
/// ```
/// use oncilla::keys::{Accepts, Both, Key, KeyId, Opens, Side};
///
/// static KEYS: [Key; 1] = [Key::new(KeyId(1), *b"sixteen bytes !!")];
///
/// let (boot, start) = (7, *b"a unique number ");
/// let ends = Both::new(Opens::new(Side::Device, &KEYS[0], start, boot), Accepts::new(Side::Device, &KEYS, start, boot));
/// # let _: Both<Opens<&Key>, Accepts<&[Key; 1]>> = ends;
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

    fn place_of(&self, carrier: Carrier, sender: Sender) -> Option<u8> {
        self.accepts.place_of(carrier, sender)
    }

    fn can_seal(&self, to: To) -> bool {
        match to {
            To::Called => self.opens.can_seal(to),
            To::Caller(_) => self.accepts.can_seal(to),
            To::Any => self.opens.can_seal(to) || self.accepts.can_seal(to),
        }
    }

    fn seal(&mut self, to: To, room: &mut [u8], content: usize) -> Option<usize> {
        match to {
            To::Called => self.opens.seal(to, room, content),
            To::Any if self.opens.can_seal(to) => self.opens.seal(to, room, content),
            To::Any | To::Caller(_) => self.accepts.seal(to, room, content),
        }
    }

    fn hello(&mut self, carrier: Carrier, frame: &[u8], room: &mut [u8], capacity: usize) -> Option<usize> {
        self.accepts.hello(carrier, frame, room, capacity)
    }

    fn challenge(&mut self, carrier: Carrier, frame: &[u8]) -> bool {
        self.opens.challenge(carrier, frame)
    }

    fn open(&mut self, carrier: Carrier, frame: &mut [u8], capacity: usize) -> Option<Content> {
        self.accepts.open(carrier, frame, capacity)
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

/// An end that several connections use one after another, so that no start repeats.
impl<E: Ends> Ends for &mut E {
    const OPEN: usize = E::OPEN;

    fn reset(&mut self) {
        E::reset(self);
    }

    fn greet(&mut self, carrier: Carrier, id: ProcedureId) -> bool {
        E::greet(self, carrier, id)
    }

    fn doubt(&mut self, carrier: Carrier) {
        E::doubt(self, carrier);
    }

    fn needs_attention(&self) -> bool {
        E::needs_attention(self)
    }

    fn write_hello(&mut self, carrier: Carrier, room: &mut [u8], capacity: usize) -> Option<usize> {
        E::write_hello(self, carrier, room, capacity)
    }

    fn take_change(&mut self) -> Change {
        E::take_change(self)
    }

    fn is_awaited(&self) -> bool {
        E::is_awaited(self)
    }

    fn largest_call(&self) -> Option<usize> {
        E::largest_call(self)
    }

    fn largest_reply(&self, carrier: Carrier, sender: Sender) -> Option<usize> {
        E::largest_reply(self, carrier, sender)
    }

    fn place_of(&self, carrier: Carrier, sender: Sender) -> Option<u8> {
        E::place_of(self, carrier, sender)
    }

    fn can_seal(&self, to: To) -> bool {
        E::can_seal(self, to)
    }

    fn seal(&mut self, to: To, room: &mut [u8], content: usize) -> Option<usize> {
        E::seal(self, to, room, content)
    }

    fn hello(&mut self, carrier: Carrier, frame: &[u8], room: &mut [u8], capacity: usize) -> Option<usize> {
        E::hello(self, carrier, frame, room, capacity)
    }

    fn challenge(&mut self, carrier: Carrier, frame: &[u8]) -> bool {
        E::challenge(self, carrier, frame)
    }

    fn open(&mut self, carrier: Carrier, frame: &mut [u8], capacity: usize) -> Option<Content> {
        E::open(self, carrier, frame, capacity)
    }

    fn data(&mut self, carrier: Carrier, frame: &mut [u8]) -> Option<Content> {
        E::data(self, carrier, frame)
    }

    fn calls_plain(&self, id: ProcedureId) -> bool {
        E::calls_plain(self, id)
    }

    fn serves_plain(&self, id: ProcedureId) -> bool {
        E::serves_plain(self, id)
    }
}
