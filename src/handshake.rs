//! What the two ends of a serial link know of each other.

use crate::message::Hello;

/// How often an end says hello before its calls until it takes the other for one that does not answer.
const GREETINGS: u8 = 4;

/// The other end of a serial link, as it has introduced itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its boot number: another one after every restart.
    pub boot: u32,
    /// Bytes of the largest message that it can receive.
    pub largest: usize,
}

/// The state of the handshake on one link: 16 bytes.
///
/// Each end tells its boot number and the largest message it can receive; that it does so says that it takes short
/// headers. It wants an answer until it has been told its own boot number, so three messages are enough and lost ones
/// are said again:
///
/// | | says | and knows then |
/// |---|---|---|
/// | A | I am 7; who are you? | |
/// | B | I am 9, you are 7; did you hear? | A takes short calls from B |
/// | A | I am 7, you are 9. | B takes short calls from A |
///
/// A short call from an end that has not heard of this one's last restart is not served but answered with hello: it
/// may be a repetition of one that was carried out before the restart. A call in the full form is served, so one that
/// is repeated across a restart of the server may be executed twice; so may a short one that comes out behind the
/// hellos that were sent after it, which no serial line does.
///
/// After a call that timed out, calls are in the full form until the other end has said hello again.
#[derive(Debug, Default)]
pub struct Handshake {
    /// The boot number of this end; 0 says nothing and hears nothing.
    own: u32,
    /// That of the other end; 0 when it has not said it.
    peer: u32,
    /// Bytes of the largest message that the other end can receive; 0 when that is not known, or in doubt.
    largest: usize,
    /// The other end has said the boot number of this one.
    heard: bool,
    /// Hello is to be said.
    due: bool,
    /// The other end has restarted, and nobody has been told.
    restart: bool,
    /// How often hello is still to be said before a call.
    greetings: u8,
}

impl Handshake {
    /// Begins: this end is `boot`, 1 if it is 0.
    #[inline]
    pub(crate) fn new(boot: u32) -> Self {
        Self { own: boot.max(1), peer: 0, largest: 0, heard: false, due: true, restart: false, greetings: GREETINGS }
    }

    /// The other end, if it has introduced itself, and there is no doubt that it is there.
    pub(crate) fn peer(&self) -> Option<Peer> {
        if self.largest == 0 { None } else { Some(Peer { boot: self.peer, largest: self.largest }) }
    }

    /// A call has got no reply in time: perhaps there is another end now, which knows nothing of the short form. Until
    /// it has said hello again, calls are in the full one.
    pub(crate) const fn doubt(&mut self) {
        if self.largest != 0 {
            self.largest = 0;
            self.greetings = GREETINGS;
        }
    }

    /// What this end has to say before a call: hello, as long as the other end has not answered.
    pub(crate) fn greet(&mut self, largest: impl FnOnce() -> u32) -> Option<Hello> {
        if self.largest != 0 || self.greetings == 0 {
            return self.say(largest);
        }
        self.greetings = self.greetings.wrapping_sub(1);
        self.due = true;
        Some(Hello { wanted: true, ..self.say(largest)? })
    }

    /// Whether a call in the short form is served. If not, hello is to be said.
    #[inline]
    pub(crate) fn admits_call(&mut self) -> bool {
        self.due |= !self.heard;
        self.heard
    }

    /// Takes note of a hello.
    #[inline]
    pub(crate) fn hear(&mut self, hello: Hello) {
        if self.own == 0 {
            return;
        }
        self.restart |= self.peer != 0 && self.peer != hello.boot;
        self.peer = hello.boot;
        // Where `usize` has 16 bits this end has no larger message than that.
        self.largest = usize::try_from(hello.largest).unwrap_or(usize::MAX);
        self.heard = hello.heard == self.own;
        self.due |= hello.wanted;
    }

    /// Whether there is something to say, or to tell of the other end.
    #[inline]
    pub(crate) const fn has_news(&self) -> bool {
        self.due | self.restart
    }

    /// What this end has to say, if anything.
    #[inline]
    pub(crate) fn say(&mut self, largest: impl FnOnce() -> u32) -> Option<Hello> {
        if !core::mem::take(&mut self.due) || self.own == 0 {
            return None;
        }
        Some(Hello { wanted: !self.heard, boot: self.own, heard: self.peer, largest: largest() })
    }

    /// Whether the other end has restarted since this was asked last.
    #[inline]
    pub(crate) fn take_restart(&mut self) -> bool {
        core::mem::take(&mut self.restart)
    }
}
