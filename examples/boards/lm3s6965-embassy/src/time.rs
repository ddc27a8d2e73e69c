//! The time driver of Embassy, by SysTick. A HAL of Embassy has one for its chips.

use core::cell::{Cell, RefCell};
use core::task::Waker;

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

struct SysTickDriver {
    millis: Mutex<Cell<u64>>,
    queue: Mutex<RefCell<Queue>>,
}

embassy_time_driver::time_driver_impl!(static DRIVER: SysTickDriver = SysTickDriver {
    millis: Mutex::new(Cell::new(0)),
    queue: Mutex::new(RefCell::new(Queue::new())),
});

impl Driver for SysTickDriver {
    fn now(&self) -> u64 {
        critical_section::with(|section| self.millis.borrow(section).get())
    }

    /// The tick looks at the queue every millisecond, so there is no alarm to set.
    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|section| self.queue.borrow(section).borrow_mut().schedule_wake(at, waker));
    }
}

/// Starts the tick of one millisecond. The processor of the board in QEMU runs at 12 MHz.
pub fn start(mut timer: SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(12_000 - 1);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();
}

#[cortex_m_rt::exception]
fn SysTick() {
    critical_section::with(|section| {
        let millis = DRIVER.millis.borrow(section);
        millis.set(millis.get() + 1);
        // It wakes the tasks that are due.
        DRIVER.queue.borrow(section).borrow_mut().next_expiration(millis.get());
    });
}
