//! Firmware for the soak test: it serves and calls its host on a bad line.
//!
//! It also prints in between, and is reset at times. It counts its work in memory that is kept over a reset.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};
use core::time::Duration;

use oncilla::framing::Serial;
use oncilla::{CallError, Caller, Endpoint, Link, LinkError, ReplayCache, Retry, Stream, Table, Time, Transport};
use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb::{Clock, Log, Print as _, Uart, boot_number, kept};
use panic_never as _;

use oncilla_firmware_tests::soak::{self, DATA_MAX, Own, PAGE, ROUND_MAX, SIZE, digest, errand};

kept! {
    // How often each call was executed in this round.
    static DONE: [AtomicU8; ROUND_MAX];
    // The four figures of `Own`.
    static OWN: [AtomicU32; 4];
    // Whether the host is called: 0 is no.
    static CALLING: AtomicU32;
}

static TABLE: Table<Device> = oncilla::table![soak::work::program()];

const BUFFER: usize = Serial::buffer(SIZE);

/// The time between two calls of the host.
const PAUSE: Duration = Duration::from_millis(2);

struct Device {
    /// Whether a call of the host is in flight.
    under_way: bool,
    page: [u8; PAGE],
}

impl Device {
    /// Ignores numbers that no caller should use.
    fn execute(number: u32) {
        if let Some(times) = DONE.get().get(number as usize) {
            add_one(times);
        }
    }
}

/// Adds one, up to the largest byte.
fn add_one(times: &AtomicU8) {
    times.store(times.load(Relaxed).saturating_add(1), Relaxed);
}

impl soak::work::Service for Device {
    fn once(&mut self, number: u32, data: &[u8]) -> u32 {
        Self::execute(number);
        digest(number, data)
    }

    fn often(&mut self, number: u32, data: &[u8]) -> u32 {
        Self::execute(number);
        digest(number, data)
    }

    fn echo<'a>(&'a mut self, number: u32, data: &'a [u8]) -> &'a [u8] {
        Self::execute(number);
        data
    }

    fn push(&mut self, number: u32, pushed: u32) {
        // The digest of a damaged call differs.
        if pushed == digest(number, &[]) {
            Self::execute(number);
        }
    }

    fn forget(&mut self) {
        OWN.get().iter().for_each(|figure| figure.store(0, Relaxed));
    }

    fn begin(&mut self) {
        DONE.get().iter().for_each(|times| times.store(0, Relaxed));
    }

    fn done(&mut self, first: u32) -> &[u8] {
        for (place, times) in self.page.iter_mut().zip(DONE.get().iter().skip(first as usize)) {
            *place = times.load(Relaxed);
        }
        &self.page
    }

    fn let_call(&mut self, may: bool) {
        CALLING.get().store(may.into(), Relaxed);
    }

    fn own(&mut self) -> Own {
        let [begun, right, timed_out, wrong] = OWN.get().each_ref().map(|figure| figure.load(Relaxed));
        Own { begun, right, timed_out, wrong, under_way: self.under_way }
    }
}

/// Calls the host once, and counts the outcome.
fn call<C: Caller>(caller: &mut C) {
    let [begun, right, timed_out, wrong] = OWN.get();
    let number = begun.load(Relaxed);
    let count = |figure: &AtomicU32| figure.store(figure.load(Relaxed).wrapping_add(1), Relaxed);
    count(begun);
    let data = [number as u8; DATA_MAX];
    let data = data.get(..number as usize % DATA_MAX).unwrap_or_default();
    count(match errand::Client::new(caller).run(number, data) {
        Ok(came) if came == digest(number, data) => right,
        // The deadline may pass while the call is sent again, or while a call of the host is answered.
        Err(CallError::TimedOut { .. } | CallError::Link(LinkError::Unsent { .. })) => timed_out,
        outcome => {
            // The test prints this log when it fails.
            Log.text(match outcome {
                Ok(_) => "a wrong result\n",
                Err(CallError::Echoed { .. }) => "an echo\n",
                Err(CallError::Restarted) => "a restart of the host\n",
                Err(CallError::Refused(_)) => "a refusal\n",
                Err(CallError::Reply(_) | CallError::Results(_)) => "a malformed reply\n",
                Err(_) => "another error\n",
            });
            wrong
        }
    });
}

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; BUFFER] = [0; BUFFER];
    static mut TX: [u8; BUFFER] = [0; BUFFER];

    // `None` is returned only the second time, and this is the first.
    let Some(peripherals) = cortex_m::Peripherals::take() else { exit(false) };
    let boot = boot_number();
    let stream = Stream::<Serial, _, _>::new(Uart::start(), Clock::start(peripherals.SYST));
    let link = Link::with_boot_number(stream, &mut RX[..], &mut TX[..], boot);
    let device = Device { under_way: false, page: [0; PAGE] };
    let replay = ReplayCache::<16, { TABLE.reply_max() }>::new();
    let mut endpoint = Endpoint::new(link, &TABLE, device, boot << 16).with_replay(replay);
    endpoint.set_timeout(Duration::from_millis(200));
    endpoint.set_retry(Retry::doubling(Duration::from_millis(10)));
    let mut due = Time::ZERO;
    loop {
        // This UART never fails or ends.
        let _ = endpoint.serve_next(due);
        let now = endpoint.link().transport().now();
        if now >= due {
            due = now.after(PAUSE);
            if CALLING.get().load(Relaxed) != 0 {
                endpoint.state().under_way = true;
                call(&mut endpoint);
                endpoint.state().under_way = false;
                let _ = endpoint.link().print("another call\r\n", Time::NEVER);
            }
        }
    }
}
