//! What is measured: a server of three procedures, null, add and echo of at most 64 bytes.

use core::convert::Infallible;

use cortex_m::peripheral::SYST;
use embedded_io::{ErrorType, Read, Write};
use oncilla::message::{CallHeader, Form, OpaqueAuth, shorten};
use oncilla::{Forever, ProcedureId, Stream, Table};

use crate::carried::Carried;
use crate::semihosting::{Console, exit};
use crate::{InstructionCounter, Print, Uart, stack};

oncilla::program! {
    /// The three procedures, with null.
    pub mod three = 0x2000_0042, version 1 {
        /// The sum, wrapped.
        fn add(a: i32, b: i32) -> i32 = 1;
        /// The same bytes.
        fn echo(data: &[u8] [..64]) -> &[u8] [..64] = 2;
    }
}

/// The server's state.
pub struct Nothing;

impl three::Service for Nothing {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
}

static TABLE: Table<Nothing> = oncilla::table![three::program()];

/// Serves over UART1 for ever.
pub fn serve<F: Carried>(rx: &mut [u8], tx: &mut [u8]) -> ! {
    let mut link = F::link(Stream::<F, _>::new(Uart::start(), Forever), rx, tx);
    loop {
        // The UART neither fails nor ends.
        let _ = link.serve(&TABLE, &mut Nothing);
    }
}

/// A stream in memory: first what comes before, then a call, to be read so many times over; and the reply that was
/// written last.
struct Memory<'b> {
    call: &'b [u8],
    unread: &'b [u8],
    calls: u32,
    reply: &'b mut [u8],
    written: usize,
}

impl ErrorType for Memory<'_> {
    type Error = Infallible;
}

impl Read for Memory<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        if self.unread.is_empty() {
            match self.calls.checked_sub(1) {
                Some(calls) => (self.calls, self.unread) = (calls, self.call),
                None => return Ok(0),
            }
        }
        self.unread.read(into)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        if let Some(place) = self.reply.get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
            self.written = bytes.len();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// The buffers of a measurement, static so that they do not count as stack.
pub struct Buffers {
    /// What the link receives into.
    pub rx: &'static mut [u8],
    /// What it sends from.
    pub tx: &'static mut [u8],
    /// The call on the wire.
    pub call: &'static mut [u8],
    /// The reply on the wire.
    pub reply: &'static mut [u8],
}

/// Bytes at the beginning of a word, which are copied faster.
#[repr(align(4))]
pub struct Aligned<const N: usize>(pub [u8; N]);

/// A call of each procedure: its name, its number, and the words of its arguments.
const CALLS: [(&str, u32, usize); 3] = [("null", 0, 0), ("add", 1, 2), ("echo64", 2, 17)];

/// Serves from memory, and prints what each call takes and how deep the stack was.
pub fn measure<F: Carried>(mut buffers: Buffers, systick: SYST) -> ! {
    const RUNS: u32 = 1000;
    let mut counter = InstructionCounter::new(systick);
    let mut deepest = 0;
    for (name, procedure, words) in CALLS {
        let length = write_call::<F>(procedure, words, buffers.call);
        let mut replied = 0;
        let instructions = counter.count(|| replied = serve_memory::<F>(&mut buffers, length, RUNS));
        Console.figure(name, instructions / RUNS);
        Console.text("wire_");
        Console.figure(name, length.wrapping_add(replied) as u32);
        deepest = deepest.max(stack_of_call::<F>(&mut buffers, length));
    }
    Console.figure("stack", deepest as u32);
    exit(true)
}

/// Bytes of stack that serving takes, the link itself included.
#[inline(never)]
fn stack_of_call<F: Carried>(buffers: &mut Buffers, length: usize) -> usize {
    // What is above belongs to the measurement.
    let above = stack::position();
    stack::paint();
    serve_memory::<F>(buffers, length, 1);
    stack::depth().wrapping_sub(above)
}

/// Serves the call of `length` bytes so many times, as firmware would; gives the bytes of a reply.
#[inline(never)]
fn serve_memory<F: Carried>(buffers: &mut Buffers, length: usize, calls: u32) -> usize {
    let call = buffers.call.get(..length).unwrap_or_default();
    let mut first = [0; 32];
    let memory = Memory { call, unread: frame_first::<F>(&mut first), calls, reply: buffers.reply, written: 0 };
    let mut link = F::link(Stream::<F, _>::new(memory, Forever), &mut *buffers.rx, &mut *buffers.tx);
    let _ = link.serve(&TABLE, &mut Nothing);
    link.transport().io().written
}

/// Frames a call whose arguments are so many words of 64, which is also the length of what is echoed.
#[inline(never)]
fn write_call<F: Carried>(procedure: u32, words: usize, frame: &mut [u8]) -> usize {
    frame_call::<F>(procedure, words, frame).unwrap_or(0)
}

fn frame_call<F: Carried>(procedure: u32, words: usize, frame: &mut [u8]) -> Option<usize> {
    let id = ProcedureId { program: three::PROGRAM, version: three::VERSION, procedure };
    // A client's calls in the short form have xids of two bytes, but for the first few.
    let xid = if F::FORM == Form::Short { 0x0304 } else { 0x0102_0304 };
    let header = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut message = [0; 112];
    let mut length = header.write(&mut message)?;
    for _ in 0..words {
        let place = message.get_mut(length..)?.first_chunk_mut()?;
        *place = 64u32.to_be_bytes();
        length = length.wrapping_add(4);
    }
    let message = message.get(..length)?;
    let room = F::room(frame);
    let length = match F::FORM {
        Form::Short => shorten(message, room)?,
        Form::Full => {
            room.get_mut(..length)?.copy_from_slice(message);
            length
        }
    };
    // The measured stream reads from the beginning.
    let sealed = F::seal_in(F::FORM, frame, length)?.len();
    Some(sealed)
}

/// Frames what comes before the first call.
fn frame_first<F: Carried>(frame: &mut [u8]) -> &[u8] {
    match F::room(frame).get_mut(..F::FIRST.len()) {
        Some(place) if !F::FIRST.is_empty() => place.copy_from_slice(F::FIRST),
        _ => return &[],
    }
    F::seal_in(F::FORM, frame, F::FIRST.len()).unwrap_or_default()
}
