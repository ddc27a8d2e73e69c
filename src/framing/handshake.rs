//! What the two ends of a serial link know of each other.

use crate::framing::zeros;
use crate::message::Hello;

/// Hellos that stay unanswered until an end takes its peer for one without a boot number.
const GREETINGS: u8 = 4;

/// Hellos that are answered before a message of the peer must come. More than two ends on a line would otherwise answer
/// each other for ever.
const ANSWERS: u8 = 16;

/// The peer on a serial link, as it has introduced itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its boot number: another one after every restart.
    pub boot: u32,
    /// Bytes of the largest message that it can receive.
    pub largest: usize,
}

/// What is to be told of the peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum News {
    #[default]
    None,
    /// It has introduced itself, and a call waits for that.
    Met,
    /// It has restarted.
    Restart,
}

/// The state of the handshake on one link: 36 bytes.
///
/// Each end says its boot number and the largest message it can receive; by doing so it says that it takes short
/// headers. It wants an answer until it has been told its own boot number, so three messages are enough and lost ones
/// are said again:
///
/// | | says | and then |
/// |---|---|---|
/// | A | I am 7; who are you? | |
/// | B | I am 9, you are 7; did you hear? | A calls B, and takes calls from B |
/// | A | I am 7, you are 9. | B calls A, and takes calls from A |
///
/// **Marks.** From then on every call and reply has both boot numbers in its check value: it differs from the plain one
/// by `a ^ M(b)`, where `a` is the sender's number, `b` the receiver's, and `M` four steps of the CRC with a zero byte.
/// A message from before a restart of either end is for another pair of numbers and is dropped as garbage is, in both
/// forms, however long the line holds it back. `M` and `1 + M` are invertible: any restart of one end changes the mark,
/// and an end's own messages, which a line may echo, have its peer's mark only if both numbers are the same.
///
/// **Plain messages**, without a mark, are executed and sent only as long as no peer has introduced itself, and a call
/// is not sent in one before four hellos were said in vain. A peer that has introduced itself is taken for one that does
/// for as long as the link lives.
///
/// **Late hellos**: a boot number that the peer had before its last restart is not heard again.
///
/// **Echoes**: a hello with an end's own number is its echo, or that of a peer with the same number. It is not heard. If
/// nobody else answers four hellos, the end that calls takes another number, which a peer hears and an echo repeats.
#[derive(Debug, Default)]
pub struct Handshake {
    /// The boot number of this end.
    own: u32,
    /// That of the peer.
    peer: u32,
    /// The one it had before, or this end's own if it had none.
    former: u32,
    /// Bytes of the largest message that the peer can receive.
    largest: usize,
    /// The mark of messages to the peer; 0, as of plain ones, while there is none.
    sent: u32,
    /// What the mark of messages from the peer makes of the register of the CRC at their end.
    expected: u32,
    /// This end says hello, and hears it.
    introduced: bool,
    /// The peer has introduced itself.
    known: bool,
    /// The peer knows the boot number of this end, and there is no doubt that it is there.
    heard: bool,
    /// Hello is to be said.
    due: bool,
    /// What nobody has been told of the peer.
    news: News,
    /// A call waits for the peer to introduce itself.
    awaited: bool,
    /// Calls were sent as plain messages.
    plain: bool,
    /// What came with this end's own boot number may be a peer's.
    twin: bool,
    /// This end has taken another boot number than it was given.
    renamed: bool,
    /// Hellos that this end has said since the peer's last message.
    said: u8,
    /// Hellos with this end's own boot number came.
    echoed: bool,
}

/// That of messages from one end to another.
fn mark(sender: u32, receiver: u32) -> u32 {
    sender ^ zeros(receiver)
}

impl Handshake {
    /// Begins: this end is `boot`.
    #[inline]
    pub(crate) fn new(boot: u32) -> Self {
        Self { own: boot, former: boot, introduced: true, due: true, ..Self::default() }
    }

    /// The peer, if it has introduced itself.
    pub(crate) fn peer(&self) -> Option<Peer> {
        self.known.then_some(Peer { boot: self.peer, largest: self.largest })
    }

    #[inline]
    pub(crate) const fn is_known(&self) -> bool {
        self.known
    }

    /// The mark of messages to the peer.
    #[inline]
    pub(crate) const fn mark(&self) -> u32 {
        self.sent
    }

    /// What a mark of the peer's makes of the register at the end.
    #[inline]
    pub(crate) const fn expected(&self) -> u32 {
        self.expected
    }

    pub(crate) const fn is_awaited(&self) -> bool {
        self.awaited && !self.plain
    }

    /// Whether what was sent has come back, and nobody else has answered.
    pub(crate) const fn is_echoed(&self) -> bool {
        self.echoed && !self.heard
    }

    /// A call has got no reply in time: the peer may have restarted, and may not have been heard when it said so. Hello is
    /// said before the next message to it.
    pub(crate) const fn doubt(&mut self) {
        self.heard = false;
    }

    /// Before a call is sent, for the first time or again: returns whether it may be. If not, a hello is to be waited
    /// for.
    #[cfg_attr(target_pointer_width = "16", inline(never))]
    pub(crate) fn greet(&mut self, entropy: u32) -> bool {
        if self.heard || !self.introduced {
            return true;
        }
        if self.said >= GREETINGS {
            if !self.echoed && !self.known {
                self.plain = true;
                self.awaited = true;
                return true;
            }
            if self.twin && !self.renamed {
                self.rename(entropy);
            }
        }
        self.due = true;
        self.awaited = !self.known;
        self.known
    }

    /// Takes another boot number. What depends on how often this end has restarted is in the lower bits mostly: they
    /// stay as they are, so that no later boot number is the same.
    fn rename(&mut self, entropy: u32) {
        self.own ^= 1 << 31 | entropy << 16;
        self.former = self.own;
        self.renamed = true;
        // To the peer it is a restart: it forgets the replies to the calls that are under way.
        if self.known {
            self.news = News::Restart;
        }
        self.said = 0;
        self.agree();
    }

    /// Computes the marks.
    #[inline]
    fn agree(&mut self) {
        if self.known {
            self.sent = mark(self.own, self.peer);
            self.expected = zeros(mark(self.peer, self.own));
        }
    }

    /// A message of the peer's has come, with its mark.
    #[cfg_attr(target_pointer_width = "16", inline(never))]
    #[cfg_attr(not(target_pointer_width = "16"), inline)]
    pub(crate) const fn take_message(&mut self) {
        if self.known {
            self.heard = true;
            self.said = 0;
        } else {
            // One that introduces itself, and has not heard the hellos, calls so.
            self.due |= self.said < GREETINGS;
        }
    }

    /// A message has come that is not for this end as it knows itself and its peer: who sent it should know better.
    #[inline]
    pub(crate) const fn refuse_message(&mut self) {
        self.due = true;
    }

    /// Takes note of a hello.
    #[cfg_attr(target_pointer_width = "16", inline(never))]
    #[cfg_attr(not(target_pointer_width = "16"), inline)]
    pub(crate) fn hear(&mut self, hello: Hello) {
        if !self.introduced {
            return;
        }
        if hello.boot == self.own {
            self.echoed = true;
            // What this end says since it knows a peer has the peer's number.
            self.twin |= hello.heard.is_none() || !self.known;
            return;
        }
        if hello.boot == self.former {
            return;
        }
        self.heard = hello.heard == Some(self.own);
        if self.known {
            if self.peer != hello.boot {
                self.news = News::Restart;
                self.former = self.peer;
            }
        } else {
            // Hellos go before plain calls, so that a peer which heard one has executed none of those. But if it
            // did not, it may have done so, and may have restarted since.
            if self.plain && !self.heard {
                self.news = News::Restart;
            } else if self.awaited {
                self.news = News::Met;
            }
            self.known = true;
            self.twin = false;
            self.awaited = false;
        }
        self.peer = hello.boot;
        // Where `usize` has 16 bits this end has no larger message than that.
        self.largest = usize::try_from(hello.largest).unwrap_or(usize::MAX);
        // A call that waited says it, or goes itself.
        self.due |= hello.wanted && self.said < ANSWERS && !matches!(self.news, News::Met);
        self.agree();
    }

    /// Whether there is something to say, or to tell of the peer.
    #[inline]
    pub(crate) const fn has_news(&self) -> bool {
        self.due || !matches!(self.news, News::None)
    }

    /// What this end has to say, if anything.
    #[inline]
    pub(crate) fn say(&mut self, largest: impl FnOnce() -> u32) -> Option<Hello> {
        if !core::mem::take(&mut self.due) || !self.introduced {
            return None;
        }
        self.said = self.said.saturating_add(1);
        let heard = self.known.then_some(self.peer);
        Some(Hello { wanted: !self.heard, boot: self.own, heard, largest: largest() })
    }

    /// What is to be told of the peer since this was asked last.
    #[inline]
    pub(crate) const fn take_news(&mut self) -> News {
        core::mem::replace(&mut self.news, News::None)
    }
}
