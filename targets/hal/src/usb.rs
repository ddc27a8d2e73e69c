//! A serial port over USB.

use core::borrow::BorrowMut;

use usb_device::{UsbError, bus::UsbBus, device::UsbDevice};
use usbd_serial::SerialPort;

use crate::{Receive, Transmit};

/// A device with one class, a serial port over USB (CDC-ACM), as a port.
///
/// It polls the device whenever the port is used, which a [`Line`](crate::Line) does while it waits. A clock that sleeps must
/// wake up for the interrupt of USB. While a procedure runs nobody polls, and the host waits: keep procedures shorter than
/// some 100 ms, or the host may give up when it connects meanwhile; or poll in the interrupt, and make a port of your own
/// with [`Ring`](crate::Ring)s.
///
/// A baud rate means nothing here. What the host does not read stays in the buffers of port and chip; [`Line`](crate::Line)
/// stops to wait for room at the deadline. A host that opens the port later receives it, and drops it as an answer to nobody.
///
/// # Example
/// ```
/// use oncilla::{Clock, Transport, framing::Serial};
/// use oncilla_hal::{Cdc, Line};
/// use usb_device::prelude::{UsbDeviceBuilder, UsbVidPid};
/// # use usb_device::bus::{UsbBus, UsbBusAllocator};
///
/// // The numbers of your product; these are for tests.
/// const IDS: UsbVidPid = UsbVidPid(0x16c0, 0x27dd);
///
/// fn transport<'a, B: UsbBus>(bus: &'a UsbBusAllocator<B>, clock: impl Clock + 'a) -> impl Transport + 'a {
///     let serial = usbd_serial::SerialPort::new(bus);
///     let device = UsbDeviceBuilder::new(bus, IDS).device_class(usbd_serial::USB_CLASS_CDC).build();
///     Line::<Serial, _, _>::new(Cdc::new(device, serial), clock)
/// }
/// ```
pub struct Cdc<'a, B: UsbBus, RS: BorrowMut<[u8]>, WS: BorrowMut<[u8]>> {
    device: UsbDevice<'a, B>,
    serial: SerialPort<'a, B, RS, WS>,
}

impl<'a, B: UsbBus, RS: BorrowMut<[u8]>, WS: BorrowMut<[u8]>> Cdc<'a, B, RS, WS> {
    /// Creates a port of the device and its class. Create the class before the device.
    pub const fn new(device: UsbDevice<'a, B>, serial: SerialPort<'a, B, RS, WS>) -> Self {
        Self { device, serial }
    }

    /// Polls the device. Call it while nothing uses the port, such as before the first link is made.
    pub fn poll(&mut self) {
        self.device.poll(&mut [&mut self.serial]);
    }

    /// Returns the device, such as for its state.
    pub const fn device(&mut self) -> &mut UsbDevice<'a, B> {
        &mut self.device
    }

    /// Returns the class, such as for the state of its lines.
    pub const fn serial(&mut self) -> &mut SerialPort<'a, B, RS, WS> {
        &mut self.serial
    }
}

/// What cannot be done now is none.
fn now(outcome: Result<usize, UsbError>) -> Result<usize, UsbError> {
    match outcome {
        Err(UsbError::WouldBlock) => Ok(0),
        done => done,
    }
}

impl<B: UsbBus, RS: BorrowMut<[u8]>, WS: BorrowMut<[u8]>> Receive for Cdc<'_, B, RS, WS> {
    type Error = UsbError;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, UsbError> {
        self.poll();
        now(self.serial.read(into))
    }
}

impl<B: UsbBus, RS: BorrowMut<[u8]>, WS: BorrowMut<[u8]>> Transmit for Cdc<'_, B, RS, WS> {
    type Error = UsbError;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, UsbError> {
        self.poll();
        now(self.serial.write(bytes))
    }

    /// Returns whether the chip has everything: the host reads it when it likes.
    fn is_sent(&mut self) -> Result<bool, UsbError> {
        self.poll();
        match self.serial.flush() {
            Ok(()) => Ok(true),
            Err(UsbError::WouldBlock) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
