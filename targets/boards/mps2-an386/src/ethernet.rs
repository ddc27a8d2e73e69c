//! The Ethernet controller, a LAN9118.

use oncilla_bare::Block;
use oncilla_cortex_m::{Sleep, sleep_until};
use oncilla_ethernet::driver::{Controller, Driver, put_words, words};

use crate::{CLOCK_HZ, wake::Wake};

#[expect(unsafe_code, reason = "the address is from the image's application note")]
// SAFETY: the registers of the LAN9118, which does not access memory itself.
const LAN9118: Block = unsafe { Block::at(0x4020_0000) };

/// The FIFOs for frames, word by word, and for the status of received frames.
const RX_DATA: usize = 0x00;
const TX_DATA: usize = 0x20;
const RX_STATUS: usize = 0x40;
const IRQ_CFG: usize = 0x54;
/// Raised interrupts, cleared by writing the same bit, and the interrupt mask.
const INT_STS: usize = 0x58;
const INT_EN: usize = 0x5C;
const FIFO_INT: usize = 0x68;
const TX_CFG: usize = 0x70;
/// The fill levels of the FIFOs.
const RX_FIFO_INF: usize = 0x7C;
const TX_FIFO_INF: usize = 0x80;
/// Access to the registers of the MAC.
const MAC_CSR_CMD: usize = 0xA4;
const MAC_CSR_DATA: usize = 0xA8;

/// The registers of the MAC.
const MAC_CR: u32 = 1;
const ADDRH: u32 = 2;
const ADDRL: u32 = 3;

/// The line is high while an interrupt is raised.
const ACTIVE_HIGH: u32 = 1 << 8 | 1 << 4 | 1;
/// Set when more frames have arrived than [`FIFO_INT`] states.
const RSFL: u32 = 1 << 3;
/// Enables sending, and drops the status of sent frames when there is no room for it.
const TX_ON: u32 = 1 << 1 | 1 << 2;
const BUSY: u32 = 1 << 31;
const SEND_RECEIVE_DUPLEX: u32 = 1 << 3 | 1 << 2 | 1 << 20;
/// A frame that is passed in one piece.
const FIRST_AND_LAST: u32 = 1 << 13 | 1 << 12;
/// Set in the status of a damaged frame.
const DAMAGED: u32 = 1 << 15;

/// Bytes of the check sequence behind a received frame.
const CHECK: usize = 4;
/// Bytes of the largest frame in the transmitter's FIFO, with the two words in front of it.
const ROOM: u32 = 1514 + 2 + 8;

/// The Ethernet controller, which passes frames through FIFOs, without DMA.
#[derive(Debug)]
pub struct Ethernet(());

impl Ethernet {
    /// Starts receiving frames for `mac` and broadcasts.
    ///
    /// Start it once: two controllers would each receive some of the frames.
    #[must_use]
    pub fn start(mac: [u8; 6]) -> Driver<Self> {
        let mut address = words(&mac);
        write_mac(ADDRL, address.next().unwrap_or(0));
        write_mac(ADDRH, address.next().unwrap_or(0));
        write_mac(MAC_CR, SEND_RECEIVE_DUPLEX);
        LAN9118.write(TX_CFG, TX_ON);
        // The interrupt is raised from the first frame on.
        LAN9118.write(FIFO_INT, 0);
        LAN9118.write(IRQ_CFG, ACTIVE_HIGH);
        LAN9118.write(INT_EN, RSFL);
        Driver::new(Self(()))
    }
}

fn write_mac(register: u32, value: u32) {
    LAN9118.write(MAC_CSR_DATA, value);
    LAN9118.write(MAC_CSR_CMD, BUSY | register);
    while LAN9118.read(MAC_CSR_CMD) & BUSY != 0 {}
}

/// Returns the number of received frames.
fn received() -> u32 {
    LAN9118.read(RX_FIFO_INF) >> 16 & 0xFF
}

impl Controller for Ethernet {
    fn receive(&mut self, into: &mut [u8]) -> Option<usize> {
        if received() == 0 {
            return None;
        }
        let status = LAN9118.read(RX_STATUS);
        let size = (status >> 16 & 0x3FFF) as usize;
        let length = size.saturating_sub(CHECK);
        let mut left = size.div_ceil(4);
        let frame = into.get_mut(..length).filter(|_| status & DAMAGED == 0).unwrap_or_default();
        put_words(frame, || {
            left = left.wrapping_sub(1);
            LAN9118.read(RX_DATA)
        });
        // The check sequence, and a frame that is dropped, must be read too.
        for _ in 0..left {
            let _ = LAN9118.read(RX_DATA);
        }
        Some(frame.len())
    }

    fn can_send(&mut self) -> bool {
        LAN9118.read(TX_FIFO_INF) & 0xFFFF >= ROOM
    }

    fn send(&mut self, frame: &[u8]) {
        let length = frame.len() as u32;
        LAN9118.write(TX_DATA, FIRST_AND_LAST | length);
        LAN9118.write(TX_DATA, length);
        for word in words(frame) {
            LAN9118.write(TX_DATA, word);
        }
    }
}

/// Time since start, on a board that sleeps until a frame arrives.
pub type Clock = oncilla_cortex_m::Clock<CLOCK_HZ, UntilFrame>;

/// Sleeps until a frame arrives.
pub struct UntilFrame;

impl Sleep for UntilFrame {
    fn sleep() {
        sleep_until(Wake::Ethernet, || {
            LAN9118.write(INT_STS, RSFL);
            received() > 0
        });
    }
}
