//! What one level of nesting needs.

use crate::message::Form;

/// The buffers of one level of a [`NestedEndpoint`](crate::NestedEndpoint), and what is known of the call that is served on it.
pub struct Level<B> {
    /// Those of the call and of its reply; lent while its procedure runs.
    pub(super) buffers: Option<Buffers<B>>,
    /// The call whose procedure runs on this level.
    pub(super) running: Option<Running>,
    /// The xid of the call that waits while this level serves.
    pub(super) waiting: Option<u32>,
    early: B,
    kept: Kept,
}

/// The levels of a [`NestedEndpoint`](crate::NestedEndpoint), from the outermost: an array of [`Level`].
pub trait Levels {
    /// What lends bytes, for the levels and for the link.
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

/// What a procedure works with while it runs.
pub(super) struct Buffers<B> {
    pub call: B,
    pub reply: B,
}

/// What makes a call the same call: its xid, its size and a checksum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Running {
    pub xid: u32,
    pub length: usize,
    pub check: u32,
}

/// The reply to the call that waits below this level, if it came while a procedure of this level waited itself.
#[derive(Clone, Copy)]
pub(super) enum Kept {
    Nothing,
    Reply { form: Form, length: usize },
    TooLarge { size: u32 },
}

impl<B: AsMut<[u8]>> Level<B> {
    /// A level that serves calls of at most as many bytes as `call` has, by replies of at most as many as `reply` has. All are
    /// sizes before framing: `CALL_MAX` and [`Table::reply_max`](crate::Table::reply_max). A larger call is refused with
    /// GARBAGE_ARGS, and a procedure with a larger reply is refused with SYSTEM_ERR and does not run.
    ///
    /// `early` holds the reply to a call that waits further out, if it comes while a procedure of this level waits: as many
    /// bytes as the largest reply to a call of this end, the peer's `REPLY_MAX`. A larger one ends its call in
    /// [`CallError::ReplyTooLarge`](crate::CallError::ReplyTooLarge). The innermost level does not use it: it may be empty.
    pub const fn new(call: B, reply: B, early: B) -> Self {
        Self { buffers: Some(Buffers { call, reply }), running: None, waiting: None, early, kept: Kept::Nothing }
    }

    /// Begins to wait for the reply to this call.
    pub(super) fn wait_for(&mut self, xid: u32) {
        self.waiting = Some(xid);
        self.kept = Kept::Nothing;
    }

    /// Keeps the reply to the call that waits, of which `message` are the first of `size` bytes.
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

    /// The bytes of a reply that was kept.
    pub(super) fn reply(&mut self, length: usize) -> &[u8] {
        self.early.as_mut().get(..length).unwrap_or_default()
    }
}
