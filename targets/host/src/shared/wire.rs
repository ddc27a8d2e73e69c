//! The stream of a connection, with TLS or without.

use std::borrow::Cow;
use std::io;

use socket2::Socket;

#[cfg(feature = "tls")]
use crate::tls::{Opener, Secured, Session};
use crate::waiting::{self, Flags};

/// A connected stream.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(super) socket: Socket,
    #[cfg(feature = "tls")]
    session: Option<Session>,
    /// What was received in the handshake, until the connection takes it.
    #[cfg(feature = "tls")]
    opener: Option<Opener>,
}

/// What arrived on a stream and cannot be passed on yet.
#[derive(Debug, Default)]
pub(super) struct Held {
    #[cfg(feature = "tls")]
    opener: Option<Opener>,
}

impl From<Socket> for Wire {
    fn from(socket: Socket) -> Self {
        Self {
            socket,
            #[cfg(feature = "tls")]
            session: None,
            #[cfg(feature = "tls")]
            opener: None,
        }
    }
}

#[cfg(feature = "tls")]
impl From<Secured> for Wire {
    fn from(Secured { socket, session, opener }: Secured) -> Self {
        Self { socket, session: Some(session), opener: Some(opener) }
    }
}

impl Wire {
    /// Takes what was received already, for the half of the connection that receives.
    pub(super) fn held(&mut self) -> Held {
        Held {
            #[cfg(feature = "tls")]
            opener: self.opener.take(),
        }
    }

    /// Receives bytes by one system call. Returns `None` when what arrived is not enough to open.
    pub(super) fn receive(&self, held: &mut Held, into: &mut [u8], flags: Flags) -> io::Result<Option<usize>> {
        #[cfg(feature = "tls")]
        if let (Some(session), Some(opener)) = (&self.session, &mut held.opener) {
            return session.receive(opener, into, |room| waiting::receive(&self.socket, room, flags));
        }
        #[cfg(not(feature = "tls"))]
        let _ = held;
        waiting::receive(&self.socket, into, flags).map(Some)
    }

    /// Returns the bytes to send for a frame. Sealed frames must be sent whole, in their order.
    pub(super) fn seal<'f>(&self, frame: &'f [u8]) -> io::Result<Cow<'f, [u8]>> {
        #[cfg(feature = "tls")]
        if let Some(session) = &self.session {
            return session.seal(frame).map(Cow::Owned);
        }
        Ok(Cow::Borrowed(frame))
    }

    /// Notes that the bytes of a frame were not sent whole. Returns whether no later frame can be sent.
    ///
    /// `sent` is the number that was sent.
    pub(super) fn break_off(&self, sent: usize) -> bool {
        #[cfg(feature = "tls")]
        if let Some(session) = &self.session {
            session.break_off();
            return true;
        }
        sent > 0
    }
}

#[cfg(feature = "tls")]
impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            // The peer may be gone.
            let _ = waiting::send(&self.socket, &session.farewell(), waiting::NOW);
        }
    }
}
