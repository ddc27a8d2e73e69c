//! The memory of one level of nesting.

use crate::message::Form;

/// The buffers of one level of a [`NestedEndpoint`](crate::NestedEndpoint).
///
/// Also holds the state of the call that is served on the level.
pub struct Level<B> {
    /// The buffers of the call and of its reply; taken out while its procedure runs.
    pub(super) buffers: Option<Buffers<B>>,
    /// The call whose procedure runs on this level.
    pub(super) running: Option<Running>,
    /// The xid of the own call that waits while this level serves.
    pub(super) waiting: Option<u32>,
    early: B,
    kept: Kept,
}

/// The levels of a [`NestedEndpoint`](crate::NestedEndpoint), outermost first: an array of [`Level`].
pub trait Levels {
    /// The type of the buffers of the levels and of the link.
    type Buffer: AsMut<[u8]>;

    #[doc(hidden)]
    fn levels(&mut self) -> &mut [Level<Self::Buffer>];
}

impl<B: AsMut<[u8]>, const N: usize> Levels for [Level<B>; N] {
    type Buffer = B;

    #[inline]
    fn levels(&mut self) -> &mut [Level<B>] {
        self
    }
}

/// The buffers of a procedure while it runs.
pub(super) struct Buffers<B> {
    pub call: B,
    pub reply: B,
}

/// What identifies a retransmitted call: its xid, its size and a checksum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Running {
    pub xid: u32,
    pub length: usize,
    pub check: u32,
}

/// A reply that came early.
///
/// It is the reply to the own call that waits while this level serves, and came while a procedure of this level waited
/// itself.
#[derive(Clone, Copy)]
pub(super) enum Kept {
    Nothing,
    Reply { form: Form, length: usize },
    TooLarge { size: u32 },
}

impl<B: AsMut<[u8]>> Level<B> {
    /// Creates a level from three buffers. All sizes are before framing.
    ///
    /// - `call` holds the call that is served: `CALL_MAX` bytes. A larger call is refused with GARBAGE_ARGS.
    /// - `reply` holds its reply: [`Table::reply_max`](crate::Table::reply_max) bytes. A procedure with a larger reply
    ///   is refused with SYSTEM_ERR and does not run.
    /// - `early` holds the reply to an outer call of this endpoint, if it arrives while a procedure of this level
    ///   waits: the peer's `REPLY_MAX` bytes. A larger reply ends its call with
    ///   [`CallError::ReplyTooLarge`](crate::CallError::ReplyTooLarge). The innermost level does not use `early`; it may
    ///   be empty.
    pub const fn new(call: B, reply: B, early: B) -> Self {
        Self { buffers: Some(Buffers { call, reply }), running: None, waiting: None, early, kept: Kept::Nothing }
    }

    /// Begins to wait for the reply to this call.
    pub(super) fn wait_for(&mut self, xid: u32) {
        self.waiting = Some(xid);
        self.kept = Kept::Nothing;
    }

    /// Keeps the reply to the waiting call.
    ///
    /// If the receive buffer could not hold it, `size` is its size.
    pub(super) fn keep(&mut self, form: Form, message: &[u8], size: Option<u32>) {
        let length = message.len();
        self.kept = match (size, self.early.as_mut().get_mut(..length)) {
            (None, Some(place)) => {
                place.copy_from_slice(message);
                Kept::Reply { form, length }
            }
            _ => Kept::TooLarge { size: size.or(u32::try_from(length).ok()).unwrap_or(u32::MAX) },
        };
    }

    pub(super) const fn kept(&self) -> Kept {
        self.kept
    }

    /// Returns the bytes of the kept reply.
    pub(super) fn reply(&mut self, length: usize) -> &[u8] {
        self.early.as_mut().get(..length).unwrap_or_default()
    }
}
