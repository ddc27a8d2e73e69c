//! Counts the calls of a bridge, for its summary.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oncilla::message::Call;
use oncilla::{Handled, Handler, Needs, ProcedureId};

/// The calls of a bridge.
#[derive(Debug, Default)]
pub struct Counts {
    calls: AtomicU64,
    refused: AtomicU64,
    silent: AtomicU64,
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [calls, refused, silent] =
            [&self.calls, &self.refused, &self.silent].map(|count| count.load(Ordering::Relaxed));
        write!(formatter, "{calls} calls, {refused} refused, {silent} without a reply")
    }
}

/// A handler whose calls are counted.
#[derive(Clone)]
pub struct Counted<H> {
    inner: H,
    counts: Arc<Counts>,
}

impl<H> Counted<H> {
    pub const fn new(inner: H, counts: Arc<Counts>) -> Self {
        Self { inner, counts }
    }
}

impl<H: Handler> Handler for Counted<H> {
    fn reply_max(&self) -> usize {
        self.inner.reply_max()
    }

    fn needs(&self, id: ProcedureId) -> Needs {
        self.inner.needs(id)
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        let handled = self.inner.handle(call, results);
        let add = |count: &AtomicU64| count.fetch_add(1, Ordering::Relaxed);
        add(&self.counts.calls);
        match handled {
            Handled::Results(_) => {}
            Handled::Refused(_) => {
                add(&self.counts.refused);
            }
            Handled::Silent | Handled::Dropped => {
                add(&self.counts.silent);
            }
        }
        handled
    }
}
