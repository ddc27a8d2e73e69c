//! A UART as a stream of bytes between its interrupt handler and a task.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, ReadReady, Write};

use crate::stream_buffer::{Reader, StreamBuffer, Writer};

/// A UART as its interrupt handler sees it.
pub trait Registers {
    /// Takes the oldest received byte, if one waits.
    fn received(&mut self) -> Option<u8>;

    /// Whether there is room for a byte to send.
    fn has_room(&mut self) -> bool;

    /// Sends a byte, for which there is room.
    fn send(&mut self, byte: u8);

    /// Whether received bytes raise the interrupt, and whether room for bytes to send does.
    fn interrupts(&mut self, receive: bool, send: bool);
}

/// A serial line in a `static`: a stream buffer each way, of one byte more than they hold.
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
    /// A line that is not open.
    #[expect(clippy::new_without_default, reason = "a port is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self { received: StreamBuffer::new(), sending: StreamBuffer::new() }
    }

    /// The task's end. `None` when it was taken before. `pend` is to set the UART's interrupt pending, so that its handler
    /// runs though the UART has nothing to tell.
    pub fn open(&'static self, pend: fn()) -> Option<Serial> {
        let (reader, writer) = (self.received.reader()?, self.sending.writer()?);
        // What came before waits in the UART.
        pend();
        Some(Serial { reader, writer, pend })
    }

    /// What the interrupt handler does, whatever raised it: moves bytes, both ways, as far as there are any and there
    /// is room, and asks the UART to be called for the rest.
    ///
    /// When there is no room for what is received it is left to the UART, which holds back a sender that it can hold back.
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

/// A task's end of a serial line.
///
/// As a stream: reading waits, asleep in the kernel and without time limit, for at least one byte, and never ends. Writing
/// waits until there is room in the stream buffer. An empty buffer returns 0 at once. [`Line`](crate::Line) keeps
/// time limits.
#[derive(Debug)]
pub struct Serial {
    reader: Reader,
    writer: Writer,
    pend: fn(),
}

impl Serial {
    /// Waits so many ticks for bytes. 0 when none came, or when it was woken for nothing.
    pub(crate) fn receive(&mut self, into: &mut [u8], ticks: u32) -> usize {
        let received = self.reader.receive(into, ticks);
        if received > 0 {
            // There is room again, for which the handler may have waited.
            (self.pend)();
        }
        received
    }

    /// Waits so many ticks until all of `bytes`, or of a full stream buffer, has room, and puts in what has.
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
        // While there is no room the handler is at work already: it was told of what is there.
        let sent = self.writer.write(bytes);
        (self.pend)();
        sent
    }

    /// Returns at once: the handler sends what the stream buffer has.
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
