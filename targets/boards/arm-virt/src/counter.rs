//! Time since start: the processor's virtual timer.

use oncilla_bare::Counter;

use crate::{interrupts, processor, uart::doze};

/// The counter of 62.5 MHz in QEMU, and the alarm of the virtual timer.
#[derive(Debug)]
pub struct GenericTimer(());

impl GenericTimer {
    /// Starts the alarm, which ends the processor's sleep.
    #[must_use]
    pub fn start() -> Self {
        interrupts::enable(interrupts::TIMER);
        Self(())
    }
}

impl Counter for GenericTimer {
    const COUNTS: u64 = 125;
    const MICROS: u64 = 2;

    fn count(&self) -> u64 {
        processor::count()
    }

    fn sleep_until(&mut self, count: u64) {
        processor::set_alarm(Some(count));
        doze();
        // An alarm in the past would end every sleep without an alarm.
        processor::set_alarm(None);
    }
}
