//! The sending half of a connection.

use std::io;
use std::net::Shutdown;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oncilla::{LinkError, Time};

use super::wire::Wire;
use crate::patience::Clock;
use crate::waiting::{self, NOW, Waiting};

/// How long a thread waits for room to send before it tries again to read replies meanwhile.
const PAUSE: Duration = Duration::from_millis(10);

/// Sends whole frames, one after another, from any thread.
#[derive(Debug)]
pub(super) struct Outgoing {
    state: Mutex<State>,
    /// Notified when a thread has stopped waiting for room.
    free: Condvar,
}

#[derive(Debug)]
struct State {
    /// `None` while a thread has it: it has sent a part of a frame, or waits for room.
    waiting: Option<Waiting>,
    broken: Option<Broken>,
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
    pub(super) fn new(waiting: Waiting) -> Self {
        Self { state: Mutex::new(State { waiting: Some(waiting), broken: None }), free: Condvar::new() }
    }

    /// Sends `frame` until `deadline`.
    ///
    /// While the socket has no room, `drain` is called to read the replies that have arrived. It returns whether this
    /// thread reads for all; if so, it is called again when more arrive.
    ///
    /// After an error the peer does not have the whole frame, and so does not execute a call in it. After a frame that
    /// was sent in part, the connection is closed for sending. The peer can still answer earlier calls.
    pub(super) fn send(
        &self,
        wire: &Wire,
        clock: Clock,
        frame: &[u8],
        deadline: Time,
        drain: impl FnMut() -> bool,
    ) -> Result<(), LinkError<io::Error>> {
        let mut state = self.lock();
        while state.waiting.is_none() {
            let left = deadline.since(clock.now());
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
        let sealed = wire.seal(frame).map_err(LinkError::Transport)?;
        let sent = match waiting::send(&wire.socket, &sealed, NOW) {
            Ok(sent) if sent == sealed.len() => return Ok(()),
            Ok(sent) => sent,
            Err(error) => {
                state.broken = Some(Broken::Failed);
                return Err(LinkError::Transport(error));
            }
        };
        let mut turn = Turn { outgoing: self, waiting: state.waiting.take(), broken: None };
        drop(state);
        turn.send_rest(wire, &sealed, sent, deadline, drain)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that waits for room. No other thread sends until this is dropped.
struct Turn<'o> {
    outgoing: &'o Outgoing,
    waiting: Option<Waiting>,
    broken: Option<Broken>,
}

impl Turn<'_> {
    /// Sends the rest of a frame after its first `sent` bytes.
    fn send_rest(
        &mut self,
        wire: &Wire,
        frame: &[u8],
        mut sent: usize,
        deadline: Time,
        mut drain: impl FnMut() -> bool,
    ) -> Result<(), LinkError<io::Error>> {
        let size = frame.len();
        while sent < size {
            let reads = drain();
            let Some(waiting) = &self.waiting else { break };
            let now = waiting.clock.now();
            if now >= deadline {
                if wire.break_off(sent) {
                    self.broken = Some(Broken::Part);
                    // The peer sees the end of the stream within a frame. The socket may be closed already.
                    let _ = wire.socket.shutdown(Shutdown::Write);
                }
                return Err(LinkError::Unsent { sent, size });
            }
            let until = if reads { deadline } else { now.after(PAUSE).min(deadline) };
            let ready = waiting.wait_for_room(&wire.socket, reads, until);
            match ready.and_then(|()| waiting::send(&wire.socket, &frame[sent..], NOW)) {
                Ok(length) => sent += length,
                Err(error) => {
                    self.broken = Some(Broken::Failed);
                    return Err(LinkError::Transport(error));
                }
            }
        }
        Ok(())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.outgoing.lock();
        (state.waiting, state.broken) = (self.waiting.take(), self.broken);
        drop(state);
        self.outgoing.free.notify_all();
    }
}
