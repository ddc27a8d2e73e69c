//! The board calls the host. Feature `callbacks`.
#![cfg(feature = "callbacks")]

use oncilla::{CallError, Endpoint, LinkError, Replay, Transport};

use crate::{Errands, Suite, callbacks_1, host_1};

/// Calls of the host that were begun, and what came of those that are done.
#[derive(Debug)]
pub(crate) struct Begun {
    left: u32,
    done: Errands,
    /// One is under way.
    waiting: bool,
}

impl Begun {
    pub(crate) const NONE: Self = Self { left: 0, done: Errands { right: 0, wrong: 0, nested: 0 }, waiting: false };

    /// A call was served.
    pub(crate) fn served(&mut self) {
        self.done.nested = self.done.nested.wrapping_add(self.waiting.into());
    }

    fn begin(&mut self, times: u32) {
        self.left = self.left.wrapping_add(times);
    }
}

impl callbacks_1::Service for Suite {
    fn begin(&mut self, times: u32) {
        self.errands.begin(times);
    }

    fn begin_at_once(&mut self, times: u32) {
        self.errands.begin(times);
    }

    fn errands(&mut self) -> Errands {
        self.errands.done.clone()
    }
}

/// Makes the calls that were begun, also those that the host begins meanwhile. What came of them is noted; of errors only
/// those of the link are told.
///
/// # Errors
/// What the transport reported.
pub(crate) fn work<T: Transport, B: AsMut<[u8]>, R: Replay>(
    board: &mut Endpoint<Suite, T, B, R>,
) -> Result<(), LinkError<T::Error>> {
    while let Some(left) = board.state().errands.left.checked_sub(1) {
        let begun = &mut board.state().errands;
        (begun.left, begun.waiting) = (left, true);
        let right = call(board, left);
        let begun = &mut board.state().errands;
        begun.waiting = false;
        match right {
            Ok(true) => begun.done.right = begun.done.right.wrapping_add(1),
            Err(CallError::Link(error)) => return Err(error),
            Ok(false) | Err(_) => begun.done.wrong = begun.done.wrong.wrapping_add(1),
        }
    }
    Ok(())
}

/// Makes one call of the host; tells whether the result was right.
fn call<T: Transport, B: AsMut<[u8]>, R: Replay>(
    board: &mut Endpoint<Suite, T, B, R>,
    number: u32,
) -> Result<bool, CallError<T::Error>> {
    let mut host = host_1::Client::new(board);
    if number.is_multiple_of(2) {
        Ok(host.double(number)? == number.wrapping_mul(2))
    } else {
        const BYTES: &[u8] = b"the board calls its host\0\0\0";
        Ok(host.echo(BYTES)? == BYTES)
    }
}
