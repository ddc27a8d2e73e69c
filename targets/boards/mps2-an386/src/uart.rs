//! The UARTs, Arm's CMSDK APB UART, and UART1 as the link that carries calls.

use oncilla_bare::{Block, Bytes};
use oncilla_cortex_m::{Sleep, sleep_until};

use crate::{CLOCK_HZ, wake::Wake};

#[expect(unsafe_code, reason = "the image's application note says what is at the address")]
// SAFETY: the registers of UART0, which moves no data by itself.
pub const UART0: Cmsdk = Cmsdk(unsafe { Block::at(0x4000_4000) });

#[expect(unsafe_code, reason = "the image's application note says what is at the address")]
// SAFETY: the registers of UART1, which moves no data by itself.
const UART1: Cmsdk = Cmsdk(unsafe { Block::at(0x4000_5000) });

const BAUD_RATE: u32 = 115_200;

/// The byte to send, and the byte received.
const DATA: usize = 0x00;
const STATE: usize = 0x04;
const CONTROL: usize = 0x08;
/// Interrupts that are raised, lowered by writing the same bit.
const INTERRUPTS: usize = 0x0C;
/// Ticks of the clock in a bit.
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

    /// Begins to send, to receive, to raise interrupts.
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

/// UART1. What arrives while the program is busy waits in the UART's own byte. When it is full QEMU holds the sender
/// back; a real line would lose bytes, which a framing with a checksum survives.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Begins to receive. Start it once: two readers would each get some of the bytes.
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

/// Time since start, of a board that sleeps until a byte comes on UART1.
pub type Clock = oncilla_cortex_m::Clock<CLOCK_HZ, UntilByte>;

/// Sleeps until a byte comes.
pub struct UntilByte;

impl Sleep for UntilByte {
    fn sleep() {
        sleep_until(Wake::Uart1Received, || {
            UART1.0.write(INTERRUPTS, RECEIVED);
            UART1.has_received()
        });
    }
}
