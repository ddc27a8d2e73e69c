//! The UART, an NS16550, and its way through the platform-level interrupt controller.

use oncilla_bare::{Block, Uart};
use riscv::{asm::wfi, interrupt::Interrupt, register::mie};

#[expect(unsafe_code, reason = "QEMU's source says what is at the address")]
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

#[expect(unsafe_code, reason = "QEMU's source says what is at the address")]
// SAFETY: the interrupt controller's registers with the priority of each source.
const PRIORITIES: Block = unsafe { Block::at(0x0C00_0000) };
#[expect(unsafe_code, reason = "QEMU's source says what is at the address")]
// SAFETY: its registers that say which sources hart 0 is told of.
const ENABLED: Block = unsafe { Block::at(0x0C00_2000) };
#[expect(unsafe_code, reason = "QEMU's source says what is at the address")]
// SAFETY: its registers by which hart 0 says from which priority on, and takes and completes an interrupt.
const CLAIMS: Block = unsafe { Block::at(0x0C20_0000) };

/// The UART's number as a source of interrupts.
const SOURCE: usize = 10;
const THRESHOLD: usize = 0;
const CLAIM: usize = 4;

/// The UART. What arrives while the program is busy waits in its 16 bytes; when they are full QEMU holds the sender back.
#[derive(Debug)]
pub struct Ns16550(());

impl Ns16550 {
    /// Begins to receive. Start it once: two readers would each get some of the bytes.
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

/// Sleeps until a byte waits or the alarm is raised, if neither is so. It may return early.
pub fn doze() {
    if has_received() {
        return;
    }
    // What comes between the look and the sleep is pending then, and does not let the hart sleep.
    wfi();
    // The controller remembers an interrupt until it is taken. One that is completed while bytes wait comes again at the
    // latest with the next byte, and there is no sleep before they are read.
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
