//! The UARTs, which are Arm's CMSDK APB UARTs. UART1 carries calls.

use oncilla_bare::{Block, Bytes};
use oncilla_cortex_m::{Sleep, sleep_until};

use crate::{CLOCK_HZ, wake::Wake};

#[expect(unsafe_code, reason = "the address is from the image's application note")]
// SAFETY: the registers of UART0, which moves no data by itself.
pub const UART0: Cmsdk = Cmsdk(unsafe { Block::at(0x4000_4000) });

#[expect(unsafe_code, reason = "the address is from the image's application note")]
// SAFETY: the registers of UART1, which moves no data by itself.
const UART1: Cmsdk = Cmsdk(unsafe { Block::at(0x4000_5000) });

const BAUD_RATE: u32 = 115_200;

/// The byte to send, and the byte received.
const DATA: usize = 0x00;
const STATE: usize = 0x04;
const CONTROL: usize = 0x08;
/// Raised interrupts, cleared by writing the same bit.
const INTERRUPTS: usize = 0x0C;
/// Clock ticks per bit.
const DIVIDER: usize = 0x10;

const FULL: u32 = 1;
const RECEIVED: u32 = 1 << 1;

/// The registers of a UART. Its buffers have one byte.
#[derive(Clone, Copy, Debug)]
pub struct Cmsdk(Block);

impl Cmsdk {
    pub const SEND: u32 = 1;
    const RECEIVE: u32 = 1 << 1;
    const RECEIVE_INTERRUPT: u32 = 1 << 3;

    /// Enables sending, receiving and interrupts, as set in `what`.
    pub fn start(self, what: u32) {
        self.0.write(DIVIDER, CLOCK_HZ / BAUD_RATE);
        self.0.write(CONTROL, what);
    }

    pub fn has_room(self) -> bool {
        self.0.read(STATE) & FULL == 0
    }

    pub fn send(self, byte: u8) {
        self.0.write(DATA, byte.into());
    }

    fn has_received(self) -> bool {
        self.0.read(STATE) & RECEIVED != 0
    }
}

/// UART1. Its buffer holds one byte while the program is busy; when it is full, QEMU stops the sender.
///
/// A real line loses bytes; a framing with a checksum drops the damaged message.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Starts receiving. Start it once: two readers would each receive some of the bytes.
    #[must_use]
    pub fn start() -> Bytes<Self> {
        UART1.start(Cmsdk::SEND | Cmsdk::RECEIVE | Cmsdk::RECEIVE_INTERRUPT);
        Bytes(Self(()))
    }
}

impl oncilla_bare::Uart for Uart {
    fn has_received(&mut self) -> bool {
        UART1.has_received()
    }

    fn received(&mut self) -> u8 {
        let [byte, ..] = UART1.0.read(DATA).to_le_bytes();
        byte
    }

    fn has_room(&mut self) -> bool {
        UART1.has_room()
    }

    fn send(&mut self, byte: u8) {
        UART1.send(byte);
    }

    fn sleep(&mut self) {
        UntilByte::sleep();
    }
}

/// Time since start, on a board that sleeps until a byte arrives on UART1.
pub type Clock = oncilla_cortex_m::Clock<CLOCK_HZ, UntilByte>;

/// Sleeps until a byte arrives.
pub struct UntilByte;

impl Sleep for UntilByte {
    fn sleep() {
        sleep_until(Wake::Uart1Received, || {
            UART1.0.write(INTERRUPTS, RECEIVED);
            UART1.has_received()
        });
    }
}
