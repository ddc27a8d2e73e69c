//! A UART as a stream of bytes between its interrupt handler and a task.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, ReadReady, Write};

use crate::stream_buffer::{Reader, StreamBuffer, Writer};

/// The registers of a UART, for its interrupt handler.
pub trait Registers {
    /// Returns the oldest received byte, if there is one.
    fn received(&mut self) -> Option<u8>;

    /// Returns whether there is room for a byte to send.
    fn has_room(&mut self) -> bool;

    /// Sends a byte. Called only when there is room.
    fn send(&mut self, byte: u8);

    /// Sets whether received bytes raise the interrupt, and whether room for bytes to send does.
    fn interrupts(&mut self, receive: bool, send: bool);
}

/// A serial line in a `static`, with a stream buffer in each direction. Each holds one byte less than its size.
///
/// ```ignore
/// static PORT: Port<64, 64> = Port::new();
///
/// #[interrupt]
/// fn UART1() {
///     PORT.interrupt(&mut uart1());
/// }
///
/// let serial = PORT.open(|| NVIC::pend(Interrupt::UART1))?;
/// let line = Line::<Cobs>::new(serial); // a `Transport`, for one task
/// ```
pub struct Port<const RECEIVE: usize, const SEND: usize> {
    received: StreamBuffer<RECEIVE>,
    sending: StreamBuffer<SEND>,
}

impl<const RECEIVE: usize, const SEND: usize> Port<RECEIVE, SEND> {
    /// Creates a line that is not open.
    #[expect(clippy::new_without_default, reason = "a port is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self { received: StreamBuffer::new(), sending: StreamBuffer::new() }
    }

    /// Returns the line for a task, or `None` if it was taken before.
    ///
    /// `pend` must set the UART's interrupt pending, so that its handler runs although the UART has no event.
    pub fn open(&'static self, pend: fn()) -> Option<Serial> {
        let (reader, writer) = (self.received.reader()?, self.sending.writer()?);
        // Bytes that arrived before are still in the UART.
        pend();
        Some(Serial { reader, writer, pend })
    }

    /// Does the work of the interrupt handler: moves bytes in both directions.
    ///
    /// It moves as many bytes as there are and as there is room for, and enables the interrupts for the rest. If
    /// there is no room for received bytes, they stay in the UART, which then stops the sender if it has flow
    /// control.
    pub fn interrupt(&'static self, uart: &mut impl Registers) {
        let mut room = self.received.has_room();
        while room {
            let Some(byte) = uart.received() else { break };
            self.received.send_from_interrupt(&[byte]);
            room = self.received.has_room();
        }
        let mut byte = [0];
        while uart.has_room() && self.sending.receive_from_interrupt(&mut byte) > 0 {
            uart.send(byte[0]);
        }
        uart.interrupts(room, !self.sending.is_empty());
    }
}

/// A serial line, for a task.
///
/// As a stream: reading waits for at least one byte, asleep in the kernel and without a time limit, and never reports
/// the end. Writing waits until there is room in the stream buffer. Reading into an empty buffer returns 0 at once.
/// [`Line`](crate::Line) keeps time limits.
#[derive(Debug)]
pub struct Serial {
    reader: Reader,
    writer: Writer,
    pend: fn(),
}

impl Serial {
    /// Waits for bytes for a number of ticks. Returns 0 if none arrived, or if it was woken without bytes.
    pub(crate) fn receive(&mut self, into: &mut [u8], ticks: u32) -> usize {
        let received = self.reader.receive(into, ticks);
        if received > 0 {
            // The handler may have waited for this room.
            (self.pend)();
        }
        received
    }

    /// Waits for a number of ticks until there is room for `bytes`, or for a full buffer; writes as many as fit.
    pub(crate) fn send(&mut self, bytes: &[u8], ticks: u32) -> usize {
        let sent = self.writer.send(bytes, ticks);
        (self.pend)();
        sent
    }
}

impl ErrorType for Serial {
    type Error = Infallible;
}

impl ReadReady for Serial {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        self.reader.read_ready()
    }
}

impl Read for Serial {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let received = self.reader.read(into);
        // As in `receive`.
        (self.pend)();
        received
    }
}

impl Write for Serial {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        // While there is no room, the handler is already sending the bytes in the buffer.
        let sent = self.writer.write(bytes);
        (self.pend)();
        sent
    }

    /// Returns at once: the interrupt handler sends the bytes.
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
