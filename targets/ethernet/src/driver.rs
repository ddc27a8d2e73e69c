//! Drivers: a device of smoltcp from the registers of an Ethernet controller.

use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

/// Bytes of the largest frame: header and payload, without the check sequence.
const FRAME: usize = 1514;

/// An Ethernet controller: the three operations that differ between chips.
///
/// Frames are without their check sequence, which the controller appends and checks.
pub trait Controller {
    /// Writes the oldest received frame to the start of `into` and returns its size.
    ///
    /// Returns 0 for a frame that is damaged or does not fit, which is dropped, and `None` if there is no frame.
    fn receive(&mut self, into: &mut [u8]) -> Option<usize>;

    /// Returns whether there is room for a frame of 1514 bytes.
    fn can_send(&mut self) -> bool;

    /// Sends a frame of at most 1514 bytes.
    ///
    /// It is called only when there is room. The controller pads frames of less than 60 bytes.
    fn send(&mut self, frame: &[u8]);
}

/// A device of smoltcp: a controller with a buffer for one frame in each direction, 3 kB in total.
#[derive(Debug)]
pub struct Driver<C> {
    controller: C,
    rx: [u8; FRAME],
    tx: [u8; FRAME],
}

impl<C: Controller> Driver<C> {
    /// Creates a device.
    pub const fn new(controller: C) -> Self {
        Self { controller, rx: [0; FRAME], tx: [0; FRAME] }
    }
}

/// A received frame.
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
        // smoltcp requests no more than the capabilities state.
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

    /// A frame stays in the controller while there is no room for a frame that smoltcp may send in response.
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

/// Converts bytes to words, low byte first, as controllers take them. Zeros fill the last word.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        for (place, byte) in word.iter_mut().zip(chunk) {
            *place = *byte;
        }
        u32::from_le_bytes(word)
    })
}

/// Writes words, low byte first, until `into` is full.
pub fn put_words(into: &mut [u8], mut words: impl FnMut() -> u32) {
    for chunk in into.chunks_mut(4) {
        for (place, byte) in chunk.iter_mut().zip(words().to_le_bytes()) {
            *place = byte;
        }
    }
}
