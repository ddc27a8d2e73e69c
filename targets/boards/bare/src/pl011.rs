//! Arm's PrimeCell UART (PL011), which Stellaris microcontrollers and QEMU's `virt` machines have.

use crate::{Block, Print};

const DATA: usize = 0x00;
const FLAGS: usize = 0x18;
const LINE_CONTROL: usize = 0x2C;
const INTERRUPT_MASK: usize = 0x38;

const BUSY: u32 = 1 << 3;
const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
const EIGHT_BITS_AND_FIFOS: u32 = 0b111 << 4;
/// Interrupts for "the buffer is filling" and "the buffer is not empty and the line has gone quiet".
const RECEIVE: u32 = 1 << 4 | 1 << 6;
/// And for "the buffer of bytes to send is getting empty".
const SEND: u32 = 1 << 5;

/// A PL011. Clocks, pins and baud rate are for the board to set.
#[derive(Clone, Copy, Debug)]
pub struct Pl011(Block);

impl Pl011 {
    /// The one with these registers.
    #[must_use]
    pub const fn new(block: Block) -> Self {
        Self(block)
    }

    /// Begins to receive: eight bits, no parity, with the buffers of 16 bytes, and an interrupt for what comes.
    /// Whether the UART as a whole is enabled is left to the board, with its clocks: QEMU's is always.
    #[inline]
    pub fn start(self) {
        self.0.write(LINE_CONTROL, EIGHT_BITS_AND_FIFOS);
        self.interrupt(true);
    }

    /// Whether received bytes raise the interrupt. The line stays raised while bytes wait.
    #[inline]
    pub fn interrupt(self, raised: bool) {
        self.interrupts(raised, false);
    }

    /// The same, and whether room for bytes to send raises it, once there was none.
    #[inline]
    pub fn interrupts(self, receive: bool, send: bool) {
        let receive = if receive { RECEIVE } else { 0 };
        self.0.write(INTERRUPT_MASK, if send { receive | SEND } else { receive });
    }

    /// Whether a received byte waits.
    #[inline]
    #[must_use]
    pub fn has_received(self) -> bool {
        self.0.read(FLAGS) & RECEIVE_EMPTY == 0
    }

    /// Takes the oldest received byte. What it gives when none waits is no byte of the line's.
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

    /// Whether there is room for a byte to send.
    #[inline]
    #[must_use]
    pub fn has_room(self) -> bool {
        self.0.read(FLAGS) & TRANSMIT_FULL == 0
    }

    /// Sends a byte, for which there is room.
    #[inline]
    pub fn send(self, byte: u8) {
        self.0.write(DATA, byte.into());
    }

    /// Whether the last byte is still on its way out.
    #[inline]
    #[must_use]
    pub fn is_busy(self) -> bool {
        self.0.read(FLAGS) & BUSY != 0
    }
}

/// Text for people to read. Waits while the UART's buffer is full; never fails.
impl Print for Pl011 {
    fn byte(&mut self, byte: u8) {
        while !self.has_room() {}
        self.send(byte);
    }
}
