//! The measurement: instructions and bytes of calls, and the depth of the stack.

use cortex_m::peripheral::SYST;

use super::frames::{Called, PROCEDURES};
use oncilla_lm3s6965evb::semihosting::{Console, exit};
use oncilla_lm3s6965evb::{InstructionCounter, Print, stack};

/// The buffers of a measurement, static so that they do not count as stack.
pub struct Buffers {
    /// The receive buffer of the link.
    pub rx: &'static mut [u8],
    /// The send buffer of the link.
    pub tx: &'static mut [u8],
    /// The received frames of a call.
    pub incoming: &'static mut [u8],
    /// The last sent frame.
    pub outgoing: &'static mut [u8],
}

/// Bytes at the start of a word, which are copied faster.
#[repr(align(4))]
pub struct Aligned<const N: usize>(pub [u8; N]);

/// A program measured in memory.
pub trait Measured {
    /// Whether the received frames are for one call only, such as a reply with the call's xid.
    ///
    /// If so, every call needs its own session.
    const SINGLE: bool;

    /// Whether a session begins with a handshake, whose instructions are printed.
    const HANDSHAKE: bool = false;

    /// How often it is measured.
    const RUNS: u32 = 1000;

    /// Frames the received frames of a call; returns their bytes.
    fn prepare(called: &Called, incoming: &mut [u8]) -> Option<usize>;

    /// Starts a session and makes or serves `calls` calls, each of which has `length` received bytes.
    ///
    /// Returns the bytes of a call and its reply on the wire, or `None` if a call failed.
    fn session(&mut self, called: &Called, buffers: &mut Buffers, length: usize, calls: u32) -> Option<usize>;
}

/// Prints the figures of each call and the depth of the stack.
pub fn measure<M: Measured>(mut measured: M, mut buffers: Buffers, systick: SYST) -> ! {
    let mut counter = InstructionCounter::new(systick);
    let mut deepest = 0;
    for called in &PROCEDURES {
        match figures(&mut measured, called, &mut buffers, &mut counter) {
            Some(stack) => deepest = deepest.max(stack),
            None => {
                Console.text("a call went wrong\n");
                exit(false)
            }
        }
    }
    Console.figure("stack", deepest as u32);
    exit(true)
}

/// Prints the figures of a call; returns the bytes of stack.
fn figures<M: Measured>(
    measured: &mut M,
    called: &Called,
    buffers: &mut Buffers,
    counter: &mut InstructionCounter,
) -> Option<usize> {
    let length = M::prepare(called, buffers.incoming)?;
    let (instructions, wire) = instructions(measured, called, buffers, length, counter)?;
    Console.figure(called.name, instructions);
    Console.text("wire_");
    Console.figure(called.name, wire as u32);
    stack_of_call(measured, called, buffers, length)
}

/// Returns the instructions of a call, and the bytes on the wire.
fn instructions<M: Measured>(
    measured: &mut M,
    called: &Called,
    buffers: &mut Buffers,
    length: usize,
    counter: &mut InstructionCounter,
) -> Option<(u32, usize)> {
    if !M::SINGLE {
        let mut wire = None;
        let taken = counter.count(|| wire = measured.session(called, buffers, length, M::RUNS));
        return Some((taken / M::RUNS, wire?));
    }
    let mut sessions = |calls| {
        let mut wire = Some(0);
        let taken = counter.count(|| {
            for _ in 0..M::RUNS {
                wire = wire.and_then(|_| measured.session(called, buffers, length, calls));
            }
        });
        Some((taken / M::RUNS, wire?))
    };
    // The start of a session is measured and subtracted.
    let (beginning, _) = sessions(0)?;
    if M::HANDSHAKE && called.number == 0 {
        Console.figure("handshake", beginning);
    }
    let (all, wire) = sessions(1)?;
    Some((all.wrapping_sub(beginning), wire))
}

/// Returns the bytes of stack that a call takes, including the link.
#[inline(never)]
fn stack_of_call<M: Measured>(
    measured: &mut M,
    called: &Called,
    buffers: &mut Buffers,
    length: usize,
) -> Option<usize> {
    // The stack above this belongs to the measurement.
    let above = stack::position();
    stack::paint();
    measured.session(called, buffers, length, 1)?;
    Some(stack::depth().wrapping_sub(above))
}
