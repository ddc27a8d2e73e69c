//! What is measured: a server of three procedures, null, add and echo of at most 64 bytes.


use cortex_m::singleton;
use oncilla::framing::Framing;
use oncilla::{Forever, Link, Stream, Table};

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

/// Serves from memory, and prints what each call takes and how deep the stack was.
pub fn measure<F: Framing>(rx: &mut [u8], tx: &mut [u8]) -> ! {
    exit(false)
}
