//! The UART.

use oncilla_bare::{Block, Bytes};

use crate::sleep::doze;

#[expect(unsafe_code, reason = "the address is from the chip's manual")]
// SAFETY: the registers of UART0, which moves no data by itself.
const UART: Block = unsafe { Block::at(0x4000_2000) };

const START_RECEIVING: usize = 0x000;
const START_SENDING: usize = 0x008;
/// Set when a byte has arrived in the buffer of six.
const RECEIVED: usize = 0x108;
/// Set when the byte written last is in the shift register.
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
/// The pins that are connected to the USB connector's chip.
const SENDING: u32 = 24;
const RECEIVING: u32 = 25;

/// The board's serial port: 115 200 baud, eight bits, no parity.
///
/// The UART holds six bytes while the program is busy. When they are full, QEMU stops the sender. A real line loses
/// bytes after half a millisecond; a framing with a checksum drops the damaged message.
#[derive(Debug)]
pub struct Uart {
    /// Whether a byte was written and has not been seen in the shift register.
    sending: bool,
}

impl Uart {
    /// Starts receiving. Start it once: two readers would each receive some of the bytes.
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

/// Returns whether a received byte waits.
pub fn has_received() -> bool {
    UART.read(RECEIVED) != 0
}

impl oncilla_bare::Uart for Uart {
    fn has_received(&mut self) -> bool {
        has_received()
    }

    fn received(&mut self) -> u8 {
        // In this order, because reading moves the next byte of the buffer forward, which sets the event again.
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
