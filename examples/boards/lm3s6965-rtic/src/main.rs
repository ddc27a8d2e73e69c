//! RTIC: the blocking library in `idle`, the task of the lowest priority, beside an async task.
#![no_std]
#![no_main]

mod uart;

use panic_halt as _;
use rtic_monotonics::systick::prelude::*;

oncilla::program! {
    /// Shows that the library blocks in a task of its own while async tasks run.
    pub mod tasks = 0x2000_0003, version 1 {
        /// Returns how often the async task has run: once a millisecond.
        fn runs() -> u32 = 1;
        /// Keeps the task that serves busy for this time, and returns how often the async task ran meanwhile.
        fn busy(milliseconds: u32) -> u32 = 2;
    }
}

systick_monotonic!(Mono, 1_000);

#[rtic::app(device = lm3s6965, dispatchers = [SSI0])]
mod app {
    use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use oncilla::framing::Cobs;
    use oncilla::{Link, Table};
    use oncilla_hal::{Counter, Line};

    use super::*;

    #[shared]
    struct Shared {}

    #[local]
    struct Local {}

    /// How often the async task has run.
    static RUNS: AtomicU32 = AtomicU32::new(0);

    #[init]
    fn init(context: init::Context) -> (Shared, Local) {
        // The processor of the board in QEMU runs at 12 MHz.
        Mono::start(context.core.SYST, 12_000_000);
        count::spawn().unwrap();
        (Shared {}, Local {})
    }

    /// The async task: it interrupts `idle` whenever it is due.
    #[task(priority = 1)]
    async fn count(_: count::Context) {
        let mut next = Mono::now();
        loop {
            RUNS.fetch_add(1, Relaxed);
            next += 1.millis();
            Mono::delay_until(next).await;
        }
    }

    #[task(binds = UART0, priority = 2)]
    fn received(_: received::Context) {
        uart::on_interrupt();
    }

    struct Device;

    impl tasks::Service for Device {
        fn runs(&mut self) -> u32 {
            RUNS.load(Relaxed)
        }

        fn busy(&mut self, milliseconds: u32) -> u32 {
            let (before, start) = (RUNS.load(Relaxed), Mono::now());
            while (Mono::now() - start).as_millis() < milliseconds {}
            RUNS.load(Relaxed).wrapping_sub(before)
        }
    }

    static TABLE: Table<Device> = oncilla::table![tasks::program()];

    const CALL: usize = Cobs::buffer(tasks::CALL_MAX);
    const REPLY: usize = Cobs::buffer(tasks::REPLY_MAX);
    const _: () = assert!(REPLY >= Cobs::buffer(TABLE.reply_max()), "REPLY is too small for the replies of TABLE");

    /// The task of the lowest priority: the library may block here.
    #[idle]
    fn idle(_: idle::Context) -> ! {
        // The interrupt of the UART or the tick ends the sleep.
        let clock = Counter::new(1_000, || Mono::now().duration_since_epoch().as_ticks()).idle(|_| rtic::export::wfi());
        let line = Line::<Cobs, _, _>::new(uart::start(), clock);
        let mut link = Link::with_buffers(line, [0; CALL], [0; REPLY]);
        loop {
            // Lost bytes are noise, which the link survives. `BufferTooSmall` cannot happen, by the assertion on `REPLY`.
            let _ = link.serve(&TABLE, &mut Device);
        }
    }
}
