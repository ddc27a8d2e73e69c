//! Embassy: the blocking library in thread mode, async tasks in an executor that interrupts it.
#![no_std]
#![no_main]

mod time;
mod uart;

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cortex_m::peripheral::NVIC;
use embassy_executor::InterruptExecutor;
use embassy_time::{Duration, Instant, Ticker};
use lm3s6965::{Interrupt, interrupt};
use oncilla::framing::Cobs;
use oncilla::{Link, Table};
use oncilla_hal::{Counter, Line};
use panic_halt as _;

oncilla::program! {
    /// Shows that the library blocks in a task of its own while async tasks run.
    pub mod tasks = 0x2000_0003, version 1 {
        /// Returns how often the async task has run: once a millisecond.
        fn runs() -> u32 = 1;
        /// Keeps the task that serves busy for this time, and returns how often the async task ran meanwhile.
        fn busy(milliseconds: u32) -> u32 = 2;
    }
}

/// How often the async task has run.
static RUNS: AtomicU32 = AtomicU32::new(0);

/// Runs the async tasks in the handler of an interrupt that no device uses.
static EXECUTOR: InterruptExecutor = InterruptExecutor::new();

#[interrupt]
fn SSI0() {
    // SAFETY: this is the interrupt with which the executor was started.
    unsafe { EXECUTOR.on_interrupt() }
}

#[interrupt]
fn UART0() {
    uart::on_interrupt();
}

/// The async task: it interrupts `main` whenever it is due.
#[embassy_executor::task]
async fn count() {
    let mut ticker = Ticker::every(Duration::from_millis(1));
    loop {
        RUNS.fetch_add(1, Relaxed);
        ticker.next().await;
    }
}

struct Device;

impl tasks::Service for Device {
    fn runs(&mut self) -> u32 {
        RUNS.load(Relaxed)
    }

    fn busy(&mut self, milliseconds: u32) -> u32 {
        let (before, start) = (RUNS.load(Relaxed), Instant::now());
        while start.elapsed() < Duration::from_millis(milliseconds.into()) {}
        RUNS.load(Relaxed).wrapping_sub(before)
    }
}

static TABLE: Table<Device> = oncilla::table![tasks::program()];

const CALL: usize = Cobs::buffer(tasks::CALL_MAX);
const REPLY: usize = Cobs::buffer(tasks::REPLY_MAX);
const _: () = assert!(REPLY >= Cobs::buffer(TABLE.reply_max()), "REPLY is too small for the replies of TABLE");

/// Thread mode, which every interrupt interrupts: the library may block here.
#[cortex_m_rt::entry]
fn main() -> ! {
    let core = cortex_m::Peripherals::take().unwrap();
    time::start(core.SYST);
    let port = uart::start();
    // SAFETY: no critical section depends on this interrupt being masked.
    unsafe { NVIC::unmask(Interrupt::UART0) };
    EXECUTOR.start(Interrupt::SSI0).spawn(count().unwrap());

    // The interrupt of the UART or the tick ends the sleep.
    let clock = Counter::new(1_000, || Instant::now().as_millis() as u32).idle(|_| cortex_m::asm::wfi());
    let line = Line::<Cobs, _, _>::new(port, clock);
    let mut link = Link::with_buffers(line, [0; CALL], [0; REPLY]);
    loop {
        // Lost bytes are noise, which the link survives. `BufferTooSmall` cannot happen, by the assertion on `REPLY`.
        let _ = link.serve(&TABLE, &mut Device);
    }
}
