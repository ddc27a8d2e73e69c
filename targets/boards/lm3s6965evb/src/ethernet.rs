//! The Ethernet controller.

use lm3s6965::Interrupt;
use oncilla_bare::Block;
use oncilla_cortex_m::{Sleep, sleep_until};
use oncilla_ethernet::driver::{Controller, Driver, put_words, words};

use crate::CLOCK_HZ;

#[expect(unsafe_code, reason = "the address is from the chip's manual")]
// SAFETY: the registers of the Ethernet controller, which does not access memory itself.
const ETHERNET: Block = unsafe { Block::at(0x4004_8000) };

/// Raised interrupts, cleared by writing the same bit, and the interrupt mask.
const RIS: usize = 0x00;
const IM: usize = 0x04;
/// Receiver and transmitter.
const RCTL: usize = 0x08;
const TCTL: usize = 0x0C;
/// Both FIFOs, word by word.
const DATA: usize = 0x10;
/// The address of this station.
const IA0: usize = 0x14;
const IA1: usize = 0x18;
/// Frames in the receiver's FIFO.
const NP: usize = 0x34;
/// Set to send the frame in the transmitter's FIFO, and cleared when it has left.
const TR: usize = 0x38;

const RECEIVED: u32 = 1;
const ENABLE: u32 = 1;
const RESET_FIFO: u32 = 1 << 4;
const PAD: u32 = 1 << 1;
const APPEND_CHECK: u32 = 1 << 2;
const DUPLEX: u32 = 1 << 4;

/// Bytes in the receiver's FIFO besides the frame: its length in front and the check sequence behind.
const LENGTH: usize = 2;
const CHECK: usize = 4;
/// Bytes of a frame's header, which the transmitter's length does not include.
const HEADER: usize = 14;

/// The Ethernet controller of the chip, which passes frames through FIFOs, without DMA.
#[derive(Debug)]
pub struct Ethernet(());

impl Ethernet {
    /// Starts receiving frames for `mac` and broadcasts.
    ///
    /// Start it once: two controllers would each receive some of the frames.
    #[must_use]
    pub fn start(mac: [u8; 6]) -> Driver<Self> {
        let mut address = words(&mac);
        ETHERNET.write(IA0, address.next().unwrap_or(0));
        ETHERNET.write(IA1, address.next().unwrap_or(0));
        ETHERNET.write(IM, RECEIVED);
        ETHERNET.write(RCTL, RESET_FIFO);
        ETHERNET.write(RCTL, ENABLE);
        ETHERNET.write(TCTL, ENABLE | PAD | APPEND_CHECK | DUPLEX);
        Driver::new(Self(()))
    }
}

impl Controller for Ethernet {
    fn receive(&mut self, into: &mut [u8]) -> Option<usize> {
        if ETHERNET.read(NP) == 0 {
            return None;
        }
        let [low, high, first, second] = ETHERNET.read(DATA).to_le_bytes();
        let size = usize::from(u16::from_le_bytes([low, high])).wrapping_sub(LENGTH);
        let length = size.wrapping_sub(CHECK);
        let frame = into.get_mut(..length).and_then(<[u8]>::split_first_chunk_mut);
        let Some((begin, rest)) = frame else {
            // The rest of the frame in the FIFO must still be read.
            for _ in 0..size.wrapping_sub(2).div_ceil(4).min(512) {
                let _ = ETHERNET.read(DATA);
            }
            return Some(0);
        };
        *begin = [first, second];
        put_words(rest, || ETHERNET.read(DATA));
        // Reads the part of the check sequence that was not in the frame's last word.
        let came = rest.len().div_ceil(4).wrapping_mul(4).wrapping_sub(rest.len());
        if came < CHECK {
            let _ = ETHERNET.read(DATA);
        }
        Some(length)
    }

    fn can_send(&mut self) -> bool {
        ETHERNET.read(TR) & ENABLE == 0
    }

    fn send(&mut self, frame: &[u8]) {
        let Some(([first, second], rest)) = frame.split_first_chunk() else { return };
        let [low, high, ..] = frame.len().saturating_sub(HEADER).to_le_bytes();
        ETHERNET.write(DATA, u32::from_le_bytes([low, high, *first, *second]));
        for word in words(rest) {
            ETHERNET.write(DATA, word);
        }
        ETHERNET.write(TR, ENABLE);
    }
}

/// Time since start, on a board that sleeps until a frame arrives.
pub type Clock = oncilla_cortex_m::Clock<CLOCK_HZ, UntilFrame>;

/// Sleeps until a frame arrives.
pub struct UntilFrame;

impl Sleep for UntilFrame {
    fn sleep() {
        sleep_until(Interrupt::ETHERNET, || {
            ETHERNET.write(RIS, RECEIVED);
            ETHERNET.read(NP) > 0
        });
    }
}
