//! Four FreeRTOS tasks: one serves calls on UART1, one calls its host on UART2, one prints on UART0, and the lowest
//! spins when the host requests it. Calls continue meanwhile.
#![no_std]
#![no_main]

mod client;
mod log;
mod server;

use core::time::Duration;

use cortex_m::peripheral::NVIC;
use lm3s6965::{Interrupt, interrupt};
use oncilla_bare::boot_number;
use oncilla_freertos::board::{self, UART0, UART1, UART2};
use oncilla_freertos::{Mutex, Port, Task, delay, start_scheduler};
use oncilla_suite::{Parts, Suite};
use panic_never as _;

use client::Client;
use log::{Event, log};
use server::Server;

/// The state of the server's procedures. The client reads it too.
static STATE: Mutex<Suite> = Mutex::new(Suite::new(Parts::REPLAY));

/// What the lowest task is to do, and what it has done.
static SPIN: Mutex<Spin> = Mutex::new(Spin { on: false, rounds: 0 });

struct Spin {
    on: bool,
    rounds: u32,
}

/// Text, calls from the host, and calls to the host. The UARTs themselves hold 16 bytes in each direction.
static TEXT: Port<8, 64> = Port::new();
static CALLED: Port<128, 128> = Port::new();
static CALLING: Port<64, 64> = Port::new();

#[interrupt]
fn UART0() {
    TEXT.interrupt(&mut { UART0 });
}

#[interrupt]
fn UART1() {
    CALLED.interrupt(&mut { UART1 });
}

#[interrupt]
fn UART2() {
    CALLING.interrupt(&mut { UART2 });
}

/// The tasks and their stacks.
///
/// In the suite's checks they use 920, 560, 340 and 180 bytes. The bytes never used are reported and printed, and a
/// test checks that enough are left.
static SERVER: Task<Server, 2048> = Task::new();
static CLIENT: Task<Client, 1536> = Task::new();
static PRINTER: Task<oncilla_freertos::Serial, 640> = Task::new();
static SPINNER: Task<(), 512> = Task::new();

const TASKS: [&str; 4] = ["server", "client", "log", "spinner"];

/// Returns the bytes of each stack that were never used.
fn stacks_left() -> [u32; 4] {
    #[expect(clippy::cast_possible_truncation, reason = "a stack has some kilobytes")]
    [SERVER.stack_left(), CLIENT.stack_left(), PRINTER.stack_left(), SPINNER.stack_left()].map(|left| left as u32)
}

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut SERVER_RX: [u8; server::RX] = [0; server::RX];
    static mut SERVER_TX: [u8; server::TX] = [0; server::TX];
    static mut REPLIES: server::Replies = server::Replies::new();

    let boot = boot_number();
    let peripherals = cortex_m::Peripherals::take();
    let text = TEXT.open(|| NVIC::pend(Interrupt::UART0));
    let called = CALLED.open(|| NVIC::pend(Interrupt::UART1));
    let calling = CALLING.open(|| NVIC::pend(Interrupt::UART2));
    // Each of these can be taken once, and this is the first time.
    if let (Some(mut peripherals), Some(text), Some(called), Some(calling)) = (peripherals, text, called, calling) {
        board::start(&mut peripherals.NVIC);
        let server = Server { serial: called, boot, rx: SERVER_RX, tx: SERVER_TX, replies: REPLIES };
        // None of the tasks was started before.
        let _ = SERVER.start(c"server", 4, server, server::serve);
        let _ = CLIENT.start(c"client", 3, Client { serial: calling, boot }, client::call);
        let _ = PRINTER.start(c"log", 2, text, log::print);
        let _ = SPINNER.start(c"spinner", 1, (), spin);
        log(Event::Started);
    }
    start_scheduler()
}

/// Keeps the processor busy, or checks regularly whether it should.
fn spin((): ()) -> ! {
    loop {
        let on = {
            let mut spin = SPIN.lock();
            spin.rounds = spin.rounds.wrapping_add(spin.on.into());
            spin.on
        };
        if on {
            // A tenth of a millisecond at this board's clock.
            cortex_m::asm::delay(1_250);
        } else {
            delay(Duration::from_millis(20));
        }
    }
}
