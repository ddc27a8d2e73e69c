//! What is measured: a server of three procedures, null, add and echo of at most 64 bytes.

use core::convert::Infallible;

use cortex_m::peripheral::SYST;
use embedded_io::{ErrorType, Read, Write};
use oncilla::framing::Framing;
use oncilla::message::{CallHeader, OpaqueAuth};
use oncilla::{Forever, Link, ProcedureId, Stream, Table, Time};

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
pub fn serve<F: Framing>(rx: &mut [u8], tx: &mut [u8]) -> ! {
    let mut link = Link::new(Stream::<F, _>::new(Uart::start(), Forever), rx, tx);
    loop {
        // The UART neither fails nor ends.
        let _ = link.serve(&TABLE, &mut Nothing);
    }
}

/// A stream in memory: a call to be read, and the reply that was written.
struct Memory<'b> {
    call: &'b [u8],
    unread: &'b [u8],
    reply: &'b mut [u8],
    written: usize,
}

impl ErrorType for Memory<'_> {
    type Error = Infallible;
}

impl Read for Memory<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
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

/// Serves from memory, and prints what each call takes and how deep the stack was.
pub fn measure<F: Framing>(buffers: Buffers, systick: SYST) -> ! {
    let mut counter = InstructionCounter::new(systick);
    let Buffers { rx, tx, call, reply } = buffers;
    stack::paint();
    let figures = [("null", 0, 0), ("add", 1, 2), ("echo64", 2, 17)].map(|(name, procedure, words)| {
        let call = write_call::<F>(procedure, words, call).unwrap_or_default();
        let memory = Memory { call, unread: call, reply, written: 0 };
        let mut link = Link::new(Stream::<F, _>::new(memory, Forever), &mut *rx, &mut *tx);
        let instructions = counter.per_run(|| {
            let io = link.transport().io();
            io.unread = io.call;
            let _ = link.serve_next(&TABLE, &mut Nothing, Time::NEVER);
        });
        let wire = call.len().wrapping_add(link.transport().io().written);
        (name, instructions, wire)
    });
    let depth = stack::depth();
    report(&figures, depth)
}

/// Frames a call whose arguments are so many words of 64, which is also the length of what is echoed.
#[inline(never)]
fn write_call<F: Framing>(procedure: u32, words: usize, frame: &mut [u8]) -> Option<&[u8]> {
    let id = ProcedureId { program: three::PROGRAM, version: three::VERSION, procedure };
    let header = CallHeader { xid: 0x0102_0304, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let room = F::room(frame);
    let mut length = header.write(room)?;
    for _ in 0..words {
        let place = room.get_mut(length..)?.first_chunk_mut()?;
        *place = 64u32.to_be_bytes();
        length = length.wrapping_add(4);
    }
    F::seal(frame, length)
}

#[inline(never)]
fn report(figures: &[(&str, u32, usize)], depth: usize) -> ! {
    for (name, instructions, wire) in figures {
        Console.figure(name, *instructions);
        Console.text("wire_");
        Console.figure(name, *wire as u32);
    }
    Console.figure("stack", depth as u32);
    exit(true)
}
