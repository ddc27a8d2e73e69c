//! A test of a UART in loopback, which runs in firmware: it passes or reports what the driver does wrong.
//!
//! Connect the pin that transmits with the pin that receives, or use the loopback mode of the chip. Then call [`check`] with
//! what you would pass to [`oncilla::Stream`] and its clock: a stream of embedded-io 0.7. A port is one inside
//! [`Blocking`](crate::Blocking). Print the report by any means, such as RTT or semihosting.
//!
//! A driver that waits for ever stops the test, as it would stop a server. [`check`] reports each step before it begins, so
//! the last step reported is the one that hangs, and [`Step`] states what that means.
//!
//! # Example
//! ```
//! use embedded_io::{Read, ReadReady, Write};
//! use oncilla::Clock;
//! use oncilla_hal::conformance::{Baud, check};
//!
//! # macro_rules! rprintln { ($($t:tt)*) => { println!($($t)*) } }
//! fn test<U: Read + ReadReady + Write>(uart: &mut U, clock: &mut impl Clock) {
//!     let report = check(uart, clock, Baud(115_200), |step| rprintln!("{step}"));
//!     rprintln!("{report}");
//! }
//! ```

mod fault;
mod report;
mod step;
mod wire;

use embedded_io::{Read, ReadReady, Write};
use oncilla::{Clock, Time};

pub use fault::Fault;
pub use report::Report;
pub use step::Step;
use wire::Wire;

/// The speed of the line, in bits per second. A byte takes 10 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baud(
    /// Bits per second.
    pub u32,
);

/// The number of bytes of the largest burst, which is more than the FIFO of any common UART holds.
const BURST: usize = 64;

/// Tests a UART in loopback, and its clock.
///
/// `tell` is called before each step. The test takes about a second at 115 200 baud. It sends about 1200 bytes and leaves
/// the line silent. A hung driver hangs it.
pub fn check<U, C>(uart: &mut U, clock: &mut C, baud: Baud, mut tell: impl FnMut(Step)) -> Report
where
    U: Read + ReadReady + Write,
    C: Clock,
{
    let mut wire = Wire::new(uart, clock, baud);
    for (step, run) in STEPS::<U, C>() {
        tell(step);
        run(&mut wire);
        if wire.report.is_hopeless() {
            break;
        }
    }
    wire.report
}

/// Each step leaves the line silent and nothing unread.
type Run<U, C> = fn(&mut Wire<'_, U, C>);

#[expect(non_snake_case, reason = "a constant that has type parameters")]
const fn STEPS<U: Read + ReadReady + Write, C: Clock>() -> [(Step, Run<U, C>); 13] {
    [
        (Step::Clock, clock_runs),
        (Step::Silence, silence),
        (Step::EmptyBuffers, empty_buffers),
        (Step::OneByte, one_byte),
        (Step::WaitingRead, waiting_read),
        (Step::AllValues, all_values),
        (Step::LongWrite, long_write),
        (Step::Overrun, overrun),
        (Step::AfterOverrun, after_overrun),
        (Step::SmallBuffers, small_buffers),
        (Step::LargeBuffer, large_buffer),
        (Step::Flush, flush),
        (Step::Times, times),
    ]
}

/// The clock advances, never goes back, and its `idle` returns.
fn clock_runs<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    let start = wire.clock.now();
    let mut last = start;
    for _ in 0..1_000_000_u32 {
        let now = wire.clock.now();
        if now < last {
            return wire.hopeless(Fault::ClockWentBack { from: last.as_micros(), to: now.as_micros() });
        }
        last = now;
        if now.since(start) >= wire.byte() * 20 {
            break;
        }
    }
    if last == start {
        return wire.hopeless(Fault::ClockStands);
    }
    let until = last.after(wire.byte() * 100);
    wire.clock.idle(until);
    let late = wire.clock.now().since(until);
    if late > wire.tolerance() {
        wire.fault(Fault::IdleLate { micros: micros(late) });
    }
}

/// Nothing is ready when nothing was sent.
fn silence<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    // A start bit or noise from before the test may be there.
    wire.drain();
    wire.pause(20);
    if wire.is_ready() {
        let mut byte = [0];
        match wire.uart.read(&mut byte) {
            Ok(count) if count > 0 => wire.fault(Fault::BytesOfNobody),
            _ => wire.fault(Fault::ReadyWithoutBytes),
        }
    }
}

/// Empty buffers are neither waited for nor filled.
fn empty_buffers<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    if let Ok(count @ 1..) = wire.uart.write(&[]) {
        wire.fault(Fault::WroteMore { given: 0, returned: count });
    }
    if let Ok(count @ 1..) = wire.uart.read(&mut []) {
        wire.fault(Fault::ReadMore { buffer: 0, returned: count });
    }
}

/// A byte that was sent becomes ready, and a read returns it alone.
fn one_byte<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    if !wire.send(&[0x55]) {
        return;
    }
    if !wire.wait_ready() {
        // Without a loopback or with a wrong `read_ready`: nothing more can be learnt.
        return wire.hopeless(Fault::NeverReady);
    }
    let mut into = [0; 16];
    if let Some(got) = wire.read(&mut into)
        && got != [0x55]
    {
        let fault = Fault::of(&[0x55], got);
        wire.fault(fault);
    }
    wire.expect_silence();
}

/// A read before the byte has arrived waits for it. 0 would be the end of the stream.
fn waiting_read<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    if !wire.write(&[0x5a]) {
        return;
    }
    match wire.uart.read(&mut [0; 4]) {
        Ok(0) => wire.fault(Fault::ZeroWhileEmpty),
        Ok(_) => {}
        Err(_) => wire.fault(Fault::ReadFailed),
    }
    wire.settle();
}

/// No value is changed: no parity, seven bits, XON and XOFF, or line ends.
fn all_values<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    for high in 0..16_u8 {
        let mut sent = [0; 16];
        for (low, byte) in (0..16_u8).zip(&mut sent) {
            *byte = high * 16 + low;
        }
        // One by one, so that no FIFO is needed.
        for byte in sent {
            if !wire.exchange(&[byte]) {
                return;
            }
        }
    }
}

/// Reads into small buffers lose no byte. What the receiver holds is written at once.
fn small_buffers<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    let mut bytes = [0; 16];
    for (value, byte) in (0xa0..).zip(&mut bytes) {
        *byte = value;
    }
    let sent = bytes.get(..wire.report.held.min(bytes.len())).unwrap_or_default();
    for size in [1, 2, 3, 5] {
        if !wire.send(sent) {
            return;
        }
        let mut got = [0; 16];
        let mut length: usize = 0;
        while length < sent.len() {
            let end = sent.len().min(length.saturating_add(size));
            let Some(place) = got.get_mut(length..end) else { break };
            if !wire.wait_ready() {
                break;
            }
            match wire.read(place) {
                Some([]) => break,
                Some(got) => length = length.saturating_add(got.len()),
                None => return,
            }
        }
        let got = got.get(..length).unwrap_or_default();
        if got != sent {
            let fault = Fault::of(sent, got);
            wire.fault(fault);
        }
        wire.settle();
    }
}

/// A read into a large buffer does not wait until it is full, and changes nothing behind what it returns.
fn large_buffer<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    let two = [0xc1, 0xc2];
    if !wire.send(two.get(..wire.report.held.min(2)).unwrap_or_default()) || !wire.wait_ready() {
        return;
    }
    let mut into = [0xee; BURST];
    if let Some(count) = wire.read(&mut into).map(|got| got.len())
        && into.iter().skip(count).any(|byte| *byte != 0xee)
    {
        wire.fault(Fault::WroteBehind { returned: count });
    }
    wire.settle();
}

/// A write of more than any FIFO holds is accepted in parts, and all of it arrives.
fn long_write<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    let mut sent = [0; BURST * 3];
    for (value, byte) in (1..).zip(&mut sent) {
        *byte = value;
    }
    wire.exchange(&sent);
}

/// When `flush` returns, the last bit has left. A receiver that holds fewer than four bytes cannot show that.
fn flush<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    let bytes = [0xf1; 8];
    let sent = bytes.get(..wire.report.held.min(bytes.len())).unwrap_or_default();
    if sent.len() < 4 || !wire.send(sent) {
        return;
    }
    // The time that the receiver's interrupt takes.
    wire.pause(1);
    let mut missing = sent.len();
    while missing > 0 && wire.is_ready() {
        match wire.read(&mut [0; 8]) {
            Some([]) | None => break,
            Some(got) => missing = missing.saturating_sub(got.len()),
        }
    }
    if missing > 0 {
        wire.fault(Fault::FlushEarly { missing });
    }
    wire.settle();
}

/// A write returns when there is room, and `read_ready` at once.
fn times<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    let start = wire.clock.now();
    let _ = wire.is_ready();
    let asked = wire.clock.now().since(start);
    if asked > wire.tolerance() {
        wire.fault(Fault::ReadyWaits { micros: micros(asked) });
    }
    let start = wire.clock.now();
    let sent = [0x3c; BURST];
    let Ok(accepted) = wire.uart.write(&sent) else { return wire.fault(Fault::WriteFailed) };
    let took = wire.clock.now().since(start);
    let most = u32::try_from(accepted).unwrap_or(u32::MAX);
    if took > wire.byte() * most.saturating_add(1) + wire.tolerance() {
        wire.fault(Fault::SlowWrite { bytes: accepted, micros: micros(took) });
    }
    let _ = wire.uart.flush();
    wire.settle();
}

/// What arrives unread is held or lost. It is a figure, not a fault, as long as reading works afterwards.
fn overrun<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    let mut sent = [0; BURST];
    for (value, byte) in (0x20..).zip(&mut sent) {
        *byte = value;
    }
    if !wire.write(&sent) {
        return;
    }
    let _ = wire.uart.flush();
    wire.pause(8);
    let (held, in_order) = wire.held(&sent);
    wire.report.held = held;
    if held == 0 {
        return wire.hopeless(Fault::Lost { sent: sent.len(), received: 0 });
    }
    if !in_order {
        wire.fault(Fault::Disordered);
    }
}

/// After lost bytes, reading works again and errors have ended.
fn after_overrun<U: Read + ReadReady + Write, C: Clock>(wire: &mut Wire<'_, U, C>) {
    if !wire.settle() {
        return wire.fault(Fault::ErrorStays);
    }
    wire.exchange(&[0x42]);
}

fn micros(duration: core::time::Duration) -> u64 {
    Time::ZERO.after(duration).as_micros()
}
