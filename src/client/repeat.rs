//! The steps of a call, for callers that make it again over another connection (`oncilla-host`).
//!
//! A caller that lends results for `'c` cannot call [`Caller::call`](super::Caller::call) in a loop: a failed attempt
//! would hold the borrow, too. With these steps the loop ends before the results are lent.

use super::{Authenticate, CallError, Client, drop_stranger};
use crate::codec::Writer;
use crate::link::{Buffers, Span, Transport};
use crate::message::ProcedureId;
use crate::xdr::EncodeError;

#[doc(hidden)]
impl<T: Transport, B: Buffers, A: Authenticate> Client<T, B, A> {
    /// Returns the xid of the next call.
    pub const fn next_xid(&self) -> u32 {
        self.calling.serial()
    }

    /// Sets the xid of the next call, for example to that of the last one: then it is the same call again.
    pub const fn set_next_xid(&mut self, xid: u32) {
        self.calling.set_serial(xid);
    }

    /// Makes one call, and returns the place of its reply in the receive buffer.
    ///
    /// # Errors
    /// As [`Caller::call`](super::Caller::call).
    pub fn exchange(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Span, CallError<T::Error>> {
        self.calling.call(&mut self.link, id, arguments, drop_stranger)
    }

    /// Returns the results in the reply at `span`.
    ///
    /// # Errors
    /// [`CallError::Refused`] and [`CallError::Reply`].
    pub fn outcome(&mut self, span: Span) -> Result<&[u8], CallError<T::Error>> {
        self.calling.results(&mut self.link, span)
    }

    /// Returns whether the peer has introduced itself on a serial line.
    pub fn is_met(&mut self) -> bool {
        self.link.is_known()
    }

    /// Makes the next call begin with a hello on a serial line: the peer may be another one.
    pub fn doubt_peer(&mut self) {
        self.link.doubt();
    }
}
