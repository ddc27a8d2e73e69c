//! Replay caches: a repeated call is answered again but not executed again.

mod cache;
mod enough;
mod lent;
mod line;
mod shared;
mod siphash;
mod slots;

use crate::message::{Form, Origin, Refusal};
use crate::server::answer::answer_form;
use crate::server::table::Table;
pub use cache::{ReplayCache, SharedReplayCache};
pub use lent::{ReplayMemory, SharedReplayMemory};

/// A replay cache, or `()` for none: how a server treats repeated calls.
///
/// A client that gets no reply may retransmit its call. With a [`ReplayCache`] or a [`SharedReplayCache`], the server
/// answers the repeated call with the stored reply. With `()`, the server executes it again.
///
/// Pass it to [`Link::serve_next_once`](crate::Link::serve_next_once) or
/// [`Endpoint::with_replay`](crate::Endpoint::with_replay).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a replay cache",
    label = "this does not remember replies",
    note = "use `oncilla::ReplayCache::<4, REPLY_MAX>::new()` or a `ReplayMemory`, or `()` to remember nothing"
)]
pub trait Replay {
    /// Answers one message, as [`answer_from`](crate::answer_from) does, with this cache.
    ///
    /// `form` is the form of the message on a link with two forms, and `None` elsewhere. Results have the same form;
    /// refusals have the full form.
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        origin: Origin<'_>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize>;

    /// Clears the cache: the peers have restarted, and their calls are new even if they look like earlier ones.
    fn forget(&mut self);
}

/// A replay cache that many peers share: [`SharedReplayCache`] or [`SharedReplayMemory`].
///
/// Servers for many peers require it where messages can be lost. This prevents the use of `()` or of a cache for one
/// peer by mistake.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a replay cache for many peers",
    note = "use a `SharedReplayCache` or a `SharedReplayMemory`; a `ReplayCache` is for the one peer of a line"
)]
pub trait SharedReplay: Replay {}

impl<R: SharedReplay> SharedReplay for &mut R {}

/// No replay cache: repeated calls are executed again.
impl Replay for () {
    #[inline]
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        origin: Origin<'_>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        answer_form(self, form, origin, table, state, message, reply)
    }

    fn forget(&mut self) {}
}

/// A replay cache by reference, for example one in a static.
#[diagnostic::do_not_recommend]
impl<R: Replay> Replay for &mut R {
    #[inline]
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        origin: Origin<'_>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        R::answer(self, form, origin, table, state, message, reply)
    }

    fn forget(&mut self) {
        R::forget(self);
    }
}

/// A replay cache that is used before and after a procedure, not during it.
///
/// Therefore nested calls can use it while the procedure runs. [`Replay::answer`] borrows the cache for the whole call.
pub trait Remembers {
    /// Whether it stores anything.
    #[doc(hidden)]
    const REMEMBERS: bool = true;

    /// Returns the bytes of the largest reply that fits.
    #[doc(hidden)]
    fn reply_max(&self) -> usize;

    /// Looks up the reply to a call and copies it to the start of `reply`.
    ///
    /// The call is `message`. On entry `identity` contains its xid; the function adds the rest.
    #[doc(hidden)]
    fn recall(
        &self,
        identity: &mut Identity,
        form: Form,
        origin: Origin<'_>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled;

    /// Stores the reply to a new call, or that it had none, replacing an older one.
    #[doc(hidden)]
    fn remember(&mut self, identity: &Identity, reply: Option<&[u8]>);

    /// Counts an unknown call in the short form.
    ///
    /// Old replies are removed, so that its xid finds none of them when it is used again.
    #[doc(hidden)]
    fn grow_older(&mut self);

    /// Notes the outcome of a call that is not repeated, and whether its procedure ran.
    ///
    /// Caches do nothing here. [`answer_observed`](crate::answer_observed) learns the outcome by it.
    #[doc(hidden)]
    #[inline]
    fn note(&mut self, _outcome: Result<usize, Refusal>, _ran: bool) {}

    /// Clears the cache.
    #[doc(hidden)]
    fn clear(&mut self);
}

/// What identifies a call in a replay cache: its xid, a check of its bytes, and its peer.
pub type Identity = [u32; 9];

/// The result of looking up a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// The call is unknown and must be executed.
    New,
    /// The call was executed. The bytes of its reply, if it has one, are at the start of the room.
    Known(Option<usize>),
    /// The cache cannot distinguish the call from one of another peer.
    ///
    /// It must not be executed.
    Ambiguous,
}

impl Remembers for () {
    const REMEMBERS: bool = false;

    #[inline]
    fn reply_max(&self) -> usize {
        usize::MAX
    }

    #[inline]
    fn recall(&self, _: &mut Identity, _: Form, _: Origin<'_>, _: &[u8], _: &mut [u8]) -> Recalled {
        Recalled::New
    }

    #[inline]
    fn remember(&mut self, _: &Identity, _: Option<&[u8]>) {}

    #[inline]
    fn grow_older(&mut self) {}

    #[inline]
    fn clear(&mut self) {}
}

/// Stores no replies, but notes whether a procedure ran whose reply should be remembered.
///
/// For servers that ask a replay cache before and after a procedure, not during it.
#[derive(Debug)]
pub struct Noted(pub bool);

impl Remembers for Noted {
    fn reply_max(&self) -> usize {
        usize::MAX
    }

    fn recall(&self, _: &mut Identity, _: Form, _: Origin<'_>, _: &[u8], _: &mut [u8]) -> Recalled {
        Recalled::New
    }

    fn remember(&mut self, _: &Identity, _: Option<&[u8]>) {
        self.0 = true;
    }

    fn grow_older(&mut self) {}

    fn clear(&mut self) {}
}

/// Implements the public traits for a type that wraps a cache.
macro_rules! replay_by_cache {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $crate::Remembers for $type {
            fn reply_max(&self) -> usize {
                self.0.reply_max()
            }

            fn recall(
                &self,
                identity: &mut super::Identity,
                form: $crate::message::Form,
                origin: $crate::message::Origin<'_>,
                message: &[u8],
                reply: &mut [u8],
            ) -> super::Recalled {
                self.0.recall(identity, form, origin, message, reply)
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
                origin: $crate::message::Origin<'_>,
                table: &$crate::Table<S>,
                state: &mut S,
                message: &[u8],
                reply: &mut [u8],
            ) -> Option<usize> {
                super::answer_form(&mut self.0, form, origin, table, state, message, reply)
            }

            fn forget(&mut self) {
                self.0.clear();
            }
        }
    };
}
use replay_by_cache;
