//! Serves calls that arrive on a link.

use core::ops::DerefMut;

use super::replay::Replay;
use super::table::Table;
use crate::framing::Framing;
use crate::link::{Buffers, Incoming, Link, LinkError, Span, Time, Transport};
use crate::message::{Form, Origin, form_of_reply};

/// The result of [`Link::serve_next`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// A message was received. If it was a call, it was answered.
    Message,
    /// The deadline passed without a message.
    TimeUp,
    /// The peer has restarted and introduced itself ([`Link::with_boot_number`](crate::Link::with_boot_number)).
    ///
    /// The replay cache was cleared; no call was served. Each restart is reported once: either here, or by
    /// [`CallError::Restarted`](crate::CallError::Restarted) if it ended a call in flight.
    Restart,
    /// The peer closed the link.
    End,
}

impl<T: Transport, B: Buffers> Link<T, B> {
    /// Serves calls until the peer closes the link. It blocks for ever on a carrier that never closes.
    ///
    /// Repeated calls are executed again. To prevent that, use [`serve_next_once`](Self::serve_next_once).
    ///
    /// # Errors
    /// Returns the errors of [`serve_next`](Self::serve_next). After an error on a serial line, call this function
    /// again. After an error on a connection, close the connection.
    ///
    /// # Example
    /// ```
    /// use oncilla::{Link, LinkError, Table, Transport};
    ///
    /// /// Serves a serial line for ever. `report` logs an error or resets the UART.
    /// fn run<T: Transport, S>(
    ///     mut link: Link<T, &mut [u8]>,
    ///     table: &Table<S>,
    ///     state: &mut S,
    ///     mut report: impl FnMut(LinkError<T::Error>),
    /// ) -> ! {
    ///     loop {
    ///         if let Err(error) = link.serve(table, state) {
    ///             report(error);
    ///         }
    ///     }
    /// }
    /// ```
    pub fn serve<S>(&mut self, table: &Table<S>, state: &mut S) -> Result<(), LinkError<T::Error>> {
        while self.serve_next(table, state, Time::NEVER)? != Served::End {}
        Ok(())
    }

    /// Waits until `deadline` for one message and answers it.
    ///
    /// The deadline does not interrupt a procedure. The reply is sent even after `deadline`, and has its own time limit
    /// ([`set_reply_timeout`](Self::set_reply_timeout)): a peer that does not read causes [`LinkError::Unsent`].
    ///
    /// These messages are not executed:
    ///
    /// - A call that the receive buffer cannot hold is refused with GARBAGE_ARGS, or dropped in the short form.
    /// - A procedure whose largest reply exceeds what the peer can receive according to its hello ([`Link::peer`]) is
    ///   refused with SYSTEM_ERR.
    /// - A message that is no call, or a call that cannot be answered, is dropped.
    ///
    /// # Errors
    /// Returns the error of the transport, or [`LinkError::Unsent`] for a reply that was not sent in time. Returns
    /// [`LinkError::BufferTooSmall`] without receiving if the room in the transmit buffer is less than
    /// [`Table::reply_max`], or if the receive buffer has less than [`Framing::BUFFER_MIN`] bytes.
    ///
    /// # Example
    /// A loop that does other work every 100 ms:
    ///
    /// ```
    /// use core::time::Duration;
    /// use oncilla::{Link, LinkError, Served, Table, Transport};
    ///
    /// fn run<T: Transport, S>(
    ///     mut link: Link<T, &mut [u8]>,
    ///     table: &Table<S>,
    ///     state: &mut S,
    ///     mut work: impl FnMut(&mut S),
    /// ) -> Result<(), LinkError<T::Error>> {
    ///     loop {
    ///         let deadline = link.transport().now().after(Duration::from_millis(100));
    ///         match link.serve_next(table, state, deadline)? {
    ///             Served::Message | Served::Restart => {}
    ///             Served::TimeUp => work(state),
    ///             Served::End => return Ok(()),
    ///         }
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn serve_next<S>(
        &mut self,
        table: &Table<S>,
        state: &mut S,
        deadline: Time,
    ) -> Result<Served, LinkError<T::Error>> {
        self.serve_next_once(&mut (), table, state, deadline)
    }

    /// Waits until `deadline` for one message and answers it, with a replay cache.
    ///
    /// A repeated call is answered from the replay cache and not executed again. See
    /// [`ReplayCache`](crate::ReplayCache) for its size. With `()` as the cache, this function is
    /// [`serve_next`](Self::serve_next).
    ///
    /// # Errors
    /// Returns the errors of [`serve_next`](Self::serve_next).
    ///
    /// # Example
    /// ```
    /// use oncilla::{Link, LinkError, ReplayCache, Served, Table, Time, Transport};
    ///
    /// fn run<T: Transport, S>(
    ///     mut link: Link<T, &mut [u8]>,
    ///     table: &Table<S>,
    ///     state: &mut S,
    /// ) -> Result<(), LinkError<T::Error>> {
    ///     let mut replay = ReplayCache::<4, 64>::new(); // slots, bytes of a reply
    ///     while link.serve_next_once(&mut replay, table, state, Time::NEVER)? != Served::End {}
    ///     Ok(())
    /// }
    /// ```
    pub fn serve_next_once<S, R: Replay>(
        &mut self,
        replay: &mut R,
        table: &Table<S>,
        state: &mut S,
        deadline: Time,
    ) -> Result<Served, LinkError<T::Error>> {
        self.check_room(table)?;
        match self.receive(deadline)? {
            // The kept beginning of an oversized call ends before the credential, so the call is refused with
            // GARBAGE_ARGS.
            Incoming::Message(span) | Incoming::Oversize(span, _) => {
                self.respond(span, replay, table, state, Time::NEVER)?;
                Ok(Served::Message)
            }
            Incoming::Restart => {
                // Under keys, the cache distinguishes calls from before a restart, and keeps those of other peers.
                if !T::Framing::KEYED {
                    replay.forget();
                }
                Ok(Served::Restart)
            }
            Incoming::Met => Ok(Served::Message),
            Incoming::TimeUp => Ok(Served::TimeUp),
            Incoming::End => Ok(Served::End),
        }
    }

    /// Waits until `deadline` for one message and answers it, with shared state.
    ///
    /// Use it where other tasks or threads use the state, too.
    ///
    /// `lock` waits for the state and returns its guard. The guard is held while the call is answered. It is not held
    /// while the call is received or the reply is sent. `replay` is a replay cache, or `()`.
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
    /// Returns the errors of [`serve_next`](Self::serve_next).
    #[inline]
    pub fn serve_next_locking<S, G: DerefMut<Target = S>, R: Replay>(
        &mut self,
        replay: &mut R,
        table: &Table<S>,
        lock: impl FnOnce() -> G,
        deadline: Time,
    ) -> Result<Served, LinkError<T::Error>> {
        // Shared code with `serve_next_once` would cost an endpoint 100 bytes of flash, in each variant that was tried.
        self.check_room(table)?;
        match self.receive(deadline)? {
            Incoming::Message(span) | Incoming::Oversize(span, _) => {
                self.respond_by(span, Time::NEVER, |form, origin, message, room| {
                    // The guard is held until the reply is whole, but not while it is sent.
                    replay.answer(form, origin, table, &mut lock(), message, room)
                })?;
                Ok(Served::Message)
            }
            Incoming::Restart => {
                // Under keys, the cache distinguishes calls from before a restart, and keeps those of other peers.
                if !T::Framing::KEYED {
                    replay.forget();
                }
                Ok(Served::Restart)
            }
            Incoming::Met => Ok(Served::Message),
            Incoming::TimeUp => Ok(Served::TimeUp),
            Incoming::End => Ok(Served::End),
        }
    }

    /// Returns an error if the largest reply does not fit into the transmit buffer.
    #[inline]
    pub(crate) fn check_room<S>(&mut self, table: &Table<S>) -> Result<(), LinkError<T::Error>> {
        let (needed, available) = (table.reply_max(), self.room().len());
        if available < needed { Err(LinkError::BufferTooSmall { needed, available }) } else { Ok(()) }
    }

    /// Answers a received message if it is a call.
    #[inline]
    pub(crate) fn respond<S, R: Replay>(
        &mut self,
        span: Span,
        replay: &mut R,
        table: &Table<S>,
        state: &mut S,
        deadline: Time,
    ) -> Result<(), LinkError<T::Error>> {
        self.respond_by(span, deadline, |form, origin, message, room| {
            replay.answer(form, origin, table, state, message, room)
        })
    }

    /// Answers a received message by `answer` and sends the reply.
    #[inline(always)]
    pub(crate) fn respond_by(
        &mut self,
        span: Span,
        deadline: Time,
        answer: impl FnOnce(Option<Form>, Origin<'_>, &[u8], &mut [u8]) -> Option<usize>,
    ) -> Result<(), LinkError<T::Error>> {
        let address = self.transport().peer();
        let sender = self.framing.sender();
        let largest = self.framing.largest_reply(sender).unwrap_or(usize::MAX);
        let (message, room) = self.message_and_room(span);
        // A procedure runs only if its largest reply fits this buffer and that of the peer.
        let length = room.len().min(largest);
        let room = room.get_mut(..length).unwrap_or_default();
        let form = T::Framing::SHORT.then_some(span.form::<T::Framing>());
        match answer(form, Origin::from(address.as_ref()).with_sender(sender), message, room) {
            Some(length) => {
                let form = form.map_or(Form::Full, |form| form_of_reply(form, room));
                let deadline = deadline.min(self.reply_deadline());
                self.send_reply(form, sender, length, deadline)
            }
            None => Ok(()),
        }
    }
}
