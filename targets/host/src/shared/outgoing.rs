//! The sending half of a connection.

use std::io;
use std::net::Shutdown;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::socket::MsgFlags;
use oncilla::{LinkError, Time};
use socket2::Socket;

use crate::patience::{Clock, Patience};
use crate::socket::send_some;

/// The longest time that a thread waits for room to send before it looks for replies.
///
/// A server that cannot send its replies may stop reading calls.
const PAUSE: Duration = Duration::from_millis(10);

/// Sends whole frames, one after another, from any thread.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    state: Mutex<State>,
    /// Notified when a thread no longer waits for room.
    free: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// A thread has sent a part of a frame, or waits for room.
    busy: bool,
    broken: Option<Broken>,
    /// The write time-out of the socket.
    writing: Option<Patience>,
}

/// Why nothing can be sent.
#[derive(Clone, Copy, Debug)]
enum Broken {
    /// A frame was sent in part.
    Part,
    /// The system reported an error.
    Failed,
}

impl Outgoing {
    /// Sends `frame` until `deadline`. Calls `drain` from time to time while the socket has no room.
    ///
    /// After an error the peer does not have the whole frame, and so does not execute a call in it. After a frame that
    /// was sent in part, the connection is closed for sending: the peer can still answer earlier calls.
    pub(super) fn send(
        &self,
        socket: &Socket,
        clock: Clock,
        frame: &[u8],
        deadline: Time,
        drain: impl FnMut(),
    ) -> Result<(), LinkError<io::Error>> {
        let mut state = self.lock();
        while state.busy {
            let left = clock.left(deadline);
            if left.is_zero() {
                return Err(LinkError::Unsent { sent: 0, size: frame.len() });
            }
            state = self.free.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        match state.broken {
            None => {}
            Some(Broken::Part) => return Err(LinkError::OutOfStep),
            Some(Broken::Failed) => return Err(LinkError::Broken),
        }
        // Usually the socket has room for the whole frame. This does not block, so that others wait only briefly.
        match send_some(socket, frame, MsgFlags::MSG_DONTWAIT) {
            Ok(sent) if sent == frame.len() => Ok(()),
            Ok(sent) => {
                state.busy = true;
                let patience = state.writing;
                drop(state);
                let turn = Turn { outgoing: self, socket, clock, writing: patience };
                turn.send_rest(frame, sent, deadline, drain)
            }
            Err(error) => {
                state.broken = Some(Broken::Failed);
                Err(LinkError::Transport(error))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that waits for room. No other thread sends meanwhile.
struct Turn<'o> {
    outgoing: &'o Outgoing,
    socket: &'o Socket,
    clock: Clock,
    writing: Option<Patience>,
}

impl Turn<'_> {
    /// Sends the rest of a frame after its first `sent` bytes.
    fn send_rest(
        mut self,
        frame: &[u8],
        mut sent: usize,
        deadline: Time,
        mut drain: impl FnMut(),
    ) -> Result<(), LinkError<io::Error>> {
        let size = frame.len();
        while sent < size {
            drain();
            if self.clock.left(deadline).is_zero() {
                self.end((sent > 0).then_some(Broken::Part));
                return Err(LinkError::Unsent { sent, size });
            }
            match self.wait_and_send(&frame[sent..], deadline) {
                Ok(length) => sent += length,
                Err(error) => {
                    self.end(Some(Broken::Failed));
                    return Err(LinkError::Transport(error));
                }
            }
        }
        self.end(None);
        Ok(())
    }

    /// Waits for room, at most for [`PAUSE`]. Returns the number of bytes that the socket accepted.
    fn wait_and_send(&mut self, rest: &[u8], deadline: Time) -> io::Result<usize> {
        let pause = self.clock.now().after(PAUSE).min(deadline);
        if let Some(timeout) = self.clock.patience(pause).change(&mut self.writing) {
            self.socket.set_write_timeout(timeout)?;
        }
        send_some(self.socket, rest, MsgFlags::empty())
    }

    fn end(&self, broken: Option<Broken>) {
        if matches!(broken, Some(Broken::Part)) {
            // The peer sees the end of the stream within a frame. The socket may be closed already.
            let _ = self.socket.shutdown(Shutdown::Write);
        }
        let mut state = self.outgoing.lock();
        (state.busy, state.broken, state.writing) = (false, broken, self.writing);
        drop(state);
        self.outgoing.free.notify_all();
    }
}
