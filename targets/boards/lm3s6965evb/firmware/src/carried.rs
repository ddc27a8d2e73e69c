//! What differs between the probes: how the link is made and in which form its calls are.

use oncilla::framing::{Cobs, Framing, Record, Serial};
use oncilla::message::Form;
use oncilla::{Link, Transport};

/// A framing as it is probed.
pub trait Carried: Framing {
    /// The form of the calls and replies that are measured.
    const FORM: Form = Form::Full;

    /// What their check values differ by from plain ones.
    const MARK: u32 = 0;

    /// A message that comes before the first call.
    const FIRST: &'static [u8] = &[];

    /// The same of that.
    const FIRST_MARK: u32 = 0;

    /// The link as a firmware makes it.
    fn link<'b, T: Transport<Framing = Self>>(
        transport: T,
        rx: &'b mut [u8],
        tx: &'b mut [u8],
    ) -> Link<T, &'b mut [u8]> {
        Link::new(transport, rx, tx)
    }
}

impl Carried for Record {}
impl Carried for Cobs {}

/// The boot numbers of the measured end and of the one that it hears.
const BOOT: u8 = 7;
const PEER: u8 = 9;

/// The mark of hellos; that of messages in the short form has it in it.
const SHORT: u32 = 0x5348_4f52;

/// Four steps of the CRC with a zero byte.
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

    /// Hello from an end whose boot number is 9 and which has heard this one's. It takes 127 bytes.
    const FIRST: &'static [u8] = &[4 << 5 | 2, 0, 0, 0, PEER, 0, 0, 0, BOOT, 0, 0, 0, 127];

    fn link<'b, T: Transport<Framing = Self>>(
        transport: T,
        rx: &'b mut [u8],
        tx: &'b mut [u8],
    ) -> Link<T, &'b mut [u8]> {
        Link::with_boot_number(transport, rx, tx, BOOT.into())
    }
}
