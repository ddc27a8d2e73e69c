//! The memory of replies, asked before a procedure runs and told of its reply afterwards.
//!
//! [`Replay::answer`] does both, and has the memory to itself as long as the procedure runs. Here procedures that are called
//! meanwhile need it, too.

use core::net::SocketAddr;

use crate::message::Form;
use crate::replay::{Fingerprint, Replay, Slots};

/// A memory of replies that is used before and after a procedure, and by others meanwhile.
pub trait Remembers: Replay {
    /// Bytes of the largest reply that can be kept; `None` if nothing is remembered.
    #[doc(hidden)]
    fn limit(&self) -> Option<usize>;

    /// The reply that was given to this call, if it is known, copied to the start of `reply`.
    #[doc(hidden)]
    fn recall(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<Option<usize>>;

    /// Keeps the reply to this call, or that there was none.
    #[doc(hidden)]
    fn remember(&mut self, form: Option<Form>, peer: Option<&SocketAddr>, message: &[u8], reply: Option<&[u8]>);
}

impl Remembers for () {
    #[inline]
    fn limit(&self) -> Option<usize> {
        None
    }

    #[inline]
    fn recall(&mut self, _: Option<Form>, _: Option<&SocketAddr>, _: &[u8], _: &mut [u8]) -> Option<Option<usize>> {
        None
    }

    #[inline]
    fn remember(&mut self, _: Option<Form>, _: Option<&SocketAddr>, _: &[u8], _: Option<&[u8]>) {}
}

impl<M: Slots + Replay> Remembers for M {
    fn limit(&self) -> Option<usize> {
        Some(self.reply_max())
    }

    fn recall(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<Option<usize>> {
        let call = Fingerprint::of(form, peer, message)?;
        if let Some(known) = Slots::recall(self, call, reply) {
            return Some(known);
        }
        if form == Some(Form::Short) {
            self.grow_older();
        }
        None
    }

    fn remember(&mut self, form: Option<Form>, peer: Option<&SocketAddr>, message: &[u8], reply: Option<&[u8]>) {
        if let Some(call) = Fingerprint::of(form, peer, message) {
            Slots::remember(self, call, reply);
        }
    }
}
