//! Sends one frame before a deadline.

use super::{Buffers, Link, LinkError, Time, Transport};
use crate::framing::Framing;
use crate::message::{Form, ProcedureId, Sender};

/// Why no more can be sent.
#[derive(Clone, Copy)]
pub(super) enum Broken {
    No,
    /// A message was sent in part.
    Part,
    /// The transport failed while it sent a message.
    Failed,
}

impl<T: Transport, B: Buffers> Link<T, B> {
    /// Sends the call of `length` bytes in the room.
    #[inline]
    pub(crate) fn send_call(
        &mut self,
        form: Form,
        id: ProcedureId,
        length: usize,
        deadline: Time,
    ) -> Result<(), LinkError<T::Error>> {
        let mark = self.framing.call_mark(form, id);
        self.send_marked(mark, length, deadline)
    }

    /// Sends the reply of `length` bytes in the room to the sender of its call.
    #[inline]
    pub(crate) fn send_reply(
        &mut self,
        form: Form,
        sender: Option<Sender>,
        length: usize,
        deadline: Time,
    ) -> Result<(), LinkError<T::Error>> {
        let mark = self.framing.reply_mark(form, sender);
        self.send_marked(mark, length, deadline)
    }

    /// Sends the message of `length` bytes in the room, with `mark` in its check value.
    #[inline]
    pub(crate) fn send_marked(&mut self, mark: u32, length: usize, deadline: Time) -> Result<(), LinkError<T::Error>> {
        match self.broken {
            Broken::No => {}
            Broken::Part => return Err(LinkError::OutOfStep),
            Broken::Failed => return Err(LinkError::Broken),
        }
        let tx = self.tx.as_mut();
        let available = tx.len();
        let unsealed = if T::Framing::KEYED && length <= T::Framing::room(tx).len() {
            LinkError::NoSession
        } else {
            LinkError::BufferTooSmall { needed: length, available }
        };
        let frame = self.framing.seal_next(tx, length, mark).ok_or(unsealed)?;
        send_frame(&mut self.transport, frame, deadline).map_err(|error| {
            if !T::Framing::RESYNCHRONIZES {
                self.broken = match error {
                    LinkError::Unsent { sent: 0, .. } => Broken::No,
                    LinkError::Unsent { .. } => Broken::Part,
                    // It is not known how many bytes were sent before the error.
                    _ => Broken::Failed,
                };
            }
            error
        })
    }
}

/// Sends a frame, or bytes between frames.
///
/// Not inlined on an AVR, which lacks flash for several copies.
#[cfg_attr(target_pointer_width = "16", inline(never))]
#[cfg_attr(not(target_pointer_width = "16"), inline)]
pub(crate) fn send_frame<T: Transport>(
    transport: &mut T,
    frame: &[u8],
    deadline: Time,
) -> Result<(), LinkError<T::Error>> {
    match transport.send(frame, deadline) {
        Ok(sent) if sent >= frame.len() => Ok(()),
        Ok(sent) => Err(LinkError::Unsent { sent, size: frame.len() }),
        Err(error) => Err(LinkError::Transport(error)),
    }
}
