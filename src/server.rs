//! The server's shell: messages in, replies out.

use crate::answer::answer;
use crate::link::{Incoming, Link, LinkError};
use crate::table::Table;
use crate::time::Time;
use crate::transport::Transport;

/// What [`Link::serve_next`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// It took a message, and answered it if it was a call.
    Message,
    /// The deadline passed and no message was there.
    TimeUp,
    /// The other end closed the link.
    End,
}

impl<T: Transport, B: AsMut<[u8]>> Link<T, B> {
    /// Serves calls until the other end closes the link, however long that takes.
    ///
    /// # Errors
    /// What the transport reported. After an error of a serial line, go on by calling this again;
    /// after one of a connection, drop it.
    pub fn serve<S>(&mut self, table: &Table<S>, state: &mut S) -> Result<(), LinkError<T::Error>> {
        while self.serve_next(table, state, Time::NEVER)? != Served::End {}
        Ok(())
    }

    /// Waits until `deadline` for one message and answers it.
    ///
    /// A call that the receive buffer cannot hold is answered with GARBAGE_ARGS; a message that is no
    /// call, and a call that cannot be answered, are dropped. The procedure is not interrupted by
    /// the deadline, and the reply is sent however late it is.
    ///
    /// # Errors
    /// What the transport reported, or a transmit buffer below [`Table::reply_max`]: then nothing is
    /// received.
    pub fn serve_next<S>(
        &mut self,
        table: &Table<S>,
        state: &mut S,
        deadline: Time,
    ) -> Result<Served, LinkError<T::Error>> {
        let available = self.room().len();
        if available < table.reply_max() {
            return Err(LinkError::BufferTooSmall { needed: table.reply_max(), available });
        }
        let span = match self.receive(deadline)? {
            // Of a call that is too large the beginning up to the procedure was kept. It lacks the
            // credential and so is refused with GARBAGE_ARGS.
            Incoming::Message(span) | Incoming::Oversize(span, _) => span,
            Incoming::TimeUp => return Ok(Served::TimeUp),
            Incoming::End => return Ok(Served::End),
        };
        let (message, room) = self.message_and_room(span);
        if let Some(length) = answer(table, state, message, room) {
            self.send(length, Time::NEVER)?;
        }
        Ok(Served::Message)
    }
}
