//! How a program is measured: what its calls take, and how deep the stack was.

use cortex_m::peripheral::SYST;

use super::frames::{Called, PROCEDURES};
use oncilla_lm3s6965evb::semihosting::{Console, exit};
use oncilla_lm3s6965evb::{InstructionCounter, Print, stack};

/// The buffers of a measurement, static so that they do not count as stack.
pub struct Buffers {
    /// What the link receives into.
    pub rx: &'static mut [u8],
    /// What it sends from.
    pub tx: &'static mut [u8],
    /// What comes in for a call, on the wire.
    pub incoming: &'static mut [u8],
    /// What went out last, on the wire.
    pub outgoing: &'static mut [u8],
}

/// Bytes at the beginning of a word, which are copied faster.
#[repr(align(4))]
pub struct Aligned<const N: usize>(pub [u8; N]);

/// A program that is measured in memory.
pub trait Measured {
    /// Whether what comes in fits one call only, such as a reply with that call's xid: then every call needs a session
    /// of its own.
    const SINGLE: bool;

    /// Frames what comes in for a call; gives its bytes.
    fn prepare(called: &Called, incoming: &mut [u8]) -> Option<usize>;

    /// Begins anew and goes through so many calls, of which so many bytes of what comes in are one. Gives the bytes of a
    /// call and its reply on the wire, or `None` when a call went wrong.
    fn session(&mut self, called: &Called, buffers: &mut Buffers, length: usize, calls: u32) -> Option<usize>;
}

/// Prints what each call takes and how deep the stack was.
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

/// Prints what a call takes; gives the bytes of stack.
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

/// The instructions of a call, and the bytes on the wire.
fn instructions<M: Measured>(
    measured: &mut M,
    called: &Called,
    buffers: &mut Buffers,
    length: usize,
    counter: &mut InstructionCounter,
) -> Option<(u32, usize)> {
    const RUNS: u32 = 1000;
    if !M::SINGLE {
        let mut wire = None;
        let taken = counter.count(|| wire = measured.session(called, buffers, length, RUNS));
        return Some((taken / RUNS, wire?));
    }
    let mut sessions = |calls| {
        let mut wire = Some(0);
        let taken = counter.count(|| {
            for _ in 0..RUNS {
                wire = wire.and_then(|_| measured.session(called, buffers, length, calls));
            }
        });
        Some((taken / RUNS, wire?))
    };
    // What beginning takes is not what a call takes.
    let (beginning, _) = sessions(0)?;
    let (all, wire) = sessions(1)?;
    Some((all.wrapping_sub(beginning), wire))
}

/// Bytes of stack that a call takes, the link itself included.
#[inline(never)]
fn stack_of_call<M: Measured>(
    measured: &mut M,
    called: &Called,
    buffers: &mut Buffers,
    length: usize,
) -> Option<usize> {
    // What is above belongs to the measurement.
    let above = stack::position();
    stack::paint();
    measured.session(called, buffers, length, 1)?;
    Some(stack::depth().wrapping_sub(above))
}
