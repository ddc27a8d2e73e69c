//! Ends the wait of a call from outside, as if its time were up.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends the wait of a call, which then times out at once. The connection can be used afterwards.
///
/// While a call waits, it is asked every 50 ms whether the wait should end, for example because of Ctrl-C. To the link,
/// the end is that of a call that timed out: a late reply is dropped, and a carrier that loses messages is not asked
/// again. Clones share the state.
#[derive(Clone)]
pub struct Interrupt(Arc<Shared>);

struct Shared {
    ended: AtomicBool,
    ask: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Interrupt {
    /// Returns an interrupt of the waits that `ask` ends. It runs on the thread that waits.
    pub fn new(ask: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared { ended: AtomicBool::new(false), ask: Box::new(ask) }))
    }

    /// Begins a call, whose wait was not ended yet.
    pub fn begin(&self) {
        self.0.ended.store(false, Ordering::Release);
    }

    /// Ends the wait of the present call, from any thread.
    pub fn end(&self) {
        self.0.ended.store(true, Ordering::Release);
    }

    /// Returns whether the wait of the present call was ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.0.ended.load(Ordering::Acquire)
    }

    /// Asks whether the wait should end. Returns whether it was ended, now or before.
    pub(super) fn ask(&self) -> bool {
        if !self.has_ended() && (self.0.ask)() {
            self.end();
        }
        self.has_ended()
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Interrupt").field(&self.has_ended()).finish()
    }
}
