//! At most once: a call that comes again is answered again, not executed again.

mod cache;
mod enough;
mod lent;
mod line;
mod shared;
mod siphash;
mod slots;

use core::net::SocketAddr;

use crate::message::Form;
use crate::server::answer::answer_form;
use crate::server::table::Table;
pub use cache::{ReplayCache, SharedReplayCache};
pub use lent::{ReplayMemory, SharedReplayMemory};

/// How a server treats a call that comes again: a [`ReplayCache`] or a [`SharedReplayCache`] remembers its reply, `()`
/// does not and carries it out again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not remember replies",
    label = "this is not a replay memory",
    note = "use `oncilla::ReplayCache::<4, REPLY_MAX>::new()` or a `ReplayMemory`, or `()` to remember nothing"
)]
pub trait Replay {
    /// Answers one message, in `form` where there are two, as [`answer_from`](crate::answer_from) does for standard ones; a
    /// reply with results is in the same form, a refusal in the full one.
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize>;

    /// Forgets every reply: the peers have restarted, and their calls are new whatever they look like.
    fn forget(&mut self);
}

/// A memory of replies that many peers share: [`SharedReplayCache`] or [`SharedReplayMemory`].
///
/// Servers for many peers ask for it where messages can be lost, so that neither `()` nor the memory of one peer is lent
/// to them by mistake.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not remember the replies of many peers",
    note = "lend a `SharedReplayCache` or a `SharedReplayMemory`; a `ReplayCache` is for the one peer of a line"
)]
pub trait SharedReplay: Replay {}

impl<R: SharedReplay> SharedReplay for &mut R {}

/// Nothing is remembered.
impl Replay for () {
    #[inline]
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        answer_form(self, form, peer, table, state, message, reply)
    }

    fn forget(&mut self) {}
}

/// Replies are remembered in what is lent, such as a static.
#[diagnostic::do_not_recommend]
impl<R: Replay> Replay for &mut R {
    #[inline]
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        R::answer(self, form, peer, table, state, message, reply)
    }

    fn forget(&mut self) {
        R::forget(self);
    }
}

/// A memory of replies that is asked before a procedure runs and told after it, so that others may use it meanwhile;
/// [`Replay::answer`] has it to itself as long as the procedure runs.
pub trait Remembers {
    /// Whether it remembers at all.
    #[doc(hidden)]
    const REMEMBERS: bool = true;

    /// Bytes of the largest reply that can be kept.
    #[doc(hidden)]
    fn reply_max(&self) -> usize;

    /// Looks for the reply to a call, which is `message` and whose xid is in `identity`, and puts the rest there.
    #[doc(hidden)]
    fn recall(
        &self,
        identity: &mut Identity,
        form: Form,
        peer: Option<&SocketAddr>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled;

    /// Keeps the reply to a call that was new, or that there was none, in place of another.
    #[doc(hidden)]
    fn remember(&mut self, identity: &Identity, reply: Option<&[u8]>);

    /// Counts a call in the short form that is not known, so that no reply is left when its xid comes again.
    #[doc(hidden)]
    fn grow_older(&mut self);

    /// Forgets every reply.
    #[doc(hidden)]
    fn clear(&mut self);
}

/// What makes a call the same call, as far as a memory asks: the xid, a check of its bytes, the peer.
pub type Identity = [u32; 9];

/// What is known of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// Nothing: it is to be executed.
    New,
    /// It was executed. The bytes of its reply, if it got one, are at the start of the room.
    Known(Option<usize>),
    /// It cannot be told apart from that of another peer, and so must not be executed.
    Ambiguous,
}

impl Remembers for () {
    const REMEMBERS: bool = false;

    #[inline]
    fn reply_max(&self) -> usize {
        usize::MAX
    }

    #[inline]
    fn recall(&self, _: &mut Identity, _: Form, _: Option<&SocketAddr>, _: &[u8], _: &mut [u8]) -> Recalled {
        Recalled::New
    }

    #[inline]
    fn remember(&mut self, _: &Identity, _: Option<&[u8]>) {}

    #[inline]
    fn grow_older(&mut self) {}

    #[inline]
    fn clear(&mut self) {}
}

/// Remembers nothing, and notes whether a procedure ran whose reply should be remembered.
pub(crate) struct Noted(pub bool);

impl Remembers for Noted {
    fn reply_max(&self) -> usize {
        usize::MAX
    }

    fn recall(&self, _: &mut Identity, _: Form, _: Option<&SocketAddr>, _: &[u8], _: &mut [u8]) -> Recalled {
        Recalled::New
    }

    fn remember(&mut self, _: &Identity, _: Option<&[u8]>) {
        self.0 = true;
    }

    fn grow_older(&mut self) {}

    fn clear(&mut self) {}
}

/// A memory behind a public type answers by [`answer_form`].
macro_rules! replay_by_memory {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $crate::Remembers for $type {
            fn reply_max(&self) -> usize {
                self.0.reply_max()
            }

            fn recall(
                &self,
                identity: &mut super::Identity,
                form: $crate::message::Form,
                peer: Option<&core::net::SocketAddr>,
                message: &[u8],
                reply: &mut [u8],
            ) -> super::Recalled {
                self.0.recall(identity, form, peer, message, reply)
            }

            fn remember(&mut self, identity: &super::Identity, reply: Option<&[u8]>) {
                self.0.remember(identity, reply);
            }

            fn grow_older(&mut self) {
                self.0.grow_older();
            }

            fn clear(&mut self) {
                self.0.clear();
            }
        }

        impl<$($generics)*> $crate::Replay for $type {
            fn answer<S>(
                &mut self,
                form: Option<$crate::message::Form>,
                peer: Option<&core::net::SocketAddr>,
                table: &$crate::Table<S>,
                state: &mut S,
                message: &[u8],
                reply: &mut [u8],
            ) -> Option<usize> {
                super::answer_form(&mut self.0, form, peer, table, state, message, reply)
            }

            fn forget(&mut self) {
                self.0.clear();
            }
        }
    };
}
use replay_by_memory;
