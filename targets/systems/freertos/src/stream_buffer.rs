//! Stream buffers: bytes from an interrupt handler to a task, or from a task to an interrupt handler.

use core::convert::Infallible;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use embedded_io::{ErrorType, Read, ReadReady, Write};

use crate::kernel::{
    Handle, Lent, Object, kernel_stream_available, kernel_stream_buffer, kernel_stream_receive,
    kernel_stream_receive_from_interrupt, kernel_stream_send, kernel_stream_send_from_interrupt, kernel_stream_space,
};
use crate::sizes::STREAM_BUFFER_WORDS;

/// A FreeRTOS stream buffer of `SIZE` bytes, which holds one less, in a `static`.
///
/// It has one writer and one reader, because the kernel does not lock it. A task takes an end with
/// [`writer`](Self::writer) or [`reader`](Self::reader), which return it once. Interrupt handlers use an end that no
/// task has taken.
pub struct StreamBuffer<const SIZE: usize> {
    control: Lent<[u32; STREAM_BUFFER_WORDS]>,
    bytes: Lent<[u8; SIZE]>,
    stream: Object,
    written_by_task: AtomicBool,
    read_by_task: AtomicBool,
}

impl<const SIZE: usize> StreamBuffer<SIZE> {
    #[expect(clippy::cast_possible_truncation, reason = "checked")]
    const SIZE: u32 = {
        assert!(
            SIZE > 1 && SIZE < u32::MAX as usize,
            "a stream buffer holds a byte less than its size, and at least one"
        );
        SIZE as u32
    };

    /// Creates an empty stream buffer.
    #[expect(clippy::new_without_default, reason = "a stream buffer is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            control: Lent::new(),
            bytes: Lent::new(),
            stream: Object::new(),
            written_by_task: AtomicBool::new(false),
            read_by_task: AtomicBool::new(false),
        }
    }

    /// Returns the end at which a task writes, or `None` if it was taken before.
    pub fn writer(&'static self) -> Option<Writer> {
        let stream = self.stream()?;
        (!self.written_by_task.swap(true, Relaxed)).then_some(Writer(stream))
    }

    /// Returns the end at which a task reads, or `None` if it was taken before.
    pub fn reader(&'static self) -> Option<Reader> {
        let stream = self.stream()?;
        (!self.read_by_task.swap(true, Relaxed)).then_some(Reader(stream))
    }

    /// Writes as many bytes as there is room for. Returns how many.
    ///
    /// It wakes the task that waits for bytes. For interrupt handlers that may call the kernel. Returns 0 if a task
    /// has taken this end.
    pub fn send_from_interrupt(&'static self, bytes: &[u8]) -> usize {
        match self.stream.get() {
            Some(stream) if !self.written_by_task.load(Relaxed) => {
                #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
                // SAFETY: the stream buffer was created; pointer and length are those of a slice. There is one writer:
                // no task writes, and the function runs handlers one after the other.
                let sent = unsafe { kernel_stream_send_from_interrupt(stream.as_ptr(), bytes.as_ptr(), length(bytes)) };
                sent as usize
            }
            _ => 0,
        }
    }

    /// Reads as many bytes as there are and `into` can hold. Returns how many.
    ///
    /// It wakes the task that waits for room. For interrupt handlers that may call the kernel. Returns 0 if a task
    /// has taken this end.
    pub fn receive_from_interrupt(&'static self, into: &mut [u8]) -> usize {
        match self.stream.get() {
            Some(stream) if !self.read_by_task.load(Relaxed) => {
                #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
                // SAFETY: as above, with one reader.
                let received =
                    unsafe { kernel_stream_receive_from_interrupt(stream.as_ptr(), into.as_mut_ptr(), length(into)) };
                received as usize
            }
            _ => 0,
        }
    }

    /// Returns whether there is room for one more byte.
    pub fn has_room(&'static self) -> bool {
        self.stream.get().is_some_and(|stream| space(stream) > 0)
    }

    /// Returns whether there is nothing to read.
    pub fn is_empty(&'static self) -> bool {
        self.stream.get().is_none_or(|stream| available(stream) == 0)
    }

    fn stream(&'static self) -> Option<Handle> {
        self.stream.get_or(|| {
            #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
            // SAFETY: both memories are static, have the sizes passed, and are lent once.
            unsafe {
                kernel_stream_buffer(self.bytes.place(), Self::SIZE, self.control.place())
            }
        })
    }
}

/// The reading end of a [`StreamBuffer`], for one task.
///
/// As a stream: reading waits for at least one byte, without a time limit, and never reports the end. Reading into an
/// empty buffer returns 0 at once.
#[derive(Debug)]
pub struct Reader(Handle);

/// The writing end of a [`StreamBuffer`], for one task.
///
/// As a stream: writing waits for room, without a time limit, then writes every byte that fits.
#[derive(Debug)]
pub struct Writer(Handle);

#[expect(unsafe_code, reason = "only the author can state that a task may pass it to another")]
// SAFETY: any task may read, as long as only one does.
unsafe impl Send for Reader {}
#[expect(unsafe_code, reason = "only the author can state that a task may pass it to another")]
// SAFETY: any task may write, as long as only one does.
unsafe impl Send for Writer {}

impl Reader {
    /// Waits for bytes for a number of ticks, asleep in the kernel, and reads those that have arrived.
    ///
    /// Returns 0 if none arrived, or if it was woken without bytes.
    pub(crate) fn receive(&mut self, into: &mut [u8], ticks: u32) -> usize {
        if into.is_empty() {
            return 0;
        }
        #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
        // SAFETY: the stream buffer was created; pointer and length are those of a slice. There is one reader, borrowed
        // exclusively.
        let received = unsafe { kernel_stream_receive(self.0.as_ptr(), into.as_mut_ptr(), length(into), ticks) };
        received as usize
    }

    pub(crate) fn is_empty(&self) -> bool {
        available(self.0) == 0
    }
}

impl Writer {
    /// Waits for room for a number of ticks, asleep in the kernel, and writes as many bytes as fit.
    pub(crate) fn send(&mut self, bytes: &[u8], ticks: u32) -> usize {
        #[expect(unsafe_code, reason = "a function of the kernel that takes memory")]
        // SAFETY: the stream buffer was created; pointer and length are those of a slice. There is one writer, borrowed
        // exclusively.
        let sent = unsafe { kernel_stream_send(self.0.as_ptr(), bytes.as_ptr(), length(bytes), ticks) };
        sent as usize
    }
}

fn available(stream: Handle) -> u32 {
    #[expect(unsafe_code, reason = "a function of the kernel")]
    // SAFETY: a stream buffer which was made. Any task and handler may ask.
    unsafe {
        kernel_stream_available(stream.as_ptr())
    }
}

fn space(stream: Handle) -> u32 {
    #[expect(unsafe_code, reason = "a function of the kernel")]
    // SAFETY: a stream buffer which was made. Any task and handler may ask.
    unsafe {
        kernel_stream_space(stream.as_ptr())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "addresses have 32 bits, and so have lengths")]
fn length(bytes: &[u8]) -> u32 {
    bytes.len() as u32
}

impl ErrorType for Reader {
    type Error = Infallible;
}

impl ReadReady for Reader {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.is_empty())
    }
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let mut received = 0;
        while received == 0 && !into.is_empty() {
            received = self.receive(into, u32::MAX);
        }
        Ok(received)
    }
}

impl ErrorType for Writer {
    type Error = Infallible;
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let mut sent = 0;
        while sent == 0 && !bytes.is_empty() {
            sent = self.send(bytes, u32::MAX);
        }
        Ok(sent)
    }

    /// Returns at once: the reader reads whenever it is ready.
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
