//! Which device executed which call, and how often.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU8, AtomicU64, Ordering::Relaxed},
};

/// The number of calls that are not counted: those of measurements of speed.
pub const UNCOUNTED: u64 = u64::MAX;

/// The executions of all devices. Calls have the numbers below a limit, each number is used once.
#[derive(Debug)]
pub struct Ledger {
    executed: Vec<AtomicU8>,
    /// Calls with numbers that no caller uses.
    strange: AtomicU64,
    /// The calls in the order of their execution, of each device.
    order: Vec<Mutex<Vec<u64>>>,
}

impl Ledger {
    /// Makes one for so many devices and calls.
    pub fn new(devices: usize, calls: usize) -> Self {
        Self {
            executed: (0..calls).map(|_| AtomicU8::new(0)).collect(),
            strange: AtomicU64::new(0),
            order: (0..devices).map(|_| Mutex::default()).collect(),
        }
    }

    /// Notes an execution; returns how often the call was executed.
    pub fn note(&self, device: u32, call: u64) -> u32 {
        let place = usize::try_from(call).ok();
        let Some(count) = place.and_then(|place| self.executed.get(place)) else {
            self.strange.fetch_add(u64::from(call != UNCOUNTED), Relaxed);
            return 0;
        };
        if let Some(order) = self.order.get(device as usize) {
            order.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        }
        u32::from(count.fetch_add(1, Relaxed).saturating_add(1))
    }

    /// Returns how often a call was executed, by all devices together.
    pub fn times(&self, call: u64) -> u8 {
        usize::try_from(call).ok().and_then(|place| self.executed.get(place)).map_or(0, |count| count.load(Relaxed))
    }

    /// Returns the number of executions of what nobody called.
    pub fn strange(&self) -> u64 {
        self.strange.load(Relaxed)
    }

    /// Returns the calls that a device executed, in their order.
    pub fn order(&self, device: usize) -> Vec<u64> {
        self.order
            .get(device)
            .map_or_else(Vec::new, |order| order.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Returns the number of calls that were executed more than once.
    pub fn twice(&self) -> usize {
        self.executed.iter().filter(|count| count.load(Relaxed) > 1).count()
    }
}
