//! Arm's PrimeCell UART (PL011), found in Stellaris microcontrollers and QEMU's `virt` machines.

use crate::{Block, Print};

const DATA: usize = 0x00;
const FLAGS: usize = 0x18;
const LINE_CONTROL: usize = 0x2C;
const INTERRUPT_MASK: usize = 0x38;

const BUSY: u32 = 1 << 3;
const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
const EIGHT_BITS_AND_FIFOS: u32 = 0b111 << 4;
/// Interrupts "the FIFO is filling" and "the FIFO is not empty and the line is quiet".
const RECEIVE: u32 = 1 << 4 | 1 << 6;
/// Interrupt "the send FIFO is nearly empty".
const SEND: u32 = 1 << 5;

/// A PL011. The board sets clocks, pins and baud rate.
#[derive(Clone, Copy, Debug)]
pub struct Pl011(Block);

impl Pl011 {
    /// Creates a UART with these registers.
    #[must_use]
    pub const fn new(block: Block) -> Self {
        Self(block)
    }

    /// Starts receiving: eight bits, no parity, FIFOs of 16 bytes, and an interrupt for received bytes.
    ///
    /// The board enables the UART as a whole, with its clocks; QEMU's is always enabled.
    #[inline]
    pub fn start(self) {
        self.0.write(LINE_CONTROL, EIGHT_BITS_AND_FIFOS);
        self.interrupt(true);
    }

    /// Sets whether received bytes raise the interrupt. It stays raised while bytes wait.
    #[inline]
    pub fn interrupt(self, raised: bool) {
        self.interrupts(raised, false);
    }

    /// Sets whether received bytes raise the interrupt, and whether new room for bytes to send does.
    #[inline]
    pub fn interrupts(self, receive: bool, send: bool) {
        let receive = if receive { RECEIVE } else { 0 };
        self.0.write(INTERRUPT_MASK, if send { receive | SEND } else { receive });
    }

    /// Returns whether a received byte waits.
    #[inline]
    #[must_use]
    pub fn has_received(self) -> bool {
        self.0.read(FLAGS) & RECEIVE_EMPTY == 0
    }

    /// Returns the oldest received byte. If none waits, the value is meaningless.
    #[inline]
    #[must_use]
    pub fn received(self) -> u8 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bits above the eighth are error flags, for a checksum to catch"
        )]
        {
            self.0.read(DATA) as u8
        }
    }

    /// Returns whether there is room for a byte to send.
    #[inline]
    #[must_use]
    pub fn has_room(self) -> bool {
        self.0.read(FLAGS) & TRANSMIT_FULL == 0
    }

    /// Sends a byte. Call it only when there is room.
    #[inline]
    pub fn send(self, byte: u8) {
        self.0.write(DATA, byte.into());
    }

    /// Returns whether the last byte is still being sent.
    #[inline]
    #[must_use]
    pub fn is_busy(self) -> bool {
        self.0.read(FLAGS) & BUSY != 0
    }
}

/// Text for people. Waits while the send FIFO is full; never fails.
impl Print for Pl011 {
    fn byte(&mut self, byte: u8) {
        while !self.has_room() {}
        self.send(byte);
    }
}
