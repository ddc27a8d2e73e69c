//! The measured server whose arguments and results are protobuf messages: `examples/protobuf`.

use core::marker::PhantomData;

use oncilla::{Forever, ProcedureId, Stream, Table};
use oncilla_lm3s6965evb::Uart;
use oncilla_three::{Device, three};

use super::frames::{Called, DATA, frame_encoded};
use super::measure::{Buffers, Measured};
use super::served::serve;
use crate::carried::Carried;

static TABLE: Table<Device> = oncilla::table![three::program()];

/// Serves for ever, on UART1.
pub fn serve_protobuf<F: Carried>(rx: &mut [u8], tx: &mut [u8]) -> ! {
    let mut link = F::link(Stream::<F, _>::new(Uart::start(), Forever), rx, tx);
    loop {
        // The UART never fails or ends.
        let _ = link.serve(&TABLE, &mut Device);
    }
}

/// The same server in memory.
pub struct ProtobufServer<F>(PhantomData<F>);

impl<F> ProtobufServer<F> {
    /// Creates it; it has no state.
    #[expect(clippy::new_without_default, reason = "a probe has one way to begin")]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<F: Carried> Measured for ProtobufServer<F> {
    const SINGLE: bool = false;

    fn prepare(called: &Called, incoming: &mut [u8]) -> Option<usize> {
        let id = ProcedureId { program: three::PROGRAM, version: three::VERSION, procedure: called.number };
        // Each field is its number and its type in one byte, then its value: a number of one byte, or a length and bytes.
        let arguments: &[&[u8]] = match called.number {
            0 => &[],
            1 => &[&[8, 64, 16, 64]],
            _ => &[&[10, 64], &DATA],
        };
        frame_encoded::<F>(id, arguments, incoming)
    }

    #[inline(never)]
    fn session(&mut self, _: &Called, buffers: &mut Buffers, length: usize, calls: u32) -> Option<usize> {
        serve::<F>(buffers, length, calls, |link| {
            let _ = link.serve(&TABLE, &mut Device);
        })
    }
}
