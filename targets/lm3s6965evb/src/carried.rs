//! What differs between the probes: how the link is made and in which form its calls are.

use oncilla::framing::{Cobs, Framing, Record, Serial};
use oncilla::message::Form;
use oncilla::{Link, Transport};

/// A framing as it is probed.
pub trait Carried: Framing {
    /// The form of the calls and replies that are measured.
    const FORM: Form = Form::Full;

    /// A message that comes before the first call.
    const FIRST: &'static [u8] = &[];

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

const BOOT: u8 = 7;

impl Carried for Serial {
    const FORM: Form = Form::Short;

    /// Hello from an end whose boot number is 9 and which has heard this one's. It takes 127 bytes.
    const FIRST: &'static [u8] = &[4 << 5, 0, 0, 0, 9, 0, 0, 0, BOOT, 0, 0, 0, 127];

    fn link<'b, T: Transport<Framing = Self>>(
        transport: T,
        rx: &'b mut [u8],
        tx: &'b mut [u8],
    ) -> Link<T, &'b mut [u8]> {
        Link::with_boot_number(transport, rx, tx, BOOT.into())
    }
}
