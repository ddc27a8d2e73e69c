//! From an Ethernet controller's registers to a device of smoltcp.

use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

/// Bytes of the largest frame: header and payload, without the check sequence.
const FRAME: usize = 1514;

/// A controller as its driver sees it: the three things that differ from chip to chip. Frames are without their check
/// sequence, which the controller appends and looks at.
pub trait Controller {
    /// Takes the oldest received frame, puts it at the start of `into` and returns its bytes; 0 when it is damaged or does
    /// not fit, and is dropped. `None` when there is none.
    fn receive(&mut self, into: &mut [u8]) -> Option<usize>;

    /// Whether there is room for a frame of 1514 bytes.
    fn can_send(&mut self) -> bool;

    /// Sends a frame of at most 1514 bytes; called when there is room. One below 60 bytes is padded by the controller.
    fn send(&mut self, frame: &[u8]);
}

/// A controller with a buffer for a frame each way, as a device of smoltcp: 3 kB.
#[derive(Debug)]
pub struct Driver<C> {
    controller: C,
    rx: [u8; FRAME],
    tx: [u8; FRAME],
}

impl<C: Controller> Driver<C> {
    /// A device.
    pub const fn new(controller: C) -> Self {
        Self { controller, rx: [0; FRAME], tx: [0; FRAME] }
    }
}

/// A frame that has come.
pub struct RxToken<'d>(&'d [u8]);

impl phy::RxToken for RxToken<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

/// Room for a frame.
pub struct TxToken<'d, C> {
    controller: &'d mut C,
    tx: &'d mut [u8],
}

impl<C: Controller> phy::TxToken for TxToken<'_, C> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        // smoltcp asks for no more than the capabilities say.
        let frame = self.tx.get_mut(..length).unwrap_or_default();
        let result = f(frame);
        self.controller.send(frame);
        result
    }
}

impl<C: Controller> Device for Driver<C> {
    type RxToken<'d>
        = RxToken<'d>
    where
        C: 'd;
    type TxToken<'d>
        = TxToken<'d, C>
    where
        C: 'd;

    /// A frame is left with the controller while there is no room for what smoltcp may have to say to it.
    fn receive(&mut self, _: Instant) -> Option<(RxToken<'_>, TxToken<'_, C>)> {
        let Self { controller, rx, tx } = self;
        if !controller.can_send() {
            return None;
        }
        let length = controller.receive(rx)?;
        Some((RxToken(rx.get(..length).unwrap_or_default()), TxToken { controller, tx }))
    }

    fn transmit(&mut self, _: Instant) -> Option<TxToken<'_, C>> {
        let Self { controller, tx, .. } = self;
        if controller.can_send() { Some(TxToken { controller, tx }) } else { None }
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME;
        capabilities
    }
}

/// Bytes as words, low byte first, as controllers take them; the last is filled up with zeros.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        for (place, byte) in word.iter_mut().zip(chunk) {
            *place = *byte;
        }
        u32::from_le_bytes(word)
    })
}

/// Puts words, low byte first, where there is room for them.
pub fn put_words(into: &mut [u8], mut words: impl FnMut() -> u32) {
    for chunk in into.chunks_mut(4) {
        for (place, byte) in chunk.iter_mut().zip(words().to_le_bytes()) {
            *place = byte;
        }
    }
}
