//! The differences between the measured programs: how the link is made, and the form of its calls.

use oncilla::framing::{CobsWith, Crc32, Framing, Record, Serial};
use oncilla::message::Form;
use oncilla::{Link, Transport};

/// A framing that is measured.
pub trait Carried: Framing {
    /// The form of the measured calls and replies.
    const FORM: Form = Form::Full;

    /// The difference between the checksums of these messages and plain ones.
    const MARK: u32 = 0;

    /// A message that is received before the first call.
    const FIRST: &'static [u8] = &[];

    /// The difference between the checksum of that message and a plain one.
    const FIRST_MARK: u32 = 0;

    /// Makes the link as firmware does.
    fn link<'b, T: Transport<Framing = Self>>(
        transport: T,
        rx: &'b mut [u8],
        tx: &'b mut [u8],
    ) -> Link<T, &'b mut [u8]> {
        Link::new(transport, rx, tx)
    }
}

impl Carried for Record {}
impl<C: Crc32> Carried for CobsWith<C> {}

/// The boot numbers of the measured peer and of the other one.
const BOOT: u8 = 7;
const PEER: u8 = 9;

/// The mark of hellos, which is part of the mark of messages in the short form.
const SHORT: u32 = 0x5348_4f52;

/// Advances the CRC by four zero bytes.
const fn zeros(mut register: u32) -> u32 {
    let mut bit = 0;
    while bit < 32 {
        register = if register & 1 == 1 { register >> 1 ^ 0xedb8_8320 } else { register >> 1 };
        bit += 1;
    }
    register
}

impl Carried for Serial {
    const FORM: Form = Form::Short;
    const MARK: u32 = PEER as u32 ^ zeros(BOOT as u32) ^ SHORT;
    const FIRST_MARK: u32 = SHORT;

    /// A hello from a peer with boot number 9 that has received this side's hello. It can receive 127 bytes.
    const FIRST: &'static [u8] = &[4 << 5 | 2, 0, 0, 0, PEER, 0, 0, 0, BOOT, 0, 0, 0, 127];

    fn link<'b, T: Transport<Framing = Self>>(
        transport: T,
        rx: &'b mut [u8],
        tx: &'b mut [u8],
    ) -> Link<T, &'b mut [u8]> {
        Link::with_boot_number(transport, rx, tx, BOOT.into())
    }
}
