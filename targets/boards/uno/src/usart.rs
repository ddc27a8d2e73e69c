//! The UART.

use core::arch::asm;

use oncilla_bare::{Bytes, Ring, Uart};

/// The registers of USART0, with their addresses.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Register {
    Status = 0xC0,
    Control = 0xC1,
    BaudRate = 0xC4,
    Data = 0xC6,
}

const RECEIVED: u8 = 1 << 7;
const ROOM: u8 = 1 << 5;
const DOUBLE_SPEED: u8 = 1 << 1;

const RECEIVING_AND_SENDING: u8 = 1 << 4 | 1 << 3;
const WITH_INTERRUPT: u8 = 1 << 7 | RECEIVING_AND_SENDING;

/// 16 MHz divided by eight and by one more than this: 2 % above 115 200 baud.
const BAUD_115200: u8 = 16;

static ARRIVED: Ring = Ring::new();

impl Register {
    fn read(self) -> u8 {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: USART0 moves no data by itself.
        unsafe {
            (self as usize as *const u8).read_volatile()
        }
    }

    fn write(self, value: u8) {
        #[expect(unsafe_code, reason = "a memory-mapped register has no safe access")]
        // SAFETY: as above.
        unsafe {
            (self as usize as *mut u8).write_volatile(value);
        }
    }
}

/// The board's serial port: 115 200 baud, eight bits, no parity, receiving by interrupt.
///
/// A ring holds 32 bytes while the program is busy. When it is full, QEMU stops the sender. A real line loses bytes; a
/// framing with a checksum drops the damaged message.
#[derive(Debug)]
pub struct Usart(());

impl Usart {
    /// Starts receiving. Start it once: two readers would each receive some of the bytes.
    #[must_use]
    pub fn start() -> Bytes<Self> {
        Register::BaudRate.write(BAUD_115200);
        Register::Status.write(DOUBLE_SPEED);
        Register::Control.write(WITH_INTERRUPT);
        allow_interrupts();
        Bytes(Self(()))
    }
}

impl Uart for Usart {
    fn has_received(&mut self) -> bool {
        !ARRIVED.is_empty()
    }

    fn received(&mut self) -> u8 {
        let byte = ARRIVED.pop().unwrap_or_default();
        // There is room again. The handler turns the interrupt off when there is none.
        Register::Control.write(WITH_INTERRUPT);
        byte
    }

    fn has_room(&mut self) -> bool {
        Register::Status.read() & ROOM != 0
    }

    fn send(&mut self, byte: u8) {
        Register::Data.write(byte);
    }

    /// Waits without sleeping, because QEMU 7.2 returns from an interrupt to the `sleep` that it ended, for ever.
    fn sleep(&mut self) {
        allow_interrupts();
    }
}

/// Allows pending interrupts to be handled.
///
/// It executes a return from interrupt, after which QEMU checks for interrupts. QEMU forgets an interrupt that arrives
/// while interrupts are disabled, as around every atomic access, until such a check.
fn allow_interrupts() {
    #[expect(unsafe_code, reason = "no other instruction will do")]
    // SAFETY: sets the interrupt flag; the stack is as it was.
    unsafe {
        asm!("rcall 2f", "rjmp 3f", "2: reti", "3:");
    }
}

/// Moves received bytes to the ring. The number is that of avr-libc's table.
#[expect(unsafe_code, reason = "avr-libc's interrupt table refers to the handler by this name")]
// SAFETY: nothing else has this name, and the calling convention is that of handlers.
#[unsafe(export_name = "__vector_18")]
extern "avr-interrupt" fn received() {
    while Register::Status.read() & RECEIVED != 0 {
        if ARRIVED.is_full() {
            // The byte stays in the register. Without turning the interrupt off, the handler would run for ever.
            Register::Control.write(RECEIVING_AND_SENDING);
            return;
        }
        ARRIVED.push(Register::Data.read());
    }
}
