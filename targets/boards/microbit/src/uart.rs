//! The UART.

use oncilla_bare::{Block, Bytes};

use crate::sleep::doze;

#[expect(unsafe_code, reason = "the chip's manual says what is at the address")]
// SAFETY: the registers of UART0, which moves no data by itself.
const UART: Block = unsafe { Block::at(0x4000_2000) };

const START_RECEIVING: usize = 0x000;
const START_SENDING: usize = 0x008;
/// A byte has come into the buffer of six.
const RECEIVED: usize = 0x108;
/// The byte that was written last has gone into the shift register.
const SENT: usize = 0x11C;
const INTERRUPT_SET: usize = 0x304;
const ENABLE: usize = 0x500;
const PIN_SENDING: usize = 0x50C;
const PIN_RECEIVING: usize = 0x514;
const RECEIVED_BYTE: usize = 0x518;
const BYTE_TO_SEND: usize = 0x51C;
const BAUD_RATE: usize = 0x524;

const RECEIVED_INTERRUPT: u32 = 1 << 2;
const ENABLED: u32 = 4;
const BAUD_115200: u32 = 0x01D7_E000;
/// The pins that go to the USB connector's chip.
const SENDING: u32 = 24;
const RECEIVING: u32 = 25;

/// The board's serial port: 115 200 baud, eight bits, no parity.
///
/// What arrives while the program is busy waits in the UART's own six bytes. When they are full QEMU holds the sender
/// back; a real line would lose bytes after half a millisecond, which a framing with a checksum survives.
#[derive(Debug)]
pub struct Uart {
    /// A byte was sent that has not been seen to have gone.
    sending: bool,
}

impl Uart {
    /// Begins to receive. Start it once: two readers would each get some of the bytes.
    #[must_use]
    pub fn start() -> Bytes<Self> {
        UART.write(PIN_SENDING, SENDING);
        UART.write(PIN_RECEIVING, RECEIVING);
        UART.write(BAUD_RATE, BAUD_115200);
        UART.write(ENABLE, ENABLED);
        UART.write(INTERRUPT_SET, RECEIVED_INTERRUPT);
        UART.write(START_RECEIVING, 1);
        UART.write(START_SENDING, 1);
        Bytes(Self { sending: false })
    }
}

/// Whether a received byte waits.
pub fn has_received() -> bool {
    UART.read(RECEIVED) != 0
}

impl oncilla_bare::Uart for Uart {
    fn has_received(&mut self) -> bool {
        has_received()
    }

    fn received(&mut self) -> u8 {
        // In this order: reading brings the next byte of the buffer forward, and with it the event.
        UART.write(RECEIVED, 0);
        UART.read(RECEIVED_BYTE).to_le_bytes()[0]
    }

    fn has_room(&mut self) -> bool {
        !self.is_busy()
    }

    fn send(&mut self, byte: u8) {
        UART.write(SENT, 0);
        UART.write(BYTE_TO_SEND, byte.into());
        self.sending = true;
    }

    fn is_busy(&mut self) -> bool {
        self.sending = self.sending && UART.read(SENT) == 0;
        self.sending
    }

    fn sleep(&mut self) {
        doze(has_received);
    }
}
