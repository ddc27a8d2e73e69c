//! Keys on a connection: sealed calls and replies.

use std::ops::Range;

use oncilla::framing::RecordAhead;

use super::{Connection, Step};
use crate::keys::{KeyError, KeyServer};
use crate::server::hooks::Closed;
use crate::server::job::Job;
use crate::server::lock::{Lock, Unlocked};

/// The keys of a connection, and its call.
#[derive(Debug)]
pub(super) struct Keyed {
    lock: Lock<RecordAhead, 1>,
    /// The call in the full form. While it runs, the receive buffer, which takes turns with it.
    opened: Vec<u8>,
    /// A session was opened.
    known: bool,
}

impl Keyed {
    /// Returns whether a session was opened.
    pub(super) const fn is_known(&self) -> bool {
        self.known
    }
}

impl Connection {
    /// Serves the client under keys only.
    pub(in crate::server) fn lock(&mut self, keys: &KeyServer) -> Result<(), KeyError> {
        let lock = Lock::new(keys)?;
        self.keyed = Some(Box::new(Keyed { lock, opened: Vec::new(), known: false }));
        Ok(())
    }

    /// Opens the message that has arrived. Returns what to do instead of a call.
    pub(super) fn unlock(&mut self) -> Option<Step> {
        let Keyed { lock, opened, known } = &mut **self.keyed.as_mut()?;
        let place = self.call.take().unwrap_or_default();
        let frame = self.buffers.rx.get_mut(place).unwrap_or_default();
        Some(match lock.unlock(frame, self.sizes.rx_max(), &mut self.buffers.tx) {
            Unlocked::Call(call) => {
                self.call = Some(0..call.len());
                *opened = call;
                *known |= lock.sender().is_some();
                self.visit.set_key(lock.sender());
                return None;
            }
            Unlocked::Answer(length) => {
                self.unsent = 0..length;
                Step::Again
            }
            Unlocked::Nothing => Step::Again,
            Unlocked::Refused => Step::Over(Closed::Unverified),
        })
    }

    /// Returns the call that was opened.
    pub(super) fn opened(&self) -> Option<&[u8]> {
        self.keyed.as_ref().map(|keyed| &*keyed.opened)
    }

    /// Puts the call that was opened in the place of the receive buffer of a job, or back.
    pub(super) fn swap_opened(&mut self, rx: &mut Vec<u8>) {
        if let Some(keyed) = &mut self.keyed {
            std::mem::swap(&mut keyed.opened, rx);
        }
    }

    /// Forgets the call that was opened: it has ended.
    pub(super) fn forget_opened(&mut self) {
        if let Some(keyed) = &mut self.keyed {
            keyed.opened = Vec::new();
        }
    }

    /// Returns the room for a reply under keys.
    pub(super) fn keyed_room(&mut self) -> Option<Range<usize>> {
        let keyed = self.keyed.as_mut()?;
        let (start, end) = keyed.lock.room(self.visit.sender().key, &mut self.buffers.tx);
        Some(start..end)
    }

    /// Seals the reply of a job whose buffers are back. Returns false without keys.
    pub(super) fn seal_reply(&mut self, key: Option<oncilla::message::Sender>, length: Option<usize>) -> bool {
        let Some(keyed) = &mut self.keyed else { return false };
        let frame = length.and_then(|length| keyed.lock.seal(&mut self.buffers.tx, key, length));
        self.unsent = 0..frame.map_or(0, <[u8]>::len);
        true
    }
}

/// Returns the key under which the call of a job came.
pub(super) fn key_of(job: &Job) -> Option<oncilla::message::Sender> {
    job.sender.key
}
