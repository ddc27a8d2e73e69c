//! Calls that wait for their replies.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::directory::Directory;
use crate::mqtt::{BrokerError, Incoming, Lost};
use crate::wire::{Name, Session};

/// The largest number of replies to one call that are kept.
const REPLIES_MAX: usize = 1 << 16;

/// A call that waits.
#[derive(Default)]
pub struct Slot {
    state: Mutex<Waiting>,
    changed: Condvar,
}

/// What has become of a call.
#[derive(Default)]
pub struct Waiting {
    /// The reason with which the broker acknowledged it.
    pub acknowledged: Option<u8>,
    /// Whether somebody waits until the broker has taken it. Who waits for a reply is not woken by that.
    pub until_taken: bool,
    /// The replies that were not taken yet.
    pub replies: Vec<Incoming>,
    /// The connection was lost: why, and whether the call had been sent.
    pub lost: Option<(BrokerError, Sent)>,
    /// The devices that should reply, and their gateways.
    pub serving: Vec<(Name, Name, Session)>,
    /// Those of them whose gateway was lost.
    pub gone: Vec<(Name, Name)>,
}

/// Whether a call had been sent when the connection was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    No,
    Perhaps,
}

impl Slot {
    pub fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something changes, or `until`.
    pub fn wait<'a>(&self, waiting: MutexGuard<'a, Waiting>, until: Instant) -> MutexGuard<'a, Waiting> {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_micros(1));
        self.changed.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Fails the call for the devices whose gateway is not there, among the gateways that `is` selects.
    pub fn check(&self, directory: &Directory, is: impl Fn(&Name) -> bool) {
        let mut waiting = self.lock();
        let gone = |(_, of, session): &mut (Name, Name, Session)| is(of) && !directory.serves(of, *session);
        let gone: Vec<_> = waiting.serving.extract_if(.., gone).map(|(device, of, _)| (device, of)).collect();
        if !gone.is_empty() {
            waiting.gone.extend(gone);
            self.changed.notify_all();
        }
    }

    fn change(&self, change: impl FnOnce(&mut Waiting)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

/// All calls that wait, by their number.
#[derive(Default)]
pub struct Pending(Mutex<HashMap<u64, Arc<Slot>>>);

impl Pending {
    fn slots(&self) -> MutexGuard<'_, HashMap<u64, Arc<Slot>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, number: u64) -> Option<Arc<Slot>> {
        self.slots().get(&number).cloned()
    }

    /// Adds a call that is removed by [`forget`](Self::forget).
    pub fn keep(&self, number: u64) -> Arc<Slot> {
        let slot = Arc::new(Slot::default());
        self.slots().insert(number, Arc::clone(&slot));
        slot
    }

    pub fn forget(&self, number: u64) {
        self.slots().remove(&number);
    }

    /// Adds a call. It is removed when the guard is dropped.
    pub fn add(&self, number: u64, serving: Vec<(Name, Name, Session)>) -> Guard<'_> {
        let slot = self.keep(number);
        slot.lock().serving = serving;
        Guard { pending: self, number, slot }
    }

    pub fn reply(&self, number: u64, reply: Incoming) {
        let Some(slot) = self.of(number) else { return };
        slot.change(|waiting| {
            if waiting.replies.len() < REPLIES_MAX {
                waiting.replies.push(reply);
            }
        });
    }

    pub fn acknowledged(&self, number: u64, reason: u8) {
        let Some(slot) = self.of(number) else { return };
        let mut waiting = slot.lock();
        waiting.acknowledged = Some(reason);
        let is_of_interest = reason != 0 || waiting.until_taken;
        drop(waiting);
        if is_of_interest {
            slot.changed.notify_all();
        }
    }

    pub fn lost(&self, lost: &Lost) {
        let all = lost.unacknowledged.iter().map(|number| (number, Sent::Perhaps));
        for (number, sent) in all.chain(lost.unsent.iter().map(|number| (number, Sent::No))) {
            if let Some(slot) = self.of(*number) {
                slot.change(|waiting| waiting.lost = Some((lost.why.clone(), sent)));
            }
        }
    }

    /// Fails the calls whose gateway is not there any more.
    pub fn gateway(&self, gateway: &Name, directory: &Directory) {
        let slots: Vec<_> = self.slots().values().cloned().collect();
        slots.iter().for_each(|slot| slot.check(directory, |of| of == gateway));
    }
}

/// A call among those that wait.
pub struct Guard<'p> {
    pending: &'p Pending,
    pub number: u64,
    pub slot: Arc<Slot>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.pending.forget(self.number);
    }
}
