//! Text on the line that carries the calls. Feature `text`.
#![cfg(feature = "text")]

use core::time::Duration;

use oncilla::framing::Serial;
use oncilla::{Endpoint, LinkError, Replay, Transport};

use crate::suite::{kept, text};
use crate::{Suite, text_1};

/// How long a line may take that is printed.
const PATIENCE: Duration = Duration::from_secs(1);

impl text_1::Service for Suite {
    /// A procedure sees the state and not the link: the line is printed after the reply.
    fn print(&mut self, line: &str) -> u32 {
        let line = kept(line);
        let length = line.len() as u32;
        self.print = Some(line);
        length
    }
}

/// Prints what was asked for.
pub(crate) fn work<T: Transport<Framing = Serial>, B: AsMut<[u8]>, R: Replay>(
    board: &mut Endpoint<Suite, T, B, R>,
) -> Result<(), LinkError<T::Error>> {
    let Some(line) = board.state().print.take() else { return Ok(()) };
    let deadline = board.link().transport().now().after(PATIENCE);
    board.link().print(text(&line), deadline)
}
