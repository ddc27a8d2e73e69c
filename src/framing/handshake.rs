//! The handshake on a serial link: how two peers learn of each other.

use crate::framing::zeros;
use crate::message::Hello;

/// Unanswered hellos after which a peer counts as one without a boot number.
const HELLOS_MAX: u8 = 4;

/// Hellos answered in a row before a message of the peer must arrive.
///
/// Without this bound, more than two peers on a line would answer each other for ever.
const ANSWERS_MAX: u8 = 16;

/// The peer on a serial link, as its hello described it.
///
/// Returned by [`Link::peer`](crate::Link::peer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The boot number of the peer: another one after each start.
    pub boot: u32,
    /// Bytes of the largest message that the peer can receive.
    pub largest: usize,
}

/// A change of the peer that has not been reported yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// None.
    #[default]
    None,
    /// The peer has introduced itself, and a call waits for that.
    Introduced,
    /// The peer has restarted.
    Restart,
}

/// The state of the handshake on one link: 36 bytes.
///
/// A hello contains the boot number of its sender and the size of the largest message that it can receive. It also
/// shows that the sender accepts short headers. Each side requests an answer until a hello of the peer contains its own
/// boot number. Three hellos are enough, and lost ones are sent again:
///
/// | from | hello | then |
/// |---|---|---|
/// | A | "My number is 7. Please answer." | |
/// | B | "My number is 9, yours is 7. Please answer." | A calls B, and accepts calls from B |
/// | A | "My number is 7, yours is 9." | B calls A, and accepts calls from A |
///
/// **Marks.** In a session, the check value of every call and reply depends on both boot numbers. It differs from the
/// plain check value by the mark `a ^ M(b)`: `a` is the number of the sender, `b` that of the receiver, and `M` is four
/// steps of the CRC with a zero byte. A message from before a restart of either side has another mark, and is dropped
/// like garbage, in both forms, however long the line delayed it. `M` and `1 + M` are invertible. Therefore any restart
/// of one side changes the mark, and a side's own messages, which a line may echo, have the mark of the peer only if
/// both numbers are equal.
///
/// **Plain messages** have no mark. They are sent and executed only while no peer has introduced itself. A call is sent
/// as a plain message only after four unanswered hellos. After a peer has introduced itself, plain messages are dropped
/// for the rest of the life of the link.
///
/// **Late hellos.** A hello with the boot number that the peer had before its last restart is ignored.
///
/// **Echoes.** A hello with the boot number of this side is an echo, or comes from a peer with the same number. It is
/// ignored. If four hellos have no other answer, the side that calls takes another number. A peer answers the new
/// number; an echo repeats it.
#[derive(Debug, Default)]
pub struct Handshake {
    /// The boot number of this side.
    own: u32,
    /// The boot number of the peer.
    peer: u32,
    /// The previous boot number of the peer; that of this side if there was none.
    former: u32,
    /// Bytes of the largest message that the peer can receive.
    largest: usize,
    /// The mark of messages to the peer; 0 without a session.
    sent: u32,
    /// The difference that the mark of the peer makes in the final CRC register.
    expected: u32,
    /// Whether this side sends and accepts hellos.
    introduced: bool,
    /// Whether the peer has introduced itself.
    known: bool,
    /// Whether the peer knows the boot number of this side, and is not in doubt.
    confirmed: bool,
    /// Whether a hello must be sent.
    hello_due: bool,
    /// The change of the peer that has not been reported yet.
    change: Change,
    /// Whether a call waits for the peer to introduce itself.
    awaited: bool,
    /// Whether calls were sent as plain messages.
    plain: bool,
    /// Whether hellos with the boot number of this side may come from a peer.
    twin: bool,
    /// Whether this side has replaced the boot number that it was given.
    renamed: bool,
    /// Hellos sent since the last message of the peer.
    hellos: u8,
    /// Whether hellos with the boot number of this side were received.
    echoed: bool,
}

/// Returns the mark of messages from `sender` to `receiver`.
fn mark(sender: u32, receiver: u32) -> u32 {
    sender ^ zeros(receiver)
}

impl Handshake {
    /// Creates the state of a side with boot number `boot`; a hello is due.
    #[inline]
    pub(crate) fn new(boot: u32) -> Self {
        Self { own: boot, former: boot, introduced: true, hello_due: true, ..Self::default() }
    }

    /// Returns the peer, if it has introduced itself.
    pub(crate) fn peer(&self) -> Option<Peer> {
        self.known.then_some(Peer { boot: self.peer, largest: self.largest })
    }

    #[inline]
    pub(crate) const fn is_known(&self) -> bool {
        self.known
    }

    /// Returns the mark of messages to the peer.
    #[inline]
    pub(crate) const fn mark(&self) -> u32 {
        self.sent
    }

    /// Returns the difference that the mark of the peer makes in the final CRC register.
    #[inline]
    pub(crate) const fn expected(&self) -> u32 {
        self.expected
    }

    pub(crate) const fn is_awaited(&self) -> bool {
        self.awaited && !self.plain
    }

    /// Returns whether hellos of this side came back and no peer has answered.
    pub(crate) const fn is_echoed(&self) -> bool {
        self.echoed && !self.confirmed
    }

    /// Records that a call had no reply in time: a hello is sent before the next message to the peer.
    ///
    /// The peer may have restarted, and its hello may have been lost.
    pub(crate) const fn doubt(&mut self) {
        self.confirmed = false;
    }

    /// Returns whether a call may be sent now, for the first time or again. If not, wait for a hello first.
    #[cfg_attr(target_pointer_width = "16", inline(never))]
    pub(crate) fn greet(&mut self, entropy: u32) -> bool {
        if self.confirmed || !self.introduced {
            return true;
        }
        if self.hellos >= HELLOS_MAX {
            if !self.echoed && !self.known {
                self.plain = true;
                self.awaited = true;
                return true;
            }
            if self.twin && !self.renamed {
                self.rename(entropy);
            }
        }
        self.hello_due = true;
        self.awaited = !self.known;
        self.known
    }

    /// Takes another boot number.
    ///
    /// A counter of restarts changes mostly the lower bits. These stay as they are, so that no later boot number is
    /// equal.
    fn rename(&mut self, entropy: u32) {
        self.own ^= 1 << 31 | entropy << 16;
        self.former = self.own;
        self.renamed = true;
        // The peer sees a restart: it forgets its replies to the calls in flight.
        if self.known {
            self.change = Change::Restart;
        }
        self.hellos = 0;
        self.compute_marks();
    }

    /// Computes the marks.
    #[inline]
    fn compute_marks(&mut self) {
        if self.known {
            self.sent = mark(self.own, self.peer);
            self.expected = zeros(mark(self.peer, self.own));
        }
    }

    /// Records a message with the mark of the peer, or without a mark before a session.
    #[cfg_attr(target_pointer_width = "16", inline(never))]
    #[cfg_attr(not(target_pointer_width = "16"), inline)]
    pub(crate) const fn accept_message(&mut self) {
        if self.known {
            self.confirmed = true;
            self.hellos = 0;
        } else {
            // A peer that introduces itself, but has not received the hellos, sends plain calls.
            self.hello_due |= self.hellos < HELLOS_MAX;
        }
    }

    /// Records a message with another mark: the sender has an outdated boot number, so a hello is due.
    #[inline]
    pub(crate) const fn reject_message(&mut self) {
        self.hello_due = true;
    }

    /// Processes a received hello.
    #[cfg_attr(target_pointer_width = "16", inline(never))]
    #[cfg_attr(not(target_pointer_width = "16"), inline)]
    pub(crate) fn receive_hello(&mut self, hello: Hello) {
        if !self.introduced {
            return;
        }
        if hello.boot == self.own {
            self.echoed = true;
            // In a session, hellos of this side contain the number of the peer. A hello without one comes from
            // elsewhere.
            self.twin |= hello.heard.is_none() || !self.known;
            return;
        }
        if hello.boot == self.former {
            return;
        }
        self.confirmed = hello.heard == Some(self.own);
        if self.known {
            if self.peer != hello.boot {
                self.change = Change::Restart;
                self.former = self.peer;
            }
        } else {
            // Hellos are sent before plain calls. A peer that received a hello has executed no plain call. Otherwise it
            // may have executed some, and may have restarted since.
            if self.plain && !self.confirmed {
                self.change = Change::Restart;
            } else if self.awaited {
                self.change = Change::Introduced;
            }
            self.known = true;
            self.twin = false;
            self.awaited = false;
        }
        self.peer = hello.boot;
        // Where `usize` has 16 bits, this side has no larger message.
        self.largest = usize::try_from(hello.largest).unwrap_or(usize::MAX);
        // A waiting call sends the hello, or is itself the answer.
        self.hello_due |= hello.wanted && self.hellos < ANSWERS_MAX && !matches!(self.change, Change::Introduced);
        self.compute_marks();
    }

    /// Returns whether a hello is due or a change of the peer must be reported.
    #[inline]
    pub(crate) const fn needs_attention(&self) -> bool {
        self.hello_due || !matches!(self.change, Change::None)
    }

    /// Returns the hello to send, if one is due.
    #[inline]
    pub(crate) fn due_hello(&mut self, largest: impl FnOnce() -> u32) -> Option<Hello> {
        if !core::mem::take(&mut self.hello_due) || !self.introduced {
            return None;
        }
        self.hellos = self.hellos.saturating_add(1);
        let heard = self.known.then_some(self.peer);
        Some(Hello { wanted: !self.confirmed, boot: self.own, heard, largest: largest() })
    }

    /// Returns the change of the peer since the last call of this function.
    #[inline]
    pub(crate) const fn take_change(&mut self) -> Change {
        core::mem::replace(&mut self.change, Change::None)
    }
}
