//! The UART, an NS16550, and its interrupt in the platform-level interrupt controller.

use oncilla_bare::{Block, Uart};
use riscv::{asm::wfi, interrupt::Interrupt, register::mie};

#[expect(unsafe_code, reason = "the address is from QEMU's source")]
// SAFETY: the registers of the UART.
const LINE: Block = unsafe { Block::at(0x1000_0000) };

/// Receives when read, sends when written.
const DATA: usize = 0;
const INTERRUPTS: usize = 1;
const BUFFERS: usize = 2;
const LINE_CONTROL: usize = 3;
const LINE_STATUS: usize = 5;

const RECEIVED: u8 = 1;
const ENABLED_AND_CLEARED: u8 = 0b111;
const EIGHT_BITS: u8 = 0b11;
const BYTE_WAITS: u8 = 1;
const SEND_BUFFER_EMPTY: u8 = 1 << 5;
const ALL_SENT: u8 = 1 << 6;

#[expect(unsafe_code, reason = "the address is from QEMU's source")]
// SAFETY: the interrupt controller's registers with the priority of each source.
const PRIORITIES: Block = unsafe { Block::at(0x0C00_0000) };
#[expect(unsafe_code, reason = "the address is from QEMU's source")]
// SAFETY: the interrupt controller's registers that enable sources for hart 0.
const ENABLED: Block = unsafe { Block::at(0x0C00_2000) };
#[expect(unsafe_code, reason = "the address is from QEMU's source")]
// SAFETY: the interrupt controller's registers of hart 0 for its threshold, and for claiming and completing interrupts.
const CLAIMS: Block = unsafe { Block::at(0x0C20_0000) };

/// The UART's number as a source of interrupts.
const SOURCE: usize = 10;
const THRESHOLD: usize = 0;
const CLAIM: usize = 4;

/// The UART. Its FIFO holds 16 bytes while the program is busy; when it is full, QEMU stops the sender.
#[derive(Debug)]
pub struct Ns16550(());

impl Ns16550 {
    /// Starts receiving. Start it once: two readers would each receive some of the bytes.
    #[must_use]
    pub fn start() -> Self {
        LINE.write_byte(LINE_CONTROL, EIGHT_BITS);
        LINE.write_byte(BUFFERS, ENABLED_AND_CLEARED);
        LINE.write_byte(INTERRUPTS, RECEIVED);
        PRIORITIES.write(4 * SOURCE, 1);
        ENABLED.write(0, 1 << SOURCE);
        CLAIMS.write(THRESHOLD, 0);
        #[expect(unsafe_code, reason = "unmasking could break a critical section made by masking")]
        // SAFETY: interrupts are disabled in the hart as a whole: this one wakes it and has no handler.
        unsafe {
            mie::enable(Interrupt::MachineExternal);
        }
        Self(())
    }
}

/// Sleeps until a byte waits or the alarm is raised. It may return early.
pub fn doze() {
    if has_received() {
        return;
    }
    // A byte that arrives between the check and the sleep makes the interrupt pending, which prevents the sleep.
    wfi();
    // The controller keeps an interrupt until it is claimed. If it is completed while bytes wait, it is raised again at
    // the latest with the next byte, and there is no sleep before the bytes are read.
    let source = CLAIMS.read(CLAIM);
    CLAIMS.write(CLAIM, source);
}

fn has_received() -> bool {
    LINE.read_byte(LINE_STATUS) & BYTE_WAITS != 0
}

impl Uart for Ns16550 {
    fn has_received(&mut self) -> bool {
        has_received()
    }

    fn received(&mut self) -> u8 {
        LINE.read_byte(DATA)
    }

    fn has_room(&mut self) -> bool {
        LINE.read_byte(LINE_STATUS) & SEND_BUFFER_EMPTY != 0
    }

    fn send(&mut self, byte: u8) {
        LINE.write_byte(DATA, byte);
    }

    fn is_busy(&mut self) -> bool {
        LINE.read_byte(LINE_STATUS) & ALL_SENT == 0
    }

    fn sleep(&mut self) {
        doze();
    }
}
