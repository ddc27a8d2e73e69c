//! The server's shell: messages in, replies out.

use core::net::SocketAddr;
use core::ops::DerefMut;

use super::replay::Replay;
use super::table::Table;
use crate::framing::Framing;
use crate::link::{Buffers, Incoming, Link, LinkError, Span, Time, Transport};
use crate::message::{Form, form_of_reply};

/// What [`Link::serve_next`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// It took a message, and answered it if it was a call.
    Message,
    /// The deadline passed and no message was there.
    TimeUp,
    /// No call: the other end has restarted, and has introduced itself anew
    /// ([`Link::with_boot_number`](crate::Link::with_boot_number)). What was remembered of it is forgotten. Each restart
    /// is told once: not here when a call that was under way ended with
    /// [`CallError::Restarted`](crate::CallError::Restarted).
    Restart,
    /// The other end closed the link.
    End,
}

impl<T: Transport, B: Buffers> Link<T, B> {
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
    /// A call that the receive buffer cannot hold is answered with GARBAGE_ARGS, or, in the short form, dropped; so are a
    /// message that is no call, and a call that cannot be answered. The procedure is
    /// not interrupted by the deadline. The reply is sent however late it is, and has its own deadline
    /// ([`set_reply_timeout`](Self::set_reply_timeout)): a peer that reads nothing ends in [`LinkError::Unsent`].
    ///
    /// A procedure whose largest reply exceeds what the peer can receive, as far as a handshake told
    /// ([`Link::peer`]), is refused with SYSTEM_ERR and not executed.
    ///
    /// # Errors
    /// What the transport reported, or a transmit buffer below [`Table::reply_max`]: then nothing is
    /// received.
    #[inline]
    pub fn serve_next<S>(
        &mut self,
        table: &Table<S>,
        state: &mut S,
        deadline: Time,
    ) -> Result<Served, LinkError<T::Error>> {
        self.serve_next_once(&mut (), table, state, deadline)
    }

    /// The same, with a memory of replies: a call that comes again is answered from it and not executed
    /// again. With `()` for a memory it is [`serve_next`](Self::serve_next).
    ///
    /// # Errors
    /// As of [`serve_next`](Self::serve_next).
    pub fn serve_next_once<S, R: Replay>(
        &mut self,
        replay: &mut R,
        table: &Table<S>,
        state: &mut S,
        deadline: Time,
    ) -> Result<Served, LinkError<T::Error>> {
        self.check_room(table)?;
        match self.receive(deadline)? {
            // Of a call that is too large the beginning up to the flavor was kept. It lacks the
            // credential and so is refused with GARBAGE_ARGS.
            Incoming::Message(span) | Incoming::Oversize(span, _) => {
                self.respond(span, replay, table, state, Time::NEVER)?;
                Ok(Served::Message)
            }
            Incoming::Restart => {
                replay.forget();
                Ok(Served::Restart)
            }
            Incoming::Met => Ok(Served::Message),
            Incoming::TimeUp => Ok(Served::TimeUp),
            Incoming::End => Ok(Served::End),
        }
    }

    /// The same with state that other tasks or threads share: `lock` waits for it, and what it gives is held while the call is
    /// answered, and not while the call's bytes come nor while those of the reply go.
    ///
    /// ```
    /// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
    /// # struct Device;
    /// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
    /// # fn example<T: oncilla::Transport>(
    /// #     mut link: oncilla::Link<T, [u8; 256]>, table: &oncilla::Table<Device>,
    /// # ) -> Result<(), oncilla::LinkError<T::Error>> {
    /// use oncilla::Time;
    /// use std::sync::{Mutex, PoisonError};
    ///
    /// static STATE: Mutex<Device> = Mutex::new(Device);
    ///
    /// let lock = || STATE.lock().unwrap_or_else(PoisonError::into_inner);
    /// link.serve_next_locking(&mut (), table, lock, Time::NEVER)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of [`serve_next`](Self::serve_next).
    #[inline]
    pub fn serve_next_locking<S, G: DerefMut<Target = S>, R: Replay>(
        &mut self,
        replay: &mut R,
        table: &Table<S>,
        lock: impl FnOnce() -> G,
        deadline: Time,
    ) -> Result<Served, LinkError<T::Error>> {
        // Not shared with `serve_next_once`: that would cost an endpoint 100 bytes of flash, in every way that was tried.
        self.check_room(table)?;
        match self.receive(deadline)? {
            Incoming::Message(span) | Incoming::Oversize(span, _) => {
                self.respond_by(span, Time::NEVER, |form, peer, message, room| {
                    // Held until the reply is whole, and not while it is sent.
                    replay.answer(form, peer, table, &mut lock(), message, room)
                })?;
                Ok(Served::Message)
            }
            Incoming::Restart => {
                replay.forget();
                Ok(Served::Restart)
            }
            Incoming::Met => Ok(Served::Message),
            Incoming::TimeUp => Ok(Served::TimeUp),
            Incoming::End => Ok(Served::End),
        }
    }

    /// Whether the largest reply finds room.
    #[inline]
    pub(crate) fn check_room<S>(&mut self, table: &Table<S>) -> Result<(), LinkError<T::Error>> {
        let (needed, available) = (table.reply_max(), self.room().len());
        if available < needed { Err(LinkError::BufferTooSmall { needed, available }) } else { Ok(()) }
    }

    /// Answers a message that has come, if it is a call.
    #[inline]
    pub(crate) fn respond<S, R: Replay>(
        &mut self,
        span: Span,
        replay: &mut R,
        table: &Table<S>,
        state: &mut S,
        deadline: Time,
    ) -> Result<(), LinkError<T::Error>> {
        self.respond_by(span, deadline, |form, peer, message, room| {
            replay.answer(form, peer, table, state, message, room)
        })
    }

    /// Sends what `answer` makes of a message.
    #[inline(always)]
    fn respond_by(
        &mut self,
        span: Span,
        deadline: Time,
        answer: impl FnOnce(Option<Form>, Option<&SocketAddr>, &[u8], &mut [u8]) -> Option<usize>,
    ) -> Result<(), LinkError<T::Error>> {
        let peer = self.transport().peer();
        let largest = self.largest();
        let (message, room) = self.message_and_room(span);
        // The procedure does not run unless its largest reply fits the room: the peer's counts as well as this one's.
        let length = room.len().min(largest);
        let room = room.get_mut(..length).unwrap_or_default();
        let form = T::Framing::SHORT.then_some(span.form::<T::Framing>());
        match answer(form, peer.as_ref(), message, room) {
            Some(length) => {
                let form = form.map_or(Form::Full, |form| form_of_reply(form, room));
                let deadline = deadline.min(self.reply_deadline());
                self.send(form, length, deadline)
            }
            None => Ok(()),
        }
    }
}
