//! The steps of a call, for callers that make it again over another connection (`oncilla-host`).
//!
//! A caller that lends results for `'c` cannot call [`Caller::call`](super::Caller::call) in a loop: a failed attempt
//! would hold the borrow, too. With these steps the loop ends before the results are lent.

use super::{Authenticate, CallError, Client, Outgoing, drop_stranger};
use crate::codec::Writer;
use crate::link::{Buffers, Span, Transport};
use crate::message::ProcedureId;
use crate::xdr::EncodeError;

#[doc(hidden)]
impl<T: Transport, B: Buffers, A: Authenticate> Client<T, B, A> {
    /// Takes the identity of the next call, which all its attempts share.
    ///
    /// It includes the form: a replay cache compares all bytes of a call.
    pub fn identify(&mut self, id: ProcedureId) -> Outgoing {
        self.calling.next(&mut self.link, id)
    }

    /// Makes one attempt of a call, and returns the place of its reply in the receive buffer.
    ///
    /// # Errors
    /// As [`Caller::call`](super::Caller::call).
    pub fn attempt(
        &mut self,
        call: Outgoing,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Span, CallError<T::Error>> {
        self.calling.make(&mut self.link, |_, _| call, arguments, drop_stranger)
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
